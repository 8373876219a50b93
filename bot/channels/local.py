"""The demo's channel: customers on a page of our own, or in a terminal. What is "sent" is on record already, so
sending only tells the pages that are open."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from handlers.messages import Reply

Listener = Callable[[str, Reply], None]


class LocalChannel:
    name: ClassVar[str] = "local"
    per_second: ClassVar[float | None] = None
    seconds_per_chat: ClassVar[float] = 0.0
    is_idempotent: ClassVar[bool] = True

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener(chat_id, reply)` for each reply from now on; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def send(self, chat_id: str, reply: Reply, key: str) -> str:
        for listener in list(self._listeners):
            listener(chat_id, reply)
        return key
