"""A file that came by one channel goes out by any other: every pair, against the stand-ins, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.base import (
    MOST_FILE_BYTES,
    Address,
    Channel,
    FileGone,
    FileTooBig,
    PermanentDeliveryError,
    TemporaryDeliveryError,
)
from bot.channels.local import LocalChannel
from bot.channels.slack import Slack
from bot.channels.slack import downloads as slack_downloads
from bot.channels.slack.attached import attached
from bot.channels.telegram import Api, Telegram
from bot.channels.telegram.content import attachments_of
from bot.content_files import ContentFiles
from bot.file_sources import FileSources
from bot.sandbox.slack.faults import Fault, Kind
from bot.sandbox.slack_api import SlackStandIn
from bot.sandbox.telegram import faults
from bot.sandbox.telegram.refusal import bad_request
from bot.sandbox.telegram.server import serving
from bot.sandbox.telegram_api import TelegramStandIn
from handlers.attachments import Attachment, AttachmentKind
from handlers.messages import Reply

PDF = b"%PDF-1.7 a receipt"


class World:
    """Anna writes by Telegram and by Slack; `send` and `came` are by channel."""

    def __init__(self, telegram: TelegramStandIn, slack: SlackStandIn, content: Path) -> None:
        self.telegram, self.slack = telegram, slack
        self.on_telegram, self.on_slack = telegram.person("Anna"), slack.person("Anna")
        self.on_telegram.types("hej")
        self.files = FileSources(ContentFiles(content))
        self.api = Api(telegram.token, telegram.url)
        self.channels: dict[str, Channel] = {
            "telegram": Telegram(self.api, 1000.0, self.files),
            "slack": Slack(slack.app.bot_token, slack.api_url, 1000.0, self.files),
        }
        for channel in self.channels.values():
            self.files.add(channel)
        self.to = {"telegram": Address(str(self.on_telegram.id)), "slack": Address(self.on_slack.dm.id)}

    def came(self, source: str, kind: str = "document", size: int | None = None) -> Attachment:
        """A file of Anna's, as the channel's gate reads it."""
        if source == "content":
            return Attachment(AttachmentKind.DOCUMENT, "content:paragon.pdf", "paragon.pdf", "application/pdf")
        if source == "telegram":
            message = self.on_telegram.sends_file(kind, "paragon.pdf", PDF, size=size)
            return attachments_of(message.json())[0]
        mimetype = "image/png" if kind == "photo" else "application/pdf"
        name = "paragon.png" if kind == "photo" else "paragon.pdf"
        said = self.on_slack.uploads(name, PDF, mimetype, text="proszę", size=size)
        return attached(said.wire())[0]

    def got(self, place: str) -> tuple[str, bytes | None]:
        """Name and content of the last file that the bot sent there."""
        if place == "telegram":
            sent = self.on_telegram.sees()[-1]
            content = self.telegram.world.message(self.on_telegram.chat, sent.message_id)
            assert content is not None
            told = content.content[sent.file]
            stored = self.telegram.world.files.by_id[(told[-1] if isinstance(told, list) else told)["file_id"]]
            return stored.name, stored.content
        posted = self.slack.space.talk.of(self.on_slack.dm.id)[-1]
        file = self.slack.space.files.find(posted.body["files"][0]["id"])
        assert file is not None
        return file.name, file.content


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "paragon.pdf").write_bytes(PDF)
    async with TelegramStandIn() as telegram, SlackStandIn() as slack:
        telegram.pace.is_kept = slack.pace.is_kept = False
        world = World(telegram, slack, tmp_path)
        yield world
        await world.api.close()
        await world.channels["slack"].aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("place", ["telegram", "slack"])
@pytest.mark.parametrize("source", ["content", "telegram", "slack"])
async def test_a_file_from_anywhere_arrives_everywhere(world: World, source: str, place: str) -> None:
    file = world.came(source)
    await world.channels[place].send(world.to[place], Reply("", files=(file,)), "k1")
    assert world.got(place) == ("paragon.pdf", PDF)
    assert await world.files(file) == PDF


async def test_a_photo_without_a_name_is_called_what_it_is(world: World) -> None:
    photo = world.came("telegram", "photo")
    assert photo.name is None
    await world.channels["slack"].send(world.to["slack"], Reply("", files=(photo,)), "k1")
    assert world.got("slack") == ("photo.jpg", PDF)


@pytest.mark.parametrize("words", ["IMAGE_PROCESS_FAILED", "PHOTO_INVALID_DIMENSIONS"])
async def test_an_image_that_telegram_takes_for_no_photo_arrives_as_a_document(world: World, words: str) -> None:
    world.telegram.faults.next("sendPhoto", faults.refusal(bad_request(words)))
    photo = world.came("slack", "photo")
    assert photo.kind is AttachmentKind.PHOTO
    await world.channels["telegram"].send(world.to["telegram"], Reply("", files=(photo,)), "k1")
    assert world.on_telegram.sees()[-1].file == "document"
    assert world.got("telegram") == ("paragon.png", PDF)


@pytest.mark.parametrize("source", ["telegram", "slack"])
async def test_what_is_too_big_is_refused_before_it_is_fetched(world: World, source: str) -> None:
    file = world.came(source, size=MOST_FILE_BYTES + 1)
    with pytest.raises(FileTooBig, match="larger than 20 MB"):
        await world.files(file)
    assert [entry for entry in world.telegram.journal.entries if entry.method == "file"] == []
    assert world.slack.journal.of("download") == []


async def test_what_turns_out_to_be_too_big_is_not_read_to_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_downloads, "MOST_FILE_BYTES", 5)
    with pytest.raises(FileTooBig):
        await world.files(world.came("slack", size=3))


@pytest.mark.parametrize(
    "reference", ["telegram:AgACgone", "slack:F404", "content:gone.pdf", "carrier-pigeon:1", "local:1", ""]
)
async def test_a_file_that_is_nowhere_is_gone_for_good(world: World, reference: str) -> None:
    world.files.add(LocalChannel())
    with pytest.raises(FileGone):
        await world.files(Attachment(AttachmentKind.DOCUMENT, reference))


async def test_a_channel_knows_its_own_files_only(world: World) -> None:
    for name, channel in world.channels.items():
        with pytest.raises(FileGone):
            await channel.fetch(Attachment(AttachmentKind.DOCUMENT, f"not-{name}:1"))


@pytest.mark.parametrize("fault", [faults.html(), faults.reset(), faults.server_error(), faults.rate_limit(9)])
async def test_a_telegram_in_trouble_is_asked_again_later(world: World, fault: faults.Fault) -> None:
    file = world.came("telegram")
    world.telegram.faults.next("getFile", fault)
    with pytest.raises(TemporaryDeliveryError):
        await world.files(file)
    assert await world.files(file) == PDF


async def test_no_error_of_a_download_tells_the_token(world: World) -> None:
    file = world.came("telegram")
    world.telegram.world.files.at = lambda _path: None  # type: ignore[method-assign] # the way is good for an hour
    with pytest.raises(TemporaryDeliveryError) as raised:
        await world.files(file)
    error: BaseException | None = raised.value
    assert world.telegram.token not in f"{error!r} {error}"
    assert error is not None
    assert error.__suppress_context__, "nor does the log's trace, which follows the causes"


@pytest.mark.parametrize("method", ["files.info", "download"])
@pytest.mark.parametrize("kind", [Kind.SERVER_ERROR, Kind.UNAVAILABLE, Kind.RESET, Kind.RATE_LIMIT])
async def test_a_slack_in_trouble_is_asked_again_later(world: World, method: str, kind: Kind) -> None:
    file = world.came("slack")
    fault = world.slack.faults.add(Fault(method, kind, times=None))
    with pytest.raises(TemporaryDeliveryError) as raised:
        await world.files(file)
    assert (raised.value.retry_after == 30) == (kind is Kind.RATE_LIMIT)
    fault.times = 0
    world.slack.faults.clear()
    assert await world.files(file) == PDF


@pytest.mark.parametrize("redirects", [False, True])
async def test_slacks_login_page_is_not_taken_for_the_file(world: World, redirects: bool) -> None:
    file = world.came("slack")
    channel = world.channels["slack"]
    assert isinstance(channel, Slack)
    world.slack.file_pages.redirects_to_login = redirects
    assert channel.client.web, "the SDK has the right token, the download will not"
    channel.client._bot_token = "xoxb-wrong"
    with pytest.raises(PermanentDeliveryError, match="login page"):
        await world.files(file)


async def test_half_a_file_is_not_a_file(world: World) -> None:
    file = world.came("slack", size=len(PDF) + 1)
    with pytest.raises(TemporaryDeliveryError, match="not the whole file"):
        await world.files(file)


async def test_slacks_token_goes_to_slack_alone(world: World) -> None:
    asked: list[dict[str, str]] = []

    async def answer(request: Request) -> Response:
        asked.append(dict(request.headers))
        return Response(PDF, headers={"location": "http://127.0.0.1:9/"})

    async with serving(Starlette(routes=[Route("/{path:path}", answer)])) as elsewhere:
        said = world.on_slack.uploads("x.pdf", PDF, "application/pdf", external_url=f"{elsewhere}/x.pdf")
        file = attached(said.wire())[0]
        with pytest.raises(PermanentDeliveryError, match="somebody else"):
            await world.files(file)
        stored = world.slack.space.files.find(file.reference.partition(":")[2])
        assert stored is not None
        told = stored.info
        stored.info = lambda base: {**told(base), "is_external": False}  # type: ignore[method-assign]
        with pytest.raises(PermanentDeliveryError, match="somebody else"):
            await world.files(file)
    assert asked == []
