"""What outgoing lanes share: waiting for a turn in the provider's pace, and waiting longer after each failure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.base import Budget
from storage import outbox
from storage.lanes import Claim, put_off

LONGEST_WAIT_SECONDS = 600.0
AT_ONCE = timedelta(milliseconds=20)


class Booked(Protocol):
    """A row that is to be sent; `booked`: it has its turn already."""

    booked: bool


async def has_its_turn(session: AsyncSession, held: Claim, row: Booked, budgets: Iterable[Budget]) -> bool:
    """Books a turn in every pace that this send counts under; one that lies ahead is waited for, and then is had."""
    if row.booked:
        return True
    waits = [await outbox.book(session, budget.key, budget.per_second) for budget in budgets]
    wait = max(waits, default=timedelta())
    if wait <= AT_ONCE:
        return True
    row.booked = True
    await session.flush()
    await put_off(session, held, wait, counts=False)
    return False


def backoff(held: Claim) -> float:
    """Seconds."""
    return float(min(2.0 ** (held.attempts - 1), LONGEST_WAIT_SECONDS))
