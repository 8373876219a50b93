"""What a person sees in their chat with the bot, computed from the stand-in's messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.sandbox.moments import clock_time, day_label
from bot.sandbox.telegram.chats import Standing
from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.messages import Message, seen
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.world import Press
from bot.sandbox.telegram_html import telegram_to_html
from handlers.plain_text import shorten
from handlers.texts import Texts

QUOTE_CHARACTERS = 80
Pressed = Mapping[tuple[int, str], Press]
"""The last press of a button, by its message and data."""


@dataclass(frozen=True)
class PhoneButton:
    """`data` is sent when it is pressed; with an `url` it opens a page instead."""

    label: str
    data: str = ""
    url: str = ""
    is_waiting: bool = False


@dataclass(frozen=True)
class PhoneMessage:
    """`file_kind` picks the picture on the chip that says `file`; `day` stands above the first message of a day."""

    id: int
    is_mine: bool
    html: str
    file_kind: str
    file: str
    time: str
    day: str
    quote: str
    is_edited: bool
    is_removed: bool
    begins_run: bool
    buttons: tuple[tuple[PhoneButton, ...], ...]
    reactions: tuple[str, ...]
    my_reaction: str


@dataclass(frozen=True)
class PhoneView:
    """`keys` is the reply keyboard in place of letters, where the bot has shown one."""

    messages: tuple[PhoneMessage, ...]
    keys: tuple[tuple[str, ...], ...]
    is_typing: bool
    is_blocked: bool

    def message(self, message_id: int) -> PhoneMessage | None:
        return next((one for one in self.messages if one.id == message_id), None)


def phone_view(person: Person, pressed: Pressed, texts: Texts, now: datetime, zone: ZoneInfo) -> PhoneView:
    messages = person.world.messages(person.chat)
    views: list[PhoneMessage] = []
    before: Message | None = None
    for message in messages:
        views.append(_message(message, before, person, pressed, texts, now, zone))
        before = message
    return PhoneView(
        messages=tuple(views),
        keys=_keys(messages),
        is_typing=person.sees_typing(),
        is_blocked=person.chat.standing is Standing.KICKED,
    )


def said_to(person: Person) -> int:
    """How many messages the bot has sent them."""
    return sum(message.sender.is_bot for message in person.world.messages(person.chat))


def commands_for(person: Person) -> list[tuple[str, str]]:
    """The bot's menu: the list for the language of their app, else the one for everybody."""
    lists = person.world.commands
    language = person.user.language_code
    for scope in ('{"type": "all_private_chats"}', '{"type": "default"}'):
        for code in (language, ""):
            if found := lists.get((scope, code)):
                return [(str(one["command"]), str(one["description"])) for one in found]
    return []


def _message(
    message: Message,
    before: Message | None,
    person: Person,
    pressed: Pressed,
    texts: Texts,
    now: datetime,
    zone: ZoneInfo,
) -> PhoneMessage:
    shown = seen(message)
    day, day_before = _day(message, zone), _day(before, zone) if before else None
    mine = message.reactions.get(person.id, [])
    return PhoneMessage(
        id=message.id,
        is_mine=message.sender.id == person.id,
        html="" if shown.is_removed else telegram_to_html(shown.text, shown.entities),
        file_kind="" if shown.is_removed else shown.file,
        file="" if shown.is_removed else _file(message.content, shown.file, texts),
        time=clock_time(message.at, zone),
        day=day_label(day, now.astimezone(zone).date(), texts) if day != day_before else "",
        quote=shorten(message.reply_to.text, QUOTE_CHARACTERS) if message.reply_to else "",
        is_edited=shown.is_edited,
        is_removed=shown.is_removed,
        begins_run=before is None or day != day_before or before.sender.id != message.sender.id,
        buttons=() if shown.is_removed else _buttons(message, pressed, now),
        reactions=shown.reactions,
        my_reaction=mine[0] if mine else "",
    )


def _day(message: Message, zone: ZoneInfo) -> date:
    return message.at.astimezone(zone).date()


def _buttons(message: Message, pressed: Pressed, now: datetime) -> tuple[tuple[PhoneButton, ...], ...]:
    return tuple(tuple(_button(message, one, pressed, now) for one in row) for row in message.inline_keyboard)


def _button(message: Message, button: Json, pressed: Pressed, now: datetime) -> PhoneButton:
    data = str(button.get("callback_data", ""))
    is_pressed = is_waiting(pressed.get((message.id, data)), now)
    return PhoneButton(str(button["text"]), data, str(button.get("url", "")), is_pressed)


def is_waiting(press: Press | None, now: datetime) -> bool:
    """Whether the bot can and should still answer it."""
    if press is None or press.was_answered:
        return False
    return now.timestamp() < press.at + press.expires_in.total_seconds()


def _file(content: Json, kind: str, texts: Texts) -> str:
    """The words on the chip of what is attached."""
    match kind:
        case "":
            return ""
        case "document":
            return str(content["document"].get("file_name", texts("demo.file.document")))
        case "contact":
            return f"{content['contact']['first_name']} {content['contact']['phone_number']}"
        case "location":
            return f"{content['location']['latitude']:.4f}, {content['location']['longitude']:.4f}"
        case "photo" | "voice" | "sticker" | "video":
            return texts(f"demo.file.{kind}")
        case _:
            return texts("demo.file.document")


def _keys(messages: list[Message]) -> tuple[tuple[str, ...], ...]:
    """The reply keyboard shown last, unless it was taken away."""
    for message in reversed(messages):
        markup = message.markup or {}
        if markup.get("remove_keyboard"):
            return ()
        if "keyboard" in markup and not message.is_removed:
            return tuple(tuple(str(button["text"]) for button in row) for row in markup["keyboard"])
    return ()
