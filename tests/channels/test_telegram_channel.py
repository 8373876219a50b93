"""Sending to Telegram: what people see, and each refusal in Telegram's own words (PLATFORM 12).

Not here, because we never do it: MarkdownV2; albums; captions.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.channels.base import (
    Address,
    Budget,
    ChatMoved,
    PermanentDeliveryError,
    Profile,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from bot.channels.telegram import Api, Telegram
from bot.channels.telegram import api as api_module
from bot.content_files import ContentFiles, FileGone
from bot.sandbox.telegram import faults
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.refusal import Refused, bad_request, conflict, forbidden
from bot.sandbox.telegram_api import TelegramStandIn
from handlers.attachments import Attachment, AttachmentKind
from handlers.buttons import Button
from handlers.errors import SupportError
from handlers.messages import Reply

FILES = {"content:form.pdf": b"%PDF-1.7 a form", "content:map.jpg": b"\xff\xd8\xff a map", "content:empty": b""}


class HealthHeard:
    def __init__(self) -> None:
        self.problems: list[str] = []

    async def unwell(self, problem: str) -> None:
        self.problems.append(problem)


class Scene:
    def __init__(self, api: TelegramStandIn, channel: Telegram, health: HealthHeard) -> None:
        self.api = api
        self.channel = channel
        self.health = health
        self.anna: Person = api.person("Anna")
        self.anna.types("hej")

    async def say(self, text: str = "Dzień dobry", *buttons: Button, to: Address | None = None, **more: Any) -> str:
        return await self.channel.send(to or Address(str(self.anna.id)), Reply(text, buttons, **more), "key")

    async def refused(self, fault: faults.Fault, method: str = "sendMessage") -> SupportError:
        self.api.faults.next(method, fault)
        with pytest.raises(SupportError) as caught:
            await self.say()
        return caught.value

    def seen(self) -> list[str]:
        return [message.text for message in self.anna.sees() if message.is_bot]

    def asked(self, method: str = "sendMessage") -> list[dict[str, Any]]:
        return [entry.arguments for entry in self.api.journal.calls(method)]


async def bytes_of(attachment: Attachment) -> bytes:
    return FILES[attachment.reference]


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with TelegramStandIn(tick_seconds=None) as stand_in:
        api, health = Api(stand_in.token, stand_in.url), HealthHeard()
        yield Scene(stand_in, Telegram(api, 25.0, bytes_of, health), health)  # type: ignore[arg-type]
        await api.close()


async def test_a_reply_is_shown_with_emphasis_and_without_a_preview_of_its_link(scene: Scene) -> None:
    sent = await scene.say("**Zwrot** przez [formularz](https://sklep.example/z)")
    seen = scene.anna.sees()[-1]
    assert (seen.text, str(seen.message_id)) == ("Zwrot przez formularz", sent)
    assert [entity["type"] for entity in seen.entities] == ["bold", "text_link"]
    [asked] = scene.asked()
    assert asked["parse_mode"] == "HTML"
    assert asked["link_preview_options"] == {"is_disabled": True}


async def test_buttons_stand_under_the_reply(scene: Scene) -> None:
    await scene.say(
        "Czy to wszystko?", Button("Tak", "yes"), Button("Nie", "no"), Button("Porozmawiaj z nami", "human")
    )
    assert scene.anna.sees()[-1].buttons == (("Tak", "Nie"), ("Porozmawiaj z nami",))


async def test_a_long_reply_is_several_messages_with_the_buttons_under_the_last_text_and_files_after(
    scene: Scene,
) -> None:
    form = Attachment(AttachmentKind.DOCUMENT, "content:form.pdf", "formularz.pdf")
    reply = Reply("słowo " * 1_500, (Button("Tak", "yes"),), files=(form,))
    parts = scene.channel.split(reply)
    assert parts == scene.channel.split(reply)
    for part in parts:
        await scene.channel.send(Address(str(scene.anna.id)), part, "key")
    seen = [message for message in scene.anna.sees() if message.is_bot]
    assert [bool(message.text) for message in seen] == [True, True, True, False]
    assert [bool(message.buttons) for message in seen] == [False, False, True, False]
    assert seen[-1].file == "document"


def test_a_reply_of_files_alone_has_its_buttons_under_the_last_file() -> None:
    channel = Telegram(Api("1:x", "http://127.0.0.1:1"), 1.0, bytes_of)
    form = Attachment(AttachmentKind.DOCUMENT, "content:form.pdf")
    parts = channel.split(Reply("", (Button("Tak", "yes"),), files=(form, form)))
    assert [(len(part.files), len(part.buttons)) for part in parts] == [(1, 0), (1, 1)]
    assert channel.split(Reply("")) == (Reply(""),)


@pytest.mark.parametrize(
    ("kind", "reference", "file"),
    [
        (AttachmentKind.DOCUMENT, "content:form.pdf", "document"),
        (AttachmentKind.PHOTO, "content:map.jpg", "photo"),
    ],
)
async def test_a_file_of_ours_is_uploaded(scene: Scene, kind: AttachmentKind, reference: str, file: str) -> None:
    await scene.say("", files=(Attachment(kind, reference, "plik ąę.pdf"),))
    assert scene.anna.sees()[-1].file == file
    stored = {file.name: file.content for file in scene.api.world.files.by_id.values()}
    assert stored["plik ąę.pdf"] == FILES[reference]


async def test_a_file_telegram_has_already_is_sent_by_its_id(scene: Scene) -> None:
    theirs = scene.api.world.files.store("document", "paragon.pdf", b"%PDF")
    await scene.say("", files=(Attachment(AttachmentKind.DOCUMENT, f"telegram:{theirs.id}"),))
    assert scene.asked("sendDocument")[0]["document"] == theirs.id


async def test_a_file_that_cannot_be_read_is_given_up_and_not_taken_for_sent(scene: Scene) -> None:
    with pytest.raises(PermanentDeliveryError, match="cannot be read: KeyError"):
        await scene.say("", files=(Attachment(AttachmentKind.DOCUMENT, "content:gone.pdf"),))
    with pytest.raises(PermanentDeliveryError, match=r"(?i)file must be non-empty"):
        await scene.say("", files=(Attachment(AttachmentKind.DOCUMENT, "content:empty", "x"),))
    assert scene.seen() == []


async def test_a_file_that_is_gone_says_so_in_its_own_words() -> None:
    channel = Telegram(Api("1:x", "http://127.0.0.1:1"), 1.0, ContentFiles(Path("/nowhere")))
    gone = Reply("", files=(Attachment(AttachmentKind.DOCUMENT, "content:gone.pdf"),))
    with pytest.raises(FileGone, match=r"gone\.pdf"):
        await channel.send(Address("1"), gone, "key")


async def test_a_reply_goes_to_the_topic_it_belongs_to_and_to_the_group_once_that_is_gone(scene: Scene) -> None:
    group = scene.api.group("Osiedle", scene.anna, is_forum=True)
    group.chat.topics.add(77)
    to = Address(str(group.id), "77")
    await scene.say("w wątku", to=to)
    group.chat.topics.clear()
    await scene.say("już bez wątku", to=to)
    threads = [asked.get("message_thread_id") for asked in scene.asked()]
    assert [str(thread) for thread in threads] == ["77", "77", "None"]
    assert [message.text for message in scene.anna.sees(group)] == ["w wątku", "już bez wątku"]


async def test_html_that_is_refused_goes_out_as_plain_text_once(scene: Scene) -> None:
    told = bad_request('can\'t parse entities: Unsupported start tag "x" at byte offset 0')
    scene.api.faults.next("sendMessage", faults.refusal(told))
    await scene.say("**Zwrot**: [tu](https://sklep.example/z)")
    assert scene.seen() == ["Zwrot: tu (https://sklep.example/z)"]
    scene.api.faults.next("sendMessage", faults.refusal(told), times=2)
    with pytest.raises(PermanentDeliveryError, match=r"(?i)can't parse entities"):
        await scene.say()


async def test_too_many_requests_are_waited_out_as_long_as_telegram_says(scene: Scene) -> None:
    error = await scene.refused(faults.rate_limit(17))
    assert isinstance(error, TemporaryDeliveryError)
    assert error.retry_after == 17
    error = await scene.refused(faults.refusal(Refused(429, "Too Many Requests: retry later")))
    assert isinstance(error, TemporaryDeliveryError)


@pytest.mark.parametrize(
    "words",
    [
        "bot was blocked by the user", "user is deactivated", "bot can't initiate conversation with a user",
        "bot was kicked from the group chat", "bot was kicked from the supergroup chat",
        "bot is not a member of the supergroup chat", "the group chat was deleted",
    ],
)  # fmt: skip
async def test_who_does_not_want_us_to_write_is_not_written_to(scene: Scene, words: str) -> None:
    error = await scene.refused(faults.refusal(forbidden(words)))
    assert isinstance(error, PermanentDeliveryError)
    assert error.blocked
    assert words in str(error)


async def test_a_customer_who_blocks_us_or_is_gone_is_told_from_one_who_is_there(scene: Scene) -> None:
    scene.anna.blocks()
    with pytest.raises(PermanentDeliveryError, match="blocked by the user") as refused:
        await scene.say()
    assert refused.value.blocked
    scene.anna.unblocks()
    await scene.say()
    scene.anna.deactivates()
    with pytest.raises(PermanentDeliveryError, match="deactivated"):
        await scene.say()


@pytest.mark.parametrize(
    "words",
    ["chat not found", "message is too long", "message text is empty", "BUTTON_DATA_INVALID",
     "wrong file_id or the file is temporarily unavailable", "file is too big",
     "not enough rights to send text messages to the chat"],
)  # fmt: skip
async def test_what_telegram_will_never_take_is_given_up_with_its_words(scene: Scene, words: str) -> None:
    error = await scene.refused(faults.refusal(bad_request(words)))
    assert isinstance(error, PermanentDeliveryError)
    assert not error.blocked
    assert str(error).lower() == f"telegram: {words}".lower()  # the library writes it its own way


async def test_a_file_too_large_is_given_up(scene: Scene) -> None:
    error = await scene.refused(faults.refusal(Refused(413, "Request Entity Too Large")))
    assert isinstance(error, PermanentDeliveryError)


async def test_a_group_that_has_another_id_is_told_with_it(scene: Scene) -> None:
    group = scene.api.group("Osiedle", scene.anna)
    new = group.upgrades()
    with pytest.raises(ChatMoved) as moved:
        await scene.say(to=Address(str(group.id)))
    assert moved.value.new_chat_id == str(new.id)


@pytest.mark.parametrize("status", [401, 404])
async def test_a_token_that_is_refused_is_our_trouble_and_nothing_is_given_up(scene: Scene, status: int) -> None:
    """PLATFORM 13: 401 for a revoked token, 404 for a malformed one."""
    error = await scene.refused(faults.refusal(Refused(status, "Unauthorized" if status == 401 else "Not Found")))
    assert isinstance(error, TemporaryDeliveryError)
    assert error.retry_after == 60
    assert scene.health.problems == ["Telegram refuses the token: check TELEGRAM_BOT_TOKEN, @BotFather tells it"]


@pytest.mark.parametrize("is_stored", [False, True])
@pytest.mark.parametrize("fault", [faults.html, faults.reset])
async def test_after_a_broken_answer_nobody_knows_whether_it_was_sent(
    scene: Scene, fault: Any, is_stored: bool
) -> None:
    """Before or after storing, the caller cannot tell."""
    error = await scene.refused(fault(after=is_stored))
    assert isinstance(error, UnknownOutcome)
    assert len(scene.seen()) == is_stored


async def test_a_call_that_telegram_itself_refuses_with_500_is_tried_again(scene: Scene) -> None:
    """PLATFORM 12, 20: `Internal Server Error: restart`. In doubt at Telegram are only answers that never come."""
    error = await scene.refused(faults.server_error())
    assert isinstance(error, TemporaryDeliveryError)
    assert error.retry_after is None
    assert scene.seen() == []


async def test_an_answer_that_does_not_come_leaves_it_unknown(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "ANSWER_SECONDS", 0.1)
    api = Api(scene.api.token, scene.api.url)
    scene.api.faults.next("sendMessage", faults.silence(after=True))
    with pytest.raises(UnknownOutcome):
        await Telegram(api, 1.0, bytes_of).send(Address(str(scene.anna.id)), Reply("hej"), "key")
    await api.close()
    assert scene.seen() == ["hej"]


async def test_what_never_reached_telegram_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = Api("7000000001:x", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(TemporaryDeliveryError, match="could not be reached") as refused:
            await Telegram(nobody, 1.0, bytes_of).send(Address("1"), Reply("hej"), "key")
        await nobody.close()
    assert refused.value.retry_after is None


async def test_a_full_pool_of_connections_is_no_ambiguity(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """PLATFORM 13: `TimedOut` with "Pool timeout" means that it was not sent."""
    monkeypatch.setattr(api_module, "SENDING_CONNECTIONS", 1)
    monkeypatch.setattr(api_module, "POOL_SECONDS", 0.05)
    api = Api(scene.api.token, scene.api.url)
    channel = Telegram(api, 1.0, bytes_of)
    scene.api.faults.next("sendMessage", faults.silence(after=False))
    hanging = asyncio.create_task(channel.send(Address(str(scene.anna.id)), Reply("pierwsze"), "key"))
    while not scene.api.journal.calls("sendMessage"):  # noqa: ASYNC110 - the stand-in has no event for it
        await asyncio.sleep(0.005)
    with pytest.raises(TemporaryDeliveryError, match="PoolTimeout"):
        await channel.send(Address(str(scene.anna.id)), Reply("drugie"), "key")
    hanging.cancel()
    await asyncio.gather(hanging, return_exceptions=True)
    await api.close()


async def test_two_programs_on_one_token_do_not_lose_a_reply(scene: Scene) -> None:
    assert isinstance(await scene.refused(faults.refusal(conflict("whatever"))), TemporaryDeliveryError)


async def test_groups_have_a_pace_of_their_own() -> None:
    channel = Telegram(Api("1:x", "http://127.0.0.1:1"), 25.0, bytes_of)
    assert channel.budgets(Address("5")) == (Budget("telegram", 25.0),)
    assert channel.budgets(Address("-5")) == (Budget("telegram", 25.0), Budget("telegram:-5", 20 / 60))


async def test_what_telegram_cannot_do_is_answered_with_nothing(scene: Scene) -> None:
    assert await scene.channel.find(Address("1"), "key", datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert await scene.channel.profile("1") == Profile()
    await scene.channel.show_home("1", "1", (Reply("x"),))
    assert scene.asked() == []


# Changing and taking away


async def test_an_edit_that_changes_nothing_is_a_success(scene: Scene) -> None:
    sent = await scene.say("hej")
    await scene.channel.edit(Address(str(scene.anna.id)), sent, Reply("hej"), "key")
    [entry] = scene.api.journal.calls("editMessageText")
    assert entry.status == 400
    assert "message is not modified" in str(entry.answer)


async def test_edited_html_that_is_refused_is_shown_as_plain_text(scene: Scene) -> None:
    sent = await scene.say("hej")
    told = bad_request('can\'t parse entities: Unsupported start tag "x" at byte offset 0')
    scene.api.faults.next("editMessageText", faults.refusal(told))
    await scene.channel.edit(Address(str(scene.anna.id)), sent, Reply("**Zwrot**"), "key")
    assert scene.seen() == ["Zwrot"]


@pytest.mark.parametrize(
    "words", ["message can't be edited", "message to edit not found", "there is no text in the message to edit"]
)
async def test_an_edit_telegram_will_never_make_is_given_up_with_its_words(scene: Scene, words: str) -> None:
    sent = await scene.say("hej")
    scene.api.faults.next("editMessageText", faults.refusal(bad_request(words)))
    with pytest.raises(PermanentDeliveryError, match=f"(?i){words}"):
        await scene.channel.edit(Address(str(scene.anna.id)), sent, Reply("nowe"), "key")


async def test_after_two_days_a_message_cannot_be_deleted(scene: Scene) -> None:
    sent = await scene.say("hej")
    message = scene.api.world.message(scene.anna.chat, int(sent))
    assert message is not None
    message.at -= timedelta(hours=49)
    with pytest.raises(PermanentDeliveryError, match=r"(?i)message can't be deleted for everyone"):
        await scene.channel.delete(Address(str(scene.anna.id)), sent, "key")


@pytest.mark.parametrize("fault", [faults.reset(after=True), faults.html(after=True)])
async def test_an_edit_or_delete_whose_answer_was_lost_is_unknown_and_may_be_done_again(
    scene: Scene, fault: faults.Fault
) -> None:
    to, sent = Address(str(scene.anna.id)), await scene.say("hej")
    scene.api.faults.next("editMessageText", fault)
    with pytest.raises(UnknownOutcome):
        await scene.channel.edit(to, sent, Reply("nowe"), "key")
    await scene.channel.edit(to, sent, Reply("nowe"), "key")
    assert scene.seen() == ["nowe"]
    scene.api.faults.next("deleteMessage", fault)
    with pytest.raises(UnknownOutcome):
        await scene.channel.delete(to, sent, "key")
    await scene.channel.delete(to, sent, "key")
    assert [message.is_removed for message in scene.anna.sees() if message.is_bot] == [True]


async def test_a_token_refused_at_an_edit_is_known_as_everywhere(scene: Scene) -> None:
    sent = await scene.say("hej")
    scene.api.revoke_token()
    with pytest.raises(TemporaryDeliveryError):
        await scene.channel.edit(Address(str(scene.anna.id)), sent, Reply("nowe"), "key")
    assert len(scene.health.problems) == 1
