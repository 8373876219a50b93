"""The lists on an agent's Home tab: their tickets, those that wait for somebody, those that are late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.conversations import Conversation, Owner
from storage.customers import Customer
from storage.desk_threads import DeskThread
from storage.tickets import OPEN_STATUSES, Status, Ticket, TicketEvent

CALLS = ("handed_over", "released")


@dataclass(frozen=True)
class Listed:
    """A ticket in a list. `held_by` has its chat in hand; `thread` is where it is worked, once there is one."""

    ticket: Ticket
    customer: str | None
    held_by: str | None
    waits_since: datetime
    thread: DeskThread | None


@dataclass(frozen=True)
class Listing:
    """The first of a list, and how many there are in all."""

    shown: tuple[Listed, ...]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.shown)


_holder = (
    select(func.min(Conversation.agent))
    .where(Conversation.ticket_id == Ticket.id, Conversation.owner == Owner.AGENT)
    .correlate(Ticket)
    .scalar_subquery()
)
_in_queue = (
    select(Conversation.id)
    .where(Conversation.ticket_id == Ticket.id, Conversation.owner == Owner.QUEUE)
    .correlate(Ticket)
    .exists()
)
_taken = aliased(TicketEvent)
_last_taken = (
    select(func.max(_taken.id))
    .where(_taken.ticket_id == Ticket.id, _taken.kind == "taken")
    .correlate(Ticket)
    .scalar_subquery()
)
_called_at = (
    select(func.min(TicketEvent.at))
    .where(
        TicketEvent.ticket_id == Ticket.id,
        TicketEvent.kind.in_(CALLS),
        TicketEvent.id > func.coalesce(_last_taken, 0),
    )
    .correlate(Ticket)
    .scalar_subquery()
)
_waits_since = func.coalesce(_called_at, Ticket.opened_at)
_is_open = Ticket.status.in_(OPEN_STATUSES)


async def mine(session: AsyncSession, name: str, limit: int) -> Listing:
    """Open ones that are theirs, what is due first on top."""
    is_mine = and_(_is_open, Ticket.assignee == name)
    return await _listing(session, is_mine, (Ticket.next_word_at.is_(None), Ticket.next_word_at), limit)


async def queue(session: AsyncSession, name: str, now: datetime, limit: int) -> Listing:
    """Those that nobody has in hand, and that are not given to `name`; who has waited longest first."""
    waits = and_(
        Ticket.status.in_((Status.NEW, Status.OPEN)),
        _holder.is_(None),
        or_(Ticket.snoozed_until.is_(None), Ticket.snoozed_until <= now),
        or_(Ticket.assignee.is_(None), and_(Ticket.assignee != name, _in_queue)),
    )
    return await _listing(session, waits, (_waits_since,), limit)


async def overdue(session: AsyncSession, name: str, now: datetime, limit: int) -> Listing:
    """Those whose customers should have heard from us by now: theirs first, then what is latest."""
    is_late = and_(_is_open, Ticket.next_word_at < now)
    is_others = func.coalesce(Ticket.assignee, "") != name
    return await _listing(session, is_late, (is_others, Ticket.next_word_at), limit)


async def _listing(session: AsyncSession, fits: ColumnElement[bool], order: tuple[Any, ...], limit: int) -> Listing:
    total = (await session.scalars(select(func.count()).select_from(Ticket).where(fits))).one()
    look = (
        select(Ticket, Customer.name, _holder, _waits_since)
        .join(Customer, Customer.id == Ticket.customer_id)
        .where(fits)
        .order_by(*order, Ticket.number)
        .limit(limit)
    )
    rows = (await session.execute(look)).all()
    threads = await _threads(session, [ticket.id for ticket, *_ in rows])
    shown = [
        Listed(ticket, customer, holder, since, threads.get(ticket.id)) for ticket, customer, holder, since in rows
    ]
    return Listing(tuple(shown), total)


async def _threads(session: AsyncSession, ticket_ids: list[int]) -> dict[int, DeskThread]:
    look = (
        select(DeskThread)
        .where(DeskThread.ticket_id.in_(ticket_ids), DeskThread.lost_at.is_(None))
        .order_by(DeskThread.id)
    )
    return {thread.ticket_id: thread for thread in (await session.scalars(look)).all()}
