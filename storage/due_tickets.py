"""Tickets whose time has come: a step of the ladder, the end of a snooze."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage.tickets import OPEN_STATUSES, Ticket


async def on_ladder(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Those that somebody is to be called for, the longest due first."""
    return await _due(session, Ticket.ladder_at, now, limit)


async def snoozed(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Those that are to come back to the desk, the longest due first."""
    return await _due(session, Ticket.snoozed_until, now, limit)


async def _due(
    session: AsyncSession, at: InstrumentedAttribute[datetime | None], now: datetime, limit: int
) -> list[int]:
    look = select(Ticket.id).where(at <= now, Ticket.status.in_(OPEN_STATUSES)).order_by(at, Ticket.id).limit(limit)
    return list((await session.scalars(look)).all())


async def take_step(session: AsyncSession, ticket: Ticket, step: int, next_at: datetime | None, now: datetime) -> bool:
    """The ladder's step number `step` is taken by this transaction alone; False where it is not due, or was taken."""
    taken = await session.execute(
        update(Ticket)
        .where(Ticket.id == ticket.id, Ticket.ladder_step == step, Ticket.ladder_at <= now)
        .where(Ticket.status.in_(OPEN_STATUSES))
        .values(ladder_step=step + 1, ladder_at=next_at)
        .returning(Ticket.id)
        .execution_options(synchronize_session=False)
    )
    is_mine = taken.scalar_one_or_none() is not None
    await session.refresh(ticket)
    return is_mine


async def wake(session: AsyncSession, ticket_id: int, now: datetime) -> Ticket | None:
    """Its snooze is over; None where it is not, or was ended already."""
    woken = await session.execute(
        update(Ticket)
        .where(Ticket.id == ticket_id, Ticket.snoozed_until <= now, Ticket.status.in_(OPEN_STATUSES))
        .values(snoozed_until=None)
        .returning(Ticket.id)
        .execution_options(synchronize_session=False)
    )
    return await session.get(Ticket, ticket_id, populate_existing=True) if woken.scalar_one_or_none() else None
