"""What delivery needs of a channel, and the three ways in which sending fails."""

from __future__ import annotations

from typing import ClassVar, Protocol

from handlers.errors import SupportError
from handlers.messages import Reply


class TemporaryDeliveryError(SupportError):
    """Not sent; may be tried again, after `retry_after` seconds where the provider named a time."""

    def __init__(self, text: str, retry_after: float | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class PermanentDeliveryError(SupportError):
    """Not sent, and trying again will not help. `blocked`: the customer does not want us to write."""

    def __init__(self, text: str, *, blocked: bool = False) -> None:
        super().__init__(text)
        self.blocked = blocked


class UnknownOutcome(SupportError):
    """The provider may have it or not: the answer to our call was lost."""


class Channel(Protocol):
    """One messenger. `per_second` is the provider's global pace (None: no limit), `seconds_per_chat` that of one
    chat; `is_idempotent`: sending the same key twice shows one message, so an unknown outcome is simply tried again."""

    name: ClassVar[str]
    per_second: ClassVar[float | None]
    seconds_per_chat: ClassVar[float]
    is_idempotent: ClassVar[bool]

    async def send(self, chat_id: str, reply: Reply, key: str) -> str:
        """Sends `reply` and returns the provider's id of it. Raises the three errors above."""
        ...
