"""A ticket's life: open, note, resolve, reopen. Every change leaves an event; metrics are computed from those."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import likeness, survey_planning
from handlers.calendars import after_working_time
from handlers.content import Content
from handlers.desk import Desk
from handlers.errors import SupportError
from handlers.plain_text import shorten
from storage import desk_posts, living_cards, sla_clocks, tickets
from storage.conversations import Conversation
from storage.customers import Customer
from storage.desk_posts import PostKind
from storage.tickets import OPEN_STATUSES, Priority, Status, Ticket, TicketEvent

SUBJECT_CHARACTERS = 500
BOT = "bot"
CUSTOMER = "customer"

WAITING = frozenset({Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY})
ALLOWED: dict[Status, frozenset[Status]] = {
    Status.NEW: frozenset(Status) - {Status.NEW},
    Status.OPEN: frozenset(Status) - {Status.NEW, Status.OPEN},
    Status.WAITING_CUSTOMER: frozenset(Status) - {Status.NEW, Status.WAITING_CUSTOMER},
    Status.WAITING_THIRD_PARTY: frozenset(Status) - {Status.NEW, Status.WAITING_THIRD_PARTY},
    Status.RESOLVED: frozenset({Status.OPEN, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.OPEN}),
}


class TicketNotFound(SupportError):
    """No such ticket of this customer. Somebody else's ticket is answered in the same words as none at all."""


class IllegalTransition(SupportError):
    """The ticket cannot go from its status to the one asked for."""


@dataclass(frozen=True)
class NewTicket:
    """What a ticket is opened with. `reason` is the rule that opened it: form, handoff, not_understood, nlu_down …"""

    customer_id: int
    category: str
    reason: str
    language: str
    subject: str
    summary: str
    facts: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    confirmed: bool = False


async def open_ticket(
    session: AsyncSession, conversation: Conversation, new: NewTicket, desk: Desk, now: datetime
) -> Ticket:
    content = desk.content
    form = content.forms.forms.get(new.category)
    customer = await session.get_one(Customer, new.customer_id)
    ticket = Ticket(
        number=await tickets.next_number(session),
        customer_id=new.customer_id,
        conversation_id=conversation.id,
        category=new.category,
        reason=new.reason,
        status=Status.NEW,
        priority=form.priority if form else Priority.NORMAL,
        language=new.language,
        subject=shorten(new.subject, SUBJECT_CHARACTERS),
        summary=new.summary,
        facts=new.facts,
        missing=list(new.missing),
        confirmed=new.confirmed,
        desk_channel=content.desk.channel_for(new.category, new.language, customer.tier, desk.desk_channel),
        opened_at=now,
        next_word_at=after_working_time(content.calendar, now, content.forms.minutes_for(new.category)),
    )
    session.add(ticket)
    await session.flush()
    data = {"category": new.category, "reason": new.reason, "tier": customer.tier}
    await log_event(session, ticket, "opened", BOT, now, **data)
    for one in await likeness.offer(session, ticket, now):
        await log_event(session, ticket, "duplicate_offered", BOT, now, other=one.ticket.number, why=one.why)
    return ticket


async def log_event(
    session: AsyncSession, ticket: Ticket, kind: str, actor: str, now: datetime, **data: Any
) -> TicketEvent:
    """Puts on record what happened; agents are told of it in the ticket's thread."""
    event = TicketEvent(ticket_id=ticket.id, at=now, kind=kind, actor=actor, data=data)
    session.add(event)
    sla_clocks.look_again(ticket, now)
    await session.flush()
    await living_cards.mark_stale(session, ticket.id)
    if ticket.desk_channel is not None:
        await desk_posts.append(session, ticket.id, PostKind.EVENT, {"event_id": event.id})
    return event


async def set_status(
    session: AsyncSession, ticket: Ticket, status: Status, actor: str, now: datetime, **data: Any
) -> None:
    """`data` goes with the event. Raises `IllegalTransition`."""
    before = Status(ticket.status)
    if status not in ALLOWED[before]:
        raise IllegalTransition(f"#{ticket.number}: {before} → {status}")
    ticket.status = status
    ticket.resolved_at = now if status is Status.RESOLVED else ticket.resolved_at
    if status not in OPEN_STATUSES:
        ticket.next_word_at = ticket.ladder_at = ticket.snoozed_until = None
    if status not in WAITING:
        ticket.waiting_reason = ticket.follow_up_at = None
        ticket.follow_up_step = 0
    await log_event(session, ticket, "status", actor, now, before=before, after=status, **data)
    if before in OPEN_STATUSES and status not in OPEN_STATUSES:
        await survey_planning.ticket_closed(session, ticket, now)


def refuse_settled(ticket: Ticket) -> None:
    """Raises `IllegalTransition` where nothing is left to do for it."""
    if not ticket.is_open:
        raise IllegalTransition(f"#{ticket.number}: {ticket.status}")


async def resolve(session: AsyncSession, ticket: Ticket, actor: str, now: datetime, cause: str | None = None) -> None:
    """Settled; `cause` as what, where an agent said so."""
    ticket.cause = cause
    await set_status(session, ticket, Status.RESOLVED, actor, now, **({"cause": cause} if cause else {}))


async def reopen(session: AsyncSession, ticket: Ticket, actor: str, content: Content, now: datetime) -> None:
    """Open again, with a new time by which the customer hears something. Raises `IllegalTransition`."""
    await set_status(session, ticket, Status.OPEN, actor, now)
    ticket.resolved_at = ticket.cause = ticket.merged_into = None
    ticket.next_word_at = after_working_time(content.calendar, now, content.forms.minutes_for(ticket.category))
    await log_event(session, ticket, "reopened", actor, now)


async def customer_answered(session: AsyncSession, ticket: Ticket, content: Content, now: datetime) -> None:
    """They wrote in their case: it is out of nobody's sight any more, and no longer waits for them but they for us."""
    ticket.snoozed_until = None
    if ticket.status == Status.WAITING_CUSTOMER:
        await go_on(session, ticket, CUSTOMER, content, now)


async def go_on(session: AsyncSession, ticket: Ticket, actor: str, content: Content, now: datetime) -> None:
    """It waits for nobody else any more: a person is to say something again. Raises `IllegalTransition`."""
    await set_status(session, ticket, Status.OPEN, actor, now)
    ticket.next_word_at = after_working_time(content.calendar, now, content.forms.minutes_for(ticket.category))


async def tier_changed(
    session: AsyncSession, theirs: Iterable[Ticket], before: str, after: str, actor: str, now: datetime
) -> None:
    """A customer is served in another way: on record with each of their open tickets, whose limits it changes."""
    for ticket in theirs:
        if ticket.is_open and before != after:
            await log_event(session, ticket, "tier", actor, now, before=before, after=after)


async def bring_here(session: AsyncSession, ticket: Ticket, conversation: Conversation) -> None:
    """Who asks about a case in another of their chats is answered there, unless the first is at work on it."""
    if ticket.conversation_id != conversation.id:
        first = await session.get_one(Conversation, ticket.conversation_id)
        if first.ticket_id != ticket.id:
            ticket.conversation_id = conversation.id


async def own_tickets(session: AsyncSession, customer_id: int) -> list[Ticket]:
    return await tickets.tickets_of(session, customer_id)


async def own_ticket(session: AsyncSession, customer_id: int, number: int) -> Ticket:
    """Raises `TicketNotFound`, also for somebody else's ticket."""
    ticket = await tickets.ticket_numbered(session, number)
    if ticket is None or ticket.customer_id != customer_id:
        raise TicketNotFound(f"#{number}")
    return ticket
