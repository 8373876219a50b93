"""Tickets whose time has come: a word, a follow-up, a step of the ladder, the end of a snooze."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage.promises import Promise, PromiseStatus
from storage.scheduled_messages import Scheduled, ScheduledMessage
from storage.tickets import OPEN_STATUSES, Status, Ticket


async def on_ladder(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Those that somebody is to be called for, the longest due first."""
    return await _due(session, Ticket.ladder_at, now, limit)


async def snoozed(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Those that are to come back to the desk, the longest due first."""
    return await _due(session, Ticket.snoozed_until, now, limit)


async def words_near(session: AsyncSession, until: datetime, limit: int) -> list[int]:
    """Those whose customer is to hear something until then, which nothing else will tell, and nobody has a draft of."""
    is_undrafted = or_(Ticket.word_drafted_for.is_(None), Ticket.word_drafted_for != Ticket.next_word_at)
    by_ladder = and_(Ticket.ladder_at.is_not(None), Ticket.ladder_at <= Ticket.next_word_at)
    look = (
        select(Ticket.id)
        .where(Ticket.next_word_at <= until, is_undrafted)
        .where(Ticket.status.in_(OPEN_STATUSES), not_(_is_followed_up()), not_(by_ladder))
        .order_by(Ticket.next_word_at, Ticket.id)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def words_missed(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Those whose customer should have heard something by now, as was due or as was promised them, the longest due
    first. What an agent has written for this moment goes first."""
    by_agent = select(ScheduledMessage.ticket_id).where(
        ScheduledMessage.status == Scheduled.WAITING, ScheduledMessage.due_at <= now
    )
    by_ladder = and_(Ticket.ladder_at.is_not(None), Ticket.ladder_at <= now)
    is_missed = and_(Ticket.next_word_at <= now, not_(_is_followed_up()), not_(by_ladder))
    slipped = select(Promise.ticket_id).where(Promise.status == PromiseStatus.OPEN, Promise.due_at <= now)
    look = (
        select(Ticket.id)
        .where(Ticket.status.in_(OPEN_STATUSES), or_(is_missed, Ticket.id.in_(slipped)))
        .where(Ticket.id.not_in(by_agent))
        .order_by(Ticket.next_word_at, Ticket.id)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


def _is_followed_up() -> ColumnElement[bool]:
    """The customer has the ball: they are reminded instead."""
    return and_(Ticket.status == Status.WAITING_CUSTOMER, Ticket.follow_up_at.is_not(None))


async def follow_ups(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Those that wait for somebody who is to be reminded, the longest due first."""
    return await _due(session, Ticket.follow_up_at, now, limit)


async def locked(session: AsyncSession, ticket_id: int) -> Ticket:
    """The ticket as it is now, kept from changing. Its chats are locked before it."""
    return await session.get_one(Ticket, ticket_id, with_for_update=True, populate_existing=True)


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
