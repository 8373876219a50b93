"""What outgoing lanes share: waiting for a turn in the provider's pace, and waiting longer after each failure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.base import Budget
from storage import outbox
from storage.lanes import Claim, put_off

LONGEST_WAIT_SECONDS = 600.0
AT_ONCE = timedelta(milliseconds=20)
OTHERS_FIRST = timedelta(milliseconds=250)  # what goes to many takes no turn that is further away than this


class Booked(Protocol):
    """A row that is to be sent; `booked`: it has its turn already."""

    booked: bool


async def has_its_turn(
    session: AsyncSession, held: Claim, row: Booked, budgets: Sequence[Budget], *, bulk: bool = False
) -> bool:
    """Books a turn in every pace that this send counts under; one that lies ahead is waited for, and then is had.

    `bulk`: where others wait for their turns in the first of them, all chats' pace, it comes again later: so what is
    sent to many uses what the pace leaves, and a reply waits for a quarter of a second of it at most. They come again
    one after the other, as they were put in line (`handlers.many`): hundreds that looked again and again would leave
    no time for anything else.
    """
    if row.booked:
        return True
    waits: list[timedelta] = []
    for budget in budgets:
        turn = await outbox.book(session, budget.key, budget.per_second, OTHERS_FIRST if bulk and not waits else None)
        if not turn.is_booked:
            again = await outbox.book(session, outbox.among_many(budget.key), budget.per_second)
            await put_off(session, held, max(again.wait, turn.wait - OTHERS_FIRST), counts=False, binds=False)
            return False
        waits.append(turn.wait)
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
