"""Outgoing messages as a list: what waits, what failed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.conversations import Conversation
from storage.outbox import Delivery, Failed, OutboxMessage


async def listed(session: AsyncSession, statuses: Iterable[Delivery], size: int, skip: int = 0) -> list[Failed]:
    """What stands so and has not been put in line again, newest first: `size` of it after the first `skip`."""
    look = (
        select(OutboxMessage, Conversation)
        .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
        .where(OutboxMessage.status.in_(tuple(statuses)), OutboxMessage.resent_as.is_(None))
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.lane_id.desc(), OutboxMessage.seq.desc())
        .limit(size)
        .offset(skip)
    )
    return [Failed(row[0], row[1]) for row in (await session.execute(look)).all()]


async def count_listed(session: AsyncSession) -> dict[Delivery, int]:
    """As `count_by_status`, without what was put in line again and what has arrived."""
    look = (
        select(OutboxMessage.status, func.count())
        .where(OutboxMessage.status != Delivery.SENT, OutboxMessage.resent_as.is_(None))
        .group_by(OutboxMessage.status)
    )
    return {Delivery(status): count for status, count in (await session.execute(look)).all()}
