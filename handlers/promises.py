"""What agents promise customers with a date: seen in their words, tracked, owned up to when it slips (R43)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import promise_words, tickets
from handlers.desk import Desk
from handlers.markup import to_plain
from storage import due_tickets, promises
from storage.conversations import Message
from storage.customers import Customer
from storage.promises import Promise, PromiseStatus
from storage.tickets import Ticket


async def look(
    session: AsyncSession, desk: Desk, ticket: Ticket, said: Iterable[Message], agent: str, now: datetime
) -> None:
    """Promises in what an agent has just said, once for all chats it went to: they are asked whether it is one."""
    message = next(iter(said), None)
    if message is None or not ticket.is_open:
        return
    customer = await session.get_one(Customer, ticket.customer_id)
    language = customer.language or ticket.language
    times = desk.content.rhythm.rules.promises.times
    for found in promise_words.find(to_plain(message.text), language, now, desk.content.calendar, times):
        promise = Promise(
            ticket_id=ticket.id,
            message_id=message.id,
            agent=agent,
            words=found.words,
            due_at=found.due_at,
            status=PromiseStatus.PROPOSED,
            created_at=now,
        )
        session.add(promise)
        await session.flush()
        data = {"promise_id": promise.id, "words": found.words, "until": found.due_at.isoformat()}
        await tickets.log_event(session, ticket, "promise_seen", f"agent:{agent}", now, **data)


async def look_again(session: AsyncSession, desk: Desk, ticket: Ticket, message: Message, now: datetime) -> None:
    """The words have changed, or are gone: what was seen in them and not confirmed is forgotten."""
    for one in await promises.seen_in(session, message.id):
        if one.status == PromiseStatus.PROPOSED or (
            message.deleted_at is not None and one.status == PromiseStatus.OPEN
        ):
            one.status, one.settled_at = PromiseStatus.DISMISSED, now
    if message.deleted_at is None:
        await look(session, desk, ticket, [message], message.agent or "", now)


async def kept(session: AsyncSession, desk: Desk, ticket: Ticket, now: datetime, *, settled: bool = False) -> None:
    """A person has told the customer something, or settled the case: what was promised by then is kept. Words that
    follow at once belong to the same talk and keep nothing yet."""
    talk = desk.content.rhythm.rules.promises.same_talk
    for one in await promises.of_ticket(session, ticket.id, PromiseStatus.OPEN):
        if settled or (one.due_at >= now and now - one.created_at >= talk):
            one.status, one.settled_at = PromiseStatus.KEPT, now
            await tickets.log_event(session, ticket, "promise_kept", tickets.BOT, now, words=one.words)


async def warn(session: AsyncSession, desk: Desk, promise_id: int, now: datetime) -> bool:
    """Its time is near: the agent is reminded, once. Where there is nothing left to do for the ticket it is over."""
    promise = await session.get_one(Promise, promise_id)
    ticket = await due_tickets.locked(session, promise.ticket_id)
    await session.refresh(promise)
    if promise.status != PromiseStatus.OPEN:
        return False
    if not ticket.is_open:
        promise.status, promise.settled_at = PromiseStatus.KEPT, now
        return True
    if promise.warned_at is not None or promise.due_at > desk.content.rhythm.warning_horizon(now):
        return False
    promise.warned_at = now
    data = {"names": [promise.agent], "words": promise.words, "until": promise.due_at.isoformat()}
    await tickets.log_event(session, ticket, "promise_near", tickets.BOT, now, **data)
    return True
