"""Keeps the SLA clocks of a ticket, and tells the desk when one runs out.

The event log is what counts: whoever shows or acts on a due time computes it from there (`current`), so it is right in
the transaction in which it is read, and no handler has to know of SLA. The rows are a copy for figures and for finding
what is due: `log_event` marks the ticket (`Ticket.sla_at`), the job copies, and marks it for its next moment.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import ladder, tickets
from handlers.content import Content
from handlers.desk import Desk
from handlers.duty import on_duty
from handlers.sla import Clock, clocks_of
from storage import agents, sla_clocks
from storage.conversations import Conversation, Owner
from storage.customers import Customer
from storage.sla_clocks import SlaClock, Target
from storage.tickets import Priority, Status, Ticket, TicketEvent, events_of

AS_COMPUTED = (
    "target", "event_id", "tier", "category", "policy", "minutes", "started_at", "warn_at", "due_at", "paused_at",
    "met_at", "ended_at",
)  # fmt: skip


def current(events: Sequence[TicketEvent], content: Content, tier: str) -> tuple[Clock, ...]:
    """A ticket's clocks by the rules of today; `tier` is its customer's."""
    return clocks_of(events, content.sla, content.calendar, tier)


async def keep(session: AsyncSession, desk: Desk, ticket: Ticket) -> list[SlaClock]:
    """The rows say what the events say; those that run, in the order they were started. A second time changes nothing.

    What has ended keeps the policy it ran by.
    """
    content = desk.content
    customer = await session.get_one(Customer, ticket.customer_id)
    computed = current(await events_of(session, ticket.id), content, customer.tier)
    rows = {(row.event_id, row.target): row for row in await sla_clocks.clocks_of(session, ticket.id)}
    digest = content.sla.digest(content.calendar)
    running = []
    for clock in computed:
        row = rows.pop((clock.event_id, clock.target), None)
        if row is None:
            row = SlaClock(ticket_id=ticket.id)
            session.add(row)
        elif clock.ended_at is not None and row.ended_at == clock.ended_at:
            continue
        for name in AS_COMPUTED:
            setattr(row, name, getattr(clock, name))
        row.rules = digest
        if clock.is_running:
            running.append(row)
    for row in rows.values():
        await session.delete(row)  # an answer was taken back, and what came after it was no next message
    await session.flush()
    return running


async def watch(session: AsyncSession, desk: Desk, ticket_id: int, now: datetime) -> bool:
    """Copies a ticket's clocks where they are to be looked at, and tells the desk what is due, each once. False where
    there was nothing to tell."""
    ticket = await sla_clocks.take(session, ticket_id, now)
    if ticket is None:
        return False
    running = await keep(session, desk, ticket)
    told = [row for row in running if await _tell(session, desk, ticket, row, now)]
    ticket.sla_at = min((at for row in running for at in _moments(row, now)), default=None)
    await session.flush()
    return bool(told)


def _moments(row: SlaClock, now: datetime) -> list[datetime]:
    """When it is to be looked at again, if nothing happens before."""
    moments = [
        row.warn_at if row.warned_at is None and row.breached_at is None else None,
        row.due_at if row.breached_at is None else None,
    ]
    return [at for at in moments if at is not None and at > now]


async def _tell(session: AsyncSession, desk: Desk, ticket: Ticket, row: SlaClock, now: datetime) -> bool:
    if row.breached_at is None and row.due_at is not None and row.due_at <= now:
        return await _breached(session, desk, ticket, row, now)
    is_warned = row.warned_at is not None or row.breached_at is not None
    if is_warned or row.warn_at is None or row.warn_at > now:
        return False
    row.warned_at = now
    names = await _concerned(session, desk, ticket, now)
    await _log(session, ticket, row, "sla_warning", names, now)
    return True


async def _breached(session: AsyncSession, desk: Desk, ticket: Ticket, row: SlaClock, now: datetime) -> bool:
    chat = await session.get_one(Conversation, ticket.conversation_id)
    row.breached_at = now
    names = await _concerned(session, desk, ticket, now)
    if row.target == Target.LIVE_WAIT:
        is_live = chat.owner != Owner.BOT and chat.ticket_id == ticket.id
        if is_live:
            await _log(session, ticket, row, "live_waiting", names, now)
        return is_live
    ticket.priority = Priority.HIGH
    if ticket.ladder_at is None and not _is_taken(ticket, chat):
        ladder.start(ticket, desk.content, now)
    leads = [one.name for one in await agents.agents(session) if one.leads]
    await _log(session, ticket, row, "sla_breached", list(dict.fromkeys([*names, *leads])), now)
    return True


async def _log(
    session: AsyncSession, ticket: Ticket, row: SlaClock, kind: str, names: list[str], now: datetime
) -> None:
    until = row.due_at.isoformat() if row.due_at else None
    await tickets.log_event(
        session, ticket, kind, tickets.BOT, now,
        target=row.target, policy=row.policy, minutes=row.minutes, names=names, **({"until": until} if until else {}),
    )  # fmt: skip


def _is_taken(ticket: Ticket, chat: Conversation) -> bool:
    """Somebody has it, and not only been asked to."""
    holds = chat.owner == Owner.AGENT and chat.ticket_id == ticket.id
    return holds or (ticket.assignee is not None and ticket.status != Status.NEW)


async def _concerned(session: AsyncSession, desk: Desk, ticket: Ticket, now: datetime) -> list[str]:
    """The owner; where there is none, those of its category's group who are on duty; where nobody of them is, all."""
    if ticket.assignee is not None:
        return [ticket.assignee]
    here = [one for one in await agents.agents(session) if on_duty(one, desk.content.calendar, now)]
    group = desk.content.desk.group_for(ticket.category)
    return [one.name for one in here if group in one.groups] or [one.name for one in here]
