"""The terminal's channel. What is "sent" is on record already, so sending only tells whoever listens.

What has been printed stays: changed words are printed anew, deleted ones cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from bot.channels.base import Address, AfterUnknown, Budget, FileGone, Profile
from handlers.attachments import Attachment
from handlers.messages import Reply

Listener = Callable[[str, Reply], None]


class LocalChannel:
    name: ClassVar[str] = "local"
    seconds_per_chat: ClassVar[float] = 0.0
    after_unknown: ClassVar[AfterUnknown] = AfterUnknown.SEND_AGAIN

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Calls `listener(chat_id, reply)` for each reply from now on; the returned function ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def budgets(self, to: Address) -> tuple[Budget, ...]:  # noqa: ARG002
        return ()

    def split(self, reply: Reply) -> tuple[Reply, ...]:
        return (reply,)

    async def send(self, to: Address, reply: Reply, key: str) -> str:
        for listener in list(self._listeners):
            listener(to.chat_id, reply)
        return key

    async def edit(self, to: Address, provider_id: str, reply: Reply, key: str) -> None:  # noqa: ARG002
        await self.send(to, reply, key)

    async def delete(self, to: Address, provider_id: str, key: str) -> None:
        """Nobody is told: see above."""

    async def fetch(self, file: Attachment) -> bytes:
        raise FileGone(f"a terminal has no files: {file.kind}")

    async def find(self, to: Address, key: str, since: datetime) -> str | None:  # noqa: ARG002
        return None

    async def profile(self, sender_id: str) -> Profile:  # noqa: ARG002
        return Profile()

    async def show_home(self, sender_id: str, chat_id: str, sections: tuple[Reply, ...]) -> None:
        """A terminal has none."""
