"""What an agent did since a moment, from the tickets' events alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tickets import TicketEvent


async def events_by(session: AsyncSession, actor: str, since: datetime) -> list[TicketEvent]:
    look = select(TicketEvent).where(TicketEvent.at >= since, TicketEvent.actor == actor).order_by(TicketEvent.id)
    return list((await session.scalars(look)).all())


async def events_of_kinds(
    session: AsyncSession, ticket_ids: Collection[int], kinds: Collection[str]
) -> list[TicketEvent]:
    """All there ever were of these kinds, in order."""
    look = (
        select(TicketEvent)
        .where(TicketEvent.ticket_id.in_(tuple(ticket_ids)), TicketEvent.kind.in_(tuple(kinds)))
        .order_by(TicketEvent.id)
    )
    return list((await session.scalars(look)).all())
