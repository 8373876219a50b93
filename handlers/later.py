"""Messages that an agent writes now and that go to the customer later, unless there is no need for them any more."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import duplicates, tickets
from handlers.agent_actions import Act, AlreadySo, NothingToSay, as_words
from handlers.casework import check_snooze
from handlers.desk import Desk
from handlers.handoff import AlreadyTaken
from handlers.plain_text import storable
from handlers.status_updates import is_being_written_in
from storage import agents, due_tickets, scheduled_messages
from storage.conversations import Author, Conversation, last_of
from storage.scheduled_messages import Scheduled, ScheduledMessage
from storage.tickets import Ticket


class WhyDropped(StrEnum):
    """Why it was not sent. `TAKEN`: another agent speaks with the customer by now; `LEFT`: its author is gone."""

    ANSWERED = "answered"
    SETTLED = "settled"
    TAKEN = "taken"
    LEFT = "left"
    TAKEN_BACK = "taken_back"


async def schedule(act: Act, number: int, text: str, due_at: datetime, *, unless_answered: bool) -> datetime:
    """When it will leave: not in the quiet hours. Raises `NothingToSay`, `UnresolvedVariables`, `NotSensible`,
    `NotYours`, `IllegalTransition`."""
    if not as_words(text, act.desk.content):
        raise NothingToSay
    check_snooze(due_at, act.now)
    ticket, chats = await act.find(number)
    act.refuse_a_strangers_chat(ticket, chats)
    tickets.refuse_settled(ticket)
    at = act.desk.content.rhythm.next_allowed(due_at)
    row = ScheduledMessage(
        ticket_id=ticket.id,
        agent=act.agent,
        text=storable(text).strip(),
        due_at=at,
        unless_answered=unless_answered,
        status=Scheduled.WAITING,
        created_at=act.now,
    )
    act.session.add(row)
    await act.session.flush()
    await act.log(ticket, "scheduled", scheduled_id=row.id, until=at.isoformat())
    return at


async def drop(act: Act, number: int, scheduled_id: int) -> None:
    """Its author, or a lead, takes it back. Raises `AlreadySo`, `NotYours`."""
    ticket, chats = await act.find(number)
    act.refuse_a_strangers_chat(ticket, chats)
    row = await scheduled_messages.locked(act.session, scheduled_id)
    if row is None or row.ticket_id != ticket.id or row.status != Scheduled.WAITING:
        raise AlreadySo
    await _drop(act.session, ticket, row, WhyDropped.TAKEN_BACK, act.actor, act.now)


async def send(session: AsyncSession, desk: Desk, scheduled_id: int, now: datetime) -> bool:
    """Says it as the agent who wrote it, once; or drops it where there is no need any more, and they are told."""
    if desk.content.rhythm.in_quiet_hours(now):
        return False
    row = await session.get_one(ScheduledMessage, scheduled_id)
    ticket = await session.get_one(Ticket, row.ticket_id)
    while ticket.merged_into is not None:
        ticket = await session.get_one(Ticket, ticket.merged_into)
    chats = await duplicates.conversations_of(session, ticket)
    ticket = await due_tickets.locked(session, ticket.id)
    locked = await scheduled_messages.locked(session, scheduled_id)
    if locked is None or locked.status != Scheduled.WAITING or locked.due_at > now:
        return False
    if row.unless_answered and await is_being_written_in(session, chats):
        return False
    why = await _needless(session, ticket, chats, row)
    if why is None:
        why = await _said(session, desk, ticket, row, now)
    if why is not None:
        await _drop(session, ticket, row, why, tickets.BOT, now)
    return True


async def _said(
    session: AsyncSession, desk: Desk, ticket: Ticket, row: ScheduledMessage, now: datetime
) -> WhyDropped | None:
    row.status = Scheduled.SENT
    try:
        async with session.begin_nested():
            await Act(session, desk, row.agent, now).reply(ticket.number, row.text)
    except AlreadyTaken:
        return WhyDropped.TAKEN
    return None


async def _needless(
    session: AsyncSession, ticket: Ticket, chats: list[Conversation], row: ScheduledMessage
) -> WhyDropped | None:
    if not ticket.is_open:
        return WhyDropped.SETTLED
    author = await agents.agent_named(session, row.agent)
    if author is not None and not author.is_active:
        return WhyDropped.LEFT
    for chat in chats if row.unless_answered else ():
        last = await last_of(session, chat.id, Author.CUSTOMER)
        if last is not None and last.created_at > row.created_at:
            return WhyDropped.ANSWERED
    return None


async def _drop(
    session: AsyncSession, ticket: Ticket, row: ScheduledMessage, why: WhyDropped, actor: str, now: datetime
) -> None:
    row.status, row.why = Scheduled.DROPPED, why
    names = [row.agent] if actor == tickets.BOT else []
    await tickets.log_event(session, ticket, "schedule_dropped", actor, now, why=why, names=names)
