"""Outgoing messages as a list: what waits, what failed. However many there are, only a page of them is read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from heapq import merge
from itertools import islice

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from storage.conversations import Conversation
from storage.outbox import Delivery, Failed, OutboxMessage

MOST_COUNTED = 1_000
Place = tuple[datetime, int, int]


def place_of(row: OutboxMessage) -> Place:
    """Where it stands in the list."""
    return row.created_at, row.lane_id, row.seq


async def listed(
    session: AsyncSession, statuses: Iterable[Delivery], size: int, before: tuple[int, int] | None = None
) -> list[Failed]:
    """What stands so and has not been put in line again, newest first: `size` of it, from what stands below the
    message `before`. One look per status: its index has them in this order."""
    start = await session.get(OutboxMessage, before) if before is not None else None
    place = place_of(start) if start is not None else None
    found = [await _of_status(session, status, size, place) for status in statuses]
    rows = merge(*found, key=lambda one: place_of(one.row), reverse=True)
    return list(islice(rows, size))


async def _of_status(session: AsyncSession, status: Delivery, size: int, below: Place | None) -> list[Failed]:
    look = (
        select(OutboxMessage, Conversation)
        .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
        .where(OutboxMessage.status == status, OutboxMessage.resent_as.is_(None))
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.lane_id.desc(), OutboxMessage.seq.desc())
        .limit(size)
    )
    if below is not None:
        at, lane_id, seq = below
        key = tuple_(OutboxMessage.lane_id, OutboxMessage.seq)
        at_once = and_(OutboxMessage.created_at == at, key < (lane_id, seq))
        look = look.where(OutboxMessage.created_at <= at, or_(OutboxMessage.created_at < at, at_once))
    return [Failed(row[0], row[1]) for row in (await session.execute(look)).all()]


async def count_listed(session: AsyncSession, statuses: Iterable[Delivery]) -> int:
    """How many `listed` has; of more than `MOST_COUNTED`, one more than that."""
    some = (
        select(OutboxMessage.lane_id)
        .where(OutboxMessage.status.in_(tuple(statuses)), OutboxMessage.resent_as.is_(None))
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    return (await session.scalars(select(func.count()).select_from(some))).one()
