"""What delivery needs of a channel, and the ways in which sending fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

from handlers.attachments import Attachment
from handlers.errors import SupportError
from handlers.messages import Reply

MOST_FILE_BYTES = 20 * 2**20  # what Telegram lets a bot fetch; the same for all, so that files can go both ways


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


class FileGone(PermanentDeliveryError):
    """There is no such file, or not any more."""


class FileTooBig(PermanentDeliveryError):
    """More than `MOST_FILE_BYTES`: it is not fetched."""

    def __init__(self) -> None:
        super().__init__(f"the file is larger than {MOST_FILE_BYTES // 2**20} MB")


class UnknownOutcome(SupportError):
    """The provider may have it or not: the answer to our call was lost."""


class ChatMoved(SupportError):
    """Not sent: the provider knows the chat under another id by now."""

    def __init__(self, text: str, new_chat_id: str) -> None:
        super().__init__(text)
        self.new_chat_id = new_chat_id


class AfterUnknown(StrEnum):
    """What to do with a message whose fate is unknown: send it again (the same key shows once), look for it at the
    provider first, or flag it for a person to decide."""

    SEND_AGAIN = "send_again"
    LOOK = "look"
    FLAG = "flag"


@dataclass(frozen=True)
class Address:
    """`thread`: where in the chat, as the provider names it."""

    chat_id: str
    thread: str | None = None


@dataclass(frozen=True)
class Budget:
    """A limit of the provider's that several chats share: at most `per_second` sends under this key."""

    key: str
    per_second: float


@dataclass(frozen=True)
class Profile:
    """What the messenger tells of a person: a name, and the language of their app (IETF tag)."""

    name: str | None = None
    language: str | None = None


class Channel(Protocol):
    """One messenger. `seconds_per_chat` is the pause between two messages to one chat."""

    name: ClassVar[str]
    seconds_per_chat: ClassVar[float]
    after_unknown: ClassVar[AfterUnknown]

    def budgets(self, to: Address) -> tuple[Budget, ...]:
        """The shared limits that a send to this address counts under."""
        ...

    def split(self, reply: Reply) -> tuple[Reply, ...]:
        """`reply` as the messages the provider takes, at least one; always the same for the same reply."""
        ...

    async def send(self, to: Address, reply: Reply, key: str) -> str:
        """Sends one message and returns the provider's id of it. Raises the errors above."""
        ...

    async def edit(self, to: Address, provider_id: str, reply: Reply, key: str) -> None:
        """What was sent as one message reads like `reply` from now on; done already is success. Doing it twice is the
        same as once, so an unknown outcome is no trouble.

        Only texts can be edited, not files. Raises as `send`: `PermanentDeliveryError` where the message is gone, or
        too old to be changed.
        """
        ...

    async def delete(self, to: Address, provider_id: str, key: str) -> None:
        """Takes one message away from everybody's screen; gone already is success. As idempotent as `edit`.

        Raises as `send`: `PermanentDeliveryError` where it is too old to be taken away.
        """
        ...

    async def fetch(self, file: Attachment) -> bytes:
        """The content of a file that came by this channel, or was sent by it.

        Raises `FileTooBig`, `FileGone` or another `PermanentDeliveryError`, and `TemporaryDeliveryError` where it may
        be had later. Never `UnknownOutcome`: reading changes nothing.
        """
        ...

    async def find(self, to: Address, key: str, since: datetime) -> str | None:
        """The provider's id of what was sent under `key` after `since`, None where there is none.

        Only asked of channels that are looked into (`AfterUnknown.LOOK`). Raises as `send`.
        """
        ...

    async def profile(self, sender_id: str) -> Profile:
        """What is known of a person; empty where nothing is, or nothing could be had just now. Never raises."""
        ...

    async def show_home(self, sender_id: str, chat_id: str, sections: tuple[Reply, ...]) -> None:
        """Draws the person's own page, where the messenger has one; its buttons act in `chat_id`. Raises as `send`."""
        ...
