"""Another try for what did not go through."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.errors import SupportError
from storage import desk_posts, outbox
from storage.outbox import Delivery

FAILED = (Delivery.DEAD, Delivery.UNKNOWN, Delivery.BLOCKED)
Key = tuple[int, int]


class NothingToSendAgain(SupportError):
    """It went through, waits, or was put in line again already."""


async def send_again(session: AsyncSession, keys: Iterable[Key], now: datetime) -> int:
    """Puts messages in line again, at the end of their chats; how many. Raises `NothingToSendAgain`, and then nothing
    is to be kept of it."""
    count = 0
    for lane_id, seq in dict.fromkeys(keys):
        row = await outbox.numbered(session, lane_id, seq)
        if row is None or Delivery(row.status) not in FAILED or row.resent_as:
            raise NothingToSendAgain(f"{lane_id}-{seq}")
        await outbox.send_again(session, row, now)
        count += 1
    return count


async def tell_desk_again(session: AsyncSession, keys: Iterable[Key]) -> int:
    """The same for what agents were to be told in Slack."""
    count = 0
    for lane_id, seq in dict.fromkeys(keys):
        if not await desk_posts.tell_again(session, lane_id, seq):
            raise NothingToSendAgain(f"{lane_id}-{seq}")
        count += 1
    return count
