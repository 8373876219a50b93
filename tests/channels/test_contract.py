"""One contract over every channel: the same `Reply` says the same words, offers the same buttons and brings the same
files, wherever the customer reads it."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from bot.channels.base import Address, Channel, PermanentDeliveryError
from bot.channels.local import LocalChannel
from bot.channels.slack.channel import Slack
from bot.channels.telegram.api import Api
from bot.channels.telegram.channel import Telegram
from bot.sandbox.slack_api import SlackStandIn
from bot.sandbox.telegram_api import TelegramStandIn
from handlers.attachments import Attachment, AttachmentKind
from handlers.buttons import Button
from handlers.markup import escape, to_plain
from handlers.messages import Reply

BUTTONS = (Button("Połącz z człowiekiem", "human"), Button("Moje zgłoszenia", "do:ticket_status"))
FILE = Attachment(AttachmentKind.DOCUMENT, "content:formularz.pdf", "formularz.pdf", "application/pdf")


@dataclass
class Seen:
    """What the customer has on the screen, markup of the messenger taken off."""

    texts: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class Terminal:
    def __init__(self) -> None:
        self.channel: Channel = LocalChannel()
        self.to = Address("anna")
        self._said: list[Reply] = []
        assert isinstance(self.channel, LocalChannel)
        self.channel.listen(lambda _chat, reply: self._said.append(reply))

    async def open(self, stack: AsyncExitStack) -> None: ...

    def seen(self) -> Seen:
        seen = Seen()
        for reply in self._said:
            seen.texts.append(to_plain(reply.text))
            seen.buttons += [button.label for button in reply.buttons]
            seen.files += [str(file.name) for file in reply.files]
        return seen


class OnTelegram:
    async def open(self, stack: AsyncExitStack) -> None:
        telegram = await stack.enter_async_context(TelegramStandIn())
        telegram.pace.is_kept = False
        self._anna = telegram.person("Anna")
        self._anna.types("hej")
        api = Api(telegram.token, telegram.url)
        stack.push_async_callback(api.close)
        self.channel: Channel = Telegram(api, 1000.0, read)
        self.to = Address(str(self._anna.chat.id))

    def seen(self) -> Seen:
        seen = Seen()
        for message in self._anna.sees():
            if message.is_bot and not message.is_removed:
                seen.texts += [_linked(message.text, message.entities)] if message.text else []
                seen.buttons += [label for row in message.buttons for label in row]
                seen.files += [message.file] if message.file else []
        return seen


class OnSlack:
    async def open(self, stack: AsyncExitStack) -> None:
        slack = await stack.enter_async_context(SlackStandIn())
        slack.pace.is_kept = False
        self._slack, self._anna = slack, slack.person("Anna")
        channel = Slack(slack.app.bot_token, slack.api_url, 1000.0, read)
        stack.push_async_callback(channel.aclose)
        self.channel: Channel = channel
        self.to = Address(self._anna.dm.id)

    def seen(self) -> Seen:
        seen = Seen()
        for message in self._slack.screen(self._anna.dm, self._anna):
            seen.texts += [_read(message.text)] if message.text else []
            seen.buttons += message.labels
            seen.files += message.files
        return seen


async def read(file: Attachment) -> bytes:
    return f"%PDF {file.reference}".encode()


def _linked(text: str, entities: tuple[dict[str, object], ...]) -> str:
    """Telegram keeps a link's address beside the text; offsets count UTF-16 units."""
    units = text.encode("utf-16-le")
    for entity in sorted(entities, key=lambda one: -int(str(one["offset"]))):
        if entity["type"] == "text_link":
            end = 2 * (int(str(entity["offset"])) + int(str(entity["length"])))
            units = units[:end] + f" ({entity['url']})".encode("utf-16-le") + units[end:]
    return units.decode("utf-16-le")


def _read(mrkdwn: str) -> str:
    text = re.sub(r"<([^|>]+)\|([^>]+)>", r"\2 (\1)", mrkdwn.replace("\u200b", ""))
    text = re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"\1", text)
    return html.unescape(text)


