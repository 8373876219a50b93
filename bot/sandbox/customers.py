"""The customers one can be in the demo, and what each has read: shared by all open pages of the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from handlers.markup import to_plain
from handlers.plain_text import shorten
from handlers.texts import Texts
from storage.chats import Chat
from storage.conversations import Author

MOST_NAME_CHARACTERS = 40
LAST_LINE_CHARACTERS = 60


@dataclass(frozen=True)
class DemoCustomer:
    """Somebody to write as; `language` is what their app would tell us."""

    chat_id: str
    name: str
    language: str


STANDING = (
    DemoCustomer("demo-anna", "Anna", "pl"),
    DemoCustomer("demo-tom", "Tom", "en"),
    DemoCustomer("demo-marek", "Marek", "pl"),
)


@dataclass(frozen=True)
class CustomerEntry:
    """A line of the list of customers."""

    chat_id: str
    name: str
    language: str
    last_line: str
    unread: int
    chosen: bool

    @property
    def initial(self) -> str:
        return self.name[:1].upper()


class Visitors:
    """Who is there. What was said before this process started counts as read."""

    def __init__(self) -> None:
        self._fresh: list[DemoCustomer] = []
        self._read: dict[str, int] = {}
        self._has_looked = False

    def add(self, name: str, language: str) -> DemoCustomer:
        """Somebody who has never written before."""
        visitor = DemoCustomer(f"demo-{uuid4().hex[:12]}", name[:MOST_NAME_CHARACTERS], language)
        self._fresh.append(visitor)
        return visitor

    def everybody(self, chats: Sequence[Chat], default_language: str) -> list[DemoCustomer]:
        """The standing ones, whoever has written, and the new ones who have not yet."""
        known = {visitor.chat_id: visitor for visitor in STANDING}
        for chat in chats:
            language = chat.customer.language or default_language
            visitor = DemoCustomer(chat.conversation.chat_id, chat.customer.name or "?", language)
            known.setdefault(visitor.chat_id, visitor)
        for visitor in self._fresh:
            known.setdefault(visitor.chat_id, visitor)
        return list(known.values())

    def mark_read(self, chats: Sequence[Chat], chosen: str) -> Mapping[str, int]:
        """The chosen chat is being read; returns how many messages have been read in each."""
        for chat in chats:
            if not self._has_looked or chat.conversation.chat_id == chosen:
                self._read[chat.conversation.chat_id] = chat.said
        self._has_looked = True
        return self._read


def customer_entries(
    everybody: Sequence[DemoCustomer], chats: Sequence[Chat], read: Mapping[str, int], chosen: str, texts: Texts
) -> list[CustomerEntry]:
    by_chat = {chat.conversation.chat_id: chat for chat in chats}
    return [_entry(visitor, by_chat.get(visitor.chat_id), read, chosen, texts) for visitor in everybody]


def _entry(
    visitor: DemoCustomer, chat: Chat | None, read: Mapping[str, int], chosen: str, texts: Texts
) -> CustomerEntry:
    return CustomerEntry(
        chat_id=visitor.chat_id,
        name=visitor.name,
        language=visitor.language,
        last_line=texts("demo.no_messages") if chat is None else _last_line(chat, texts),
        unread=0 if chat is None else max(0, chat.said - read.get(visitor.chat_id, 0)),
        chosen=visitor.chat_id == chosen,
    )


def _last_line(chat: Chat, texts: Texts) -> str:
    message = chat.last
    if message.author == Author.CUSTOMER:
        return shorten(message.text, LAST_LINE_CHARACTERS)
    who = message.agent or texts("demo.bot")
    return f"{who}: {shorten(to_plain(message.text), LAST_LINE_CHARACTERS)}"
