"""Everything that was asked and answered, in the order it arrived: proof of "exactly these posts, in this order"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.telegram.json_types import Json


@dataclass
class Entry:
    """One request. `status` is None as long as it is open, and for ever when no answer was sent.

    `was_done`: the method did its work; with a fault after it the caller could not know. `fault` names the fault.
    `via` is `http`, or `webhook` for a method in the answer to a webhook. The token is never kept.
    """

    at: datetime
    method: str
    arguments: Json
    via: str = "http"
    status: int | None = None
    answer: object = None
    was_done: bool = False
    fault: str = ""

    @property
    def description(self) -> str:
        """The words of a refusal, empty otherwise."""
        return str(self.answer.get("description", "")) if isinstance(self.answer, dict) else ""


@dataclass(frozen=True)
class Delivery:
    """One POST to the bot's webhook and what came of it; `status` None: no answer."""

    at: datetime
    update: Json
    status: int | None
    error: str = ""


@dataclass
class Journal:
    entries: list[Entry] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def calls(self, method: str, **arguments: object) -> list[Entry]:
        """The requests of this method (any case) whose arguments include these, compared as text."""
        return [
            entry
            for entry in self.entries
            if entry.method.lower() == method.lower()
            and all(str(entry.arguments.get(name)) == str(value) for name, value in arguments.items())
        ]

    def methods(self, *but: str) -> list[str]:
        """The methods in the order of their requests, without those in `but`."""
        skipped = {name.lower() for name in but}
        return [entry.method for entry in self.entries if entry.method.lower() not in skipped]

    def sent_texts(self, chat_id: int) -> list[str]:
        """The texts that `sendMessage` stored in a chat, in order, also where the caller never got the answer."""
        return [entry.arguments["text"] for entry in self.calls("sendMessage", chat_id=chat_id) if entry.was_done]