@pytest.fixture(params=[Terminal, OnTelegram, OnSlack], ids=["terminal", "telegram", "slack"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Terminal | OnTelegram | OnSlack]:
    async with AsyncExitStack() as stack:
        place = request.param()
        await place.open(stack)
        yield place


async def say(place: Terminal | OnTelegram | OnSlack, reply: Reply) -> list[str]:
    parts = place.channel.split(reply)
    return [await place.channel.send(place.to, part, f"key#{number}") for number, part in enumerate(parts)]


@pytest.mark.parametrize(
    "text",
    [
        "Zamówienie **ZAM-20481** jest w drodze.",
        "Na zwrot masz **14 dni**:\n- napisz do nas,\n- odeślij paczkę.\n\nWięcej: [regulamin](https://sklep.example/r?a=1&b=2).",
        "Cena 5 < 6 & 7 > 2, <b>nie tag</b>, 😀🇵🇱",
        escape("*gwiazdki* _kreski_ `kod` [a](b) <!channel> <@U1> &amp; - nie lista"),
    ],
    ids=["emphasis", "list and link", "signs", "what a customer typed"],
)
async def test_the_words_are_the_same_everywhere(place: Terminal | OnTelegram | OnSlack, text: str) -> None:
    await say(place, Reply(text))
    [shown] = place.seen().texts
    assert _stars_apart(shown) == _stars_apart(to_plain(text))


def _stars_apart(text: str) -> str:
    """Slack shows a typed star as it is, and reads a pair of them as emphasis: words are compared without."""
    return text.replace("*", "").replace("∗", "")


async def test_buttons_stand_under_the_words_and_can_all_be_told_apart(place: Terminal | OnTelegram | OnSlack) -> None:
    await say(place, Reply("W czym pomóc?", BUTTONS))
    assert place.seen().buttons == [button.label for button in BUTTONS]


async def test_a_file_comes_after_the_words(place: Terminal | OnTelegram | OnSlack) -> None:
    await say(place, Reply("Proszę, oto on.", files=(FILE,)))
    seen = place.seen()
    assert seen.texts == ["Proszę, oto on."]
    assert len(seen.files) == 1


async def test_a_very_long_answer_arrives_whole_and_in_order(place: Terminal | OnTelegram | OnSlack) -> None:
    text = "\n\n".join(f"**{number}.** " + f"zażółć gęślą jaźń {number} " * 60 for number in range(12))
    ids = await say(place, Reply(text, BUTTONS))
    seen = place.seen()
    assert len(ids) == len(set(ids)) == len(seen.texts)
    assert "".join("".join(seen.texts).split()) == "".join(to_plain(text).split())
    assert seen.buttons == [button.label for button in BUTTONS], "under the last part only"


async def test_splitting_is_the_same_each_time(place: Terminal | OnTelegram | OnSlack) -> None:
    reply = Reply("słowo " * 3000, BUTTONS, files=(FILE,))
    assert place.channel.split(reply) == place.channel.split(reply)


async def test_a_chat_that_is_not_there_is_a_lasting_failure(place: Terminal | OnTelegram | OnSlack) -> None:
    if isinstance(place, Terminal):
        assert await place.channel.send(Address("nobody"), Reply("hej"), "k"), "a terminal has no address to miss"
        return
    with pytest.raises(PermanentDeliveryError):
        await place.channel.send(Address("99999"), Reply("hej"), "k")


# Changed and taken away


async def test_edited_words_stand_where_the_old_ones_stood_and_twice_is_as_good_as_once(
    place: Terminal | OnTelegram | OnSlack,
) -> None:
    [first, second] = [*await say(place, Reply("pierwsze", BUTTONS)), *await say(place, Reply("drugie"))]
    for _ in range(2):
        await place.channel.edit(place.to, first, Reply("**lepsze** & nowe"), "edit")
    seen = place.seen()
    if isinstance(place, Terminal):
        assert seen.texts[-1] == "lepsze & nowe", "printed anew: what has been printed stays"
        return
    assert (seen.texts, seen.buttons) == (["lepsze & nowe", "drugie"], [])
    await place.channel.edit(place.to, second, Reply("z przyciskiem", BUTTONS[:1]), "edit")
    assert place.seen().buttons == [BUTTONS[0].label]


async def test_what_is_deleted_is_gone_words_and_files_and_twice_is_as_good_as_once(
    place: Terminal | OnTelegram | OnSlack,
) -> None:
    ids = await say(place, Reply("tajne", BUTTONS, files=(FILE,)))
    kept = await say(place, Reply("jawne"))
    for provider_id in [*reversed(ids), *ids]:
        await place.channel.delete(place.to, provider_id, "delete")
    if isinstance(place, Terminal):
        assert place.seen().texts == ["tajne", "jawne"], "what has been printed stays"
        return
    assert place.seen() == Seen(texts=["jawne"])
    assert len(kept) == 1


async def test_what_is_not_there_cannot_be_edited(place: Terminal | OnTelegram | OnSlack) -> None:
    [gone] = await say(place, Reply("tajne"))
    await place.channel.delete(place.to, gone, "delete")
    if isinstance(place, Terminal):
        return
    with pytest.raises(PermanentDeliveryError):
        await place.channel.edit(place.to, gone, Reply("nowe"), "edit")
