"""All that is stored: users, chats, messages, files, and the updates the bot has not fetched yet."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.telegram.chats import Chat, Kind, User
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.json_types import Clock, Json
from bot.sandbox.telegram.messages import Message, Seen, seen
from bot.sandbox.telegram.refusal import Refused, bad_request
from bot.sandbox.telegram.updates import CALLBACK_LIFE, UpdateQueue

SUPERGROUP = 1_000_000_000_000
"""A supergroup's chat id is minus this, minus its number: more than 32 bits."""


@dataclass
class Press:
    """A button press waiting for `answerCallbackQuery`. `notice` is what the person is shown then."""

    id: str
    user: User
    expires_in: timedelta
    at: float
    was_answered: bool = False
    notice: str = ""
    is_alert: bool = False


@dataclass
class World:
    clock: Clock
    bot: User
    updates: UpdateQueue
    files: Files
    users: dict[int, User] = field(default_factory=dict)
    chats: dict[int, Chat] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    profile: dict[str, str] = field(default_factory=dict)
    webhook_set_at: datetime | None = None
    _messages: dict[int, dict[int, Message]] = field(default_factory=dict)
    _last_ids: dict[int, int] = field(default_factory=dict)
    _numbers: int = 700_000_000

    def number(self) -> int:
        """A number never given before."""
        self._numbers += 1
        return self._numbers

    def chat(self, chat_id: str) -> Chat:
        """The chat of a request. Raises what the bot is told about one that does not exist."""
        if not chat_id:
            raise bad_request("chat_id is empty")
        found = self.chats.get(int(chat_id)) if re.fullmatch(r"-?\d+", chat_id) else None
        if found is None or (found.partner is not None and not found.partner.was_met):
            raise bad_request("chat not found")
        return found

    def post(self, message: Message) -> Message:
        self._messages.setdefault(message.chat.id, {})[message.id] = message
        return message

    def next_message_id(self, chat: Chat) -> int:
        """Supergroups count for themselves; private chats and groups share the bot's own count."""
        counter = chat.id if chat.kind is Kind.SUPERGROUP else 0
        self._last_ids[counter] = self._last_ids.get(counter, 0) + 1
        return self._last_ids[counter]

    def message(self, chat: Chat, message_id: int) -> Message | None:
        """None when it never was there or has been removed."""
        found = self._messages.get(chat.id, {}).get(message_id)
        return None if found is None or found.is_removed else found

    def messages(self, chat: Chat) -> list[Message]:
        return list(self._messages.get(chat.id, {}).values())

    def seen(self, chat: Chat) -> list[Seen]:
        return [seen(message) for message in self.messages(chat)]

    def tell_message(self, message: Message) -> None:
        """Queues a message, or its edit, for the bot."""
        kind = "message" if message.edited_at is None else "edited_message"
        changed_at = message.edited_at or message.at
        life = changed_at + timedelta(hours=24) - self.clock()
        self.updates.add(kind, message.json(), ("chat", message.chat.id), life)

    def tell_press(self, user: User, message: Message, data: str) -> Press:
        """Queues a button press. A removed message arrives as inaccessible: no content, `date` 0."""
        press = Press(str(self.number() * 4096 + len(data)), user, CALLBACK_LIFE, self.clock().timestamp())
        self.presses[press.id] = press
        gone = {"chat": message.chat.json(), "message_id": message.id, "date": 0}
        body: Json = {
            "id": press.id,
            "from": user.json(),
            "message": gone if message.is_removed else message.json(),
            "chat_instance": str(-message.chat.id * 7919 - 1),
            "data": data,
        }
        self.updates.add("callback_query", body, ("user", user.id), CALLBACK_LIFE)
        return press

    def press(self, query_id: str) -> Press:
        """A press that can still be answered. Raises what a late bot is told."""
        found = self.presses.get(query_id)
        if found is None or self.clock().timestamp() > found.at + found.expires_in.total_seconds():
            raise _too_late()
        return found


def _too_late() -> Refused:
    return bad_request("query is too old and response timeout expired or query ID is invalid")
