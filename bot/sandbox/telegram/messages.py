"""Messages of both sides, and how a person sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.telegram.chats import Chat, User
from bot.sandbox.telegram.entities import FormattedText
from bot.sandbox.telegram.json_types import Json


@dataclass
class Message:
    """`content` is what only this kind of message has, in the API's shape. `earlier` are the texts before edits."""

    id: int
    chat: Chat
    sender: User
    at: datetime
    content: Json
    markup: Json | None = None
    edited_at: datetime | None = None
    is_removed: bool = False
    earlier: list[str] = field(default_factory=list)
    reply_to: Message | None = None
    thread_id: int | None = None
    album: str | None = None
    is_protected: bool = False
    reactions: dict[int, list[str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Its text or caption; empty when it has none."""
        return str(self.content.get("text", self.content.get("caption", "")))

    @property
    def inline_keyboard(self) -> list[list[Json]]:
        rows: list[list[Json]] = (self.markup or {}).get("inline_keyboard", [])
        return rows

    def json(self, *, with_reply: bool = True) -> Json:
        told: Json = {
            "message_id": self.id,
            "from": self.sender.json(),
            "chat": self.chat.json(),
            "date": int(self.at.timestamp()),
        } | self.content
        if self.inline_keyboard:
            told["reply_markup"] = {"inline_keyboard": self.inline_keyboard}
        if self.edited_at is not None:
            told["edit_date"] = int(self.edited_at.timestamp())
        if self.reply_to is not None and with_reply and not self.reply_to.is_removed:
            told["reply_to_message"] = self.reply_to.json(with_reply=False)
        if self.thread_id is not None:
            told |= {"message_thread_id": self.thread_id, "is_topic_message": self.chat.is_forum}
        if self.album is not None:
            told["media_group_id"] = self.album
        return told | ({"has_protected_content": True} if self.is_protected else {})


def text_content(given: FormattedText) -> Json:
    return {"text": given.text} | ({"entities": list(given.entities)} if given.entities else {})


def caption_content(given: FormattedText) -> Json:
    """Nothing when there is no caption."""
    if not given.text:
        return {}
    return {"caption": given.text} | ({"caption_entities": list(given.entities)} if given.entities else {})


@dataclass(frozen=True)
class Seen:
    """A message as the people in the chat see it. `file` is the kind of what is attached, such as `photo`."""

    message_id: int
    by: str
    is_bot: bool
    at: datetime
    text: str
    entities: tuple[Json, ...]
    buttons: tuple[tuple[str, ...], ...]
    keyboard: tuple[tuple[str, ...], ...]
    is_edited: bool
    is_removed: bool
    earlier: tuple[str, ...]
    file: str
    reactions: tuple[str, ...]
    reply_to: int | None


FILE_KINDS = ("animation", "photo", "document", "voice", "video_note", "video", "audio", "sticker")
OTHER_KINDS = ("contact", "venue", "location", "poll", "dice")


def seen(message: Message) -> Seen:
    kinds = (kind for kind in (*FILE_KINDS, *OTHER_KINDS) if kind in message.content)
    markup = message.markup or {}
    return Seen(
        message_id=message.id,
        by=message.sender.first_name,
        is_bot=message.sender.is_bot,
        at=message.at,
        text=message.text,
        entities=tuple(message.content.get("entities") or message.content.get("caption_entities") or ()),
        buttons=_labels(message.inline_keyboard),
        keyboard=_labels(markup.get("keyboard", [])),
        is_edited=message.edited_at is not None,
        is_removed=message.is_removed,
        earlier=tuple(message.earlier),
        file=next(kinds, ""),
        reactions=tuple(emoji for emojis in message.reactions.values() for emoji in emojis),
        reply_to=message.reply_to.id if message.reply_to else None,
    )


def _labels(rows: list[list[Json]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(str(button["text"]) for button in row) for row in rows)
