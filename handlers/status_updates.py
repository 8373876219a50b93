"""Nobody is left in silence: a draft for the agent before a word is due, an honest status when none came (R34, R35)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import duplicates, next_word, tickets, when
from handlers.desk import Desk
from handlers.duty import on_duty
from handlers.markup import to_plain
from handlers.messages import Reply
from handlers.next_word import Reason, Waits
from handlers.speaking import say
from handlers.texts import Texts
from storage import agents, due_tickets, lanes, promises
from storage.conversations import Author, Conversation, Message
from storage.customers import Customer
from storage.lanes import Queue
from storage.promises import Promise, PromiseStatus
from storage.tickets import Priority, Status, Ticket, TicketEvent, events_of

SECOND_MISS = 2
SPOKEN = frozenset({"agent_replied", "word_sent", "taken"})
"""A person has shown up: what was missed before is over."""


@dataclass(frozen=True)
class Case:
    """A ticket with its chats, all of them kept from changing; `reason` is why it waits."""

    ticket: Ticket
    chats: list[Conversation]
    customer: Customer
    reason: Reason

    @property
    def reachable(self) -> list[Conversation]:
        return [chat for chat in self.chats if chat.blocked_at is None]


async def case_of(session: AsyncSession, ticket_id: int) -> Case:
    """Locks the chats before the ticket, as everybody does."""
    ticket = await session.get_one(Ticket, ticket_id)
    chats = await duplicates.conversations_of(session, ticket)
    ticket = await due_tickets.locked(session, ticket_id)
    customer = await session.get_one(Customer, ticket.customer_id)
    return Case(ticket, chats, customer, next_word.reason_of(ticket, chats))


async def is_being_written_in(session: AsyncSession, chats: Iterable[Conversation]) -> bool:
    """Whether something of the customer's has come that nobody has worked yet."""
    for chat in chats:
        if await lanes.has_work(session, Queue.IN, f"{chat.channel}:{chat.chat_id}"):
            return True
    return False


async def draft(session: AsyncSession, desk: Desk, ticket_id: int, now: datetime) -> bool:
    """Whoever has the ticket is given words to send, once for each time a word is due."""
    case = await case_of(session, ticket_id)
    ticket, due = case.ticket, case.ticket.next_word_at
    if due is None or not ticket.is_open or ticket.word_drafted_for == due or not case.reachable:
        return False
    if not now < due <= desk.content.rhythm.draft_horizon(now):
        return False
    ticket.word_drafted_for = due
    texts = desk.catalogue[case.customer.language or ticket.language]
    by = await next_word.due_after(session, desk, ticket, case.customer, due)
    angle = next_word.angle_after(await _told_before(session, ticket))
    text = next_word.status_text(desk, texts, ticket, ticket.number, case.reason, by, now, late=False, angle=angle)
    names = await whom_to_ask(session, desk, case, now)
    data = {"names": names, "text": text, "until": due.isoformat(), "by": by.isoformat()}
    await tickets.log_event(session, ticket, "word_drafted", tickets.BOT, now, **data)
    return True


async def _told_before(session: AsyncSession, ticket: Ticket) -> int:
    return sum(event.kind in {"status_told", "word_drafted"} for event in await events_of(session, ticket.id))


async def whom_to_ask(session: AsyncSession, desk: Desk, case: Case, now: datetime) -> list[str]:
    """Who has it, or it was given to; else those on duty who look after such cases."""
    if case.reason.who or case.ticket.assignee:
        return [case.reason.who or case.ticket.assignee or ""]
    group = desk.content.desk.group_for(case.ticket.category)
    here = [one for one in await agents.agents(session) if on_duty(one, desk.content.calendar, now)]
    return [one.name for one in here if group is None or group in one.groups]


async def tell(session: AsyncSession, desk: Desk, ticket_id: int, now: datetime) -> bool:
    """The word that was due has not come: how it stands goes out by itself, in each of the ticket's chats. What an
    agent had promised and has not kept is owned up to with it. Nothing in the quiet hours, and nothing that is not due
    any more."""
    if desk.content.rhythm.in_quiet_hours(now):
        return False
    case = await case_of(session, ticket_id)
    ticket = case.ticket
    slipped = await _slipped(session, ticket, now)
    if not ticket.is_open or not (slipped or _is_due(ticket, now)):
        return False
    events = await events_of(session, ticket.id)
    if not _is_followed_up(ticket) or ticket.next_word_at is None:
        ticket.next_word_at = await next_word.due_after(session, desk, ticket, case.customer, now)
    said = await _say(session, desk, case, slipped, events, now)
    await _correct(session, case, slipped, now, is_told=bool(said))
    if said:
        data = {"message_ids": [one.id for one in said], "words": to_plain(said[0].text),
                "until": ticket.next_word_at.isoformat()}  # fmt: skip
        await tickets.log_event(session, ticket, "status_told", tickets.BOT, now, **data)
    await _escalate(session, case, events, now)
    return True


def _is_due(ticket: Ticket, now: datetime) -> bool:
    return ticket.next_word_at is not None and ticket.next_word_at <= now and not _is_followed_up(ticket)


def _is_followed_up(ticket: Ticket) -> bool:
    """The customer has the ball, and is reminded of it."""
    return ticket.status == Status.WAITING_CUSTOMER and ticket.follow_up_at is not None


async def _slipped(session: AsyncSession, ticket: Ticket, now: datetime) -> list[Promise]:
    return [one for one in await promises.of_ticket(session, ticket.id, PromiseStatus.OPEN) if one.due_at <= now]


async def _say(
    session: AsyncSession,
    desk: Desk,
    case: Case,
    slipped: list[Promise],
    events: Iterable[TicketEvent],
    now: datetime,
) -> list[Message]:
    """Never the same as the last time."""
    ticket, said = case.ticket, []
    count = sum(event.kind == "status_told" for event in events)
    for chat in case.reachable:
        customer = await session.get_one(Customer, chat.customer_id)
        texts = desk.catalogue[customer.language or ticket.language]
        number = await duplicates.own_number(session, ticket, chat)
        text = _text(desk, texts, case, number, slipped, count, now)
        if chat.id == ticket.conversation_id and next_word.digest(text) == ticket.last_word:
            text = _text(desk, texts, case, number, slipped, count + 1, now)
        key = f"status:{ticket.id}:{int(now.timestamp())}:{chat.id}"
        message = await say(session, chat, Reply(text), author=Author.SYSTEM, correlation_id=key, dedupe=key, now=now)
        message.ticket_id = ticket.id
        said.append(message)
    if said:
        ticket.last_word = next_word.digest(said[0].text)
    return said


def _text(desk: Desk, texts: Texts, case: Case, number: int, slipped: list[Promise], count: int, now: datetime) -> str:
    ticket, by = case.ticket, case.ticket.next_word_at or now
    if slipped:
        zone = desk.content.calendar.zone
        return texts(
            "promise.slipped",
            number=number,
            promised=when.by(slipped[0].due_at, now, zone, texts),
            why=next_word.why(case.reason, texts),
            by=when.by(by, now, zone, texts),
        )
    late = case.reason.waits not in {Waits.CUSTOMER, Waits.THIRD_PARTY}
    angle = next_word.angle_after(count)
    return next_word.status_text(desk, texts, ticket, number, case.reason, by, now, late=late, angle=angle)


async def _correct(session: AsyncSession, case: Case, slipped: list[Promise], now: datetime, *, is_told: bool) -> None:
    """What slipped is told to the customer, and is broken where they cannot be told."""
    for one in slipped:
        one.status = PromiseStatus.CORRECTED if is_told else PromiseStatus.BROKEN
        one.settled_at = now
        kind = "promise_corrected" if is_told else "promise_broken"
        data = {"names": [one.agent], "words": one.words, "until": one.due_at.isoformat()}
        await tickets.log_event(session, case.ticket, kind, tickets.BOT, now, **data)


async def _escalate(session: AsyncSession, case: Case, events: list[TicketEvent], now: datetime) -> None:
    """Missed a second time and again without a person's word in between: the leads are called (R35)."""
    since = max((at for at, event in enumerate(events) if event.kind in SPOKEN), default=-1)
    misses = 1 + sum(event.kind == "status_told" for event in events[since + 1 :])
    if misses < SECOND_MISS or case.reason.waits in {Waits.CUSTOMER, Waits.THIRD_PARTY}:
        return
    case.ticket.priority = Priority.HIGH
    leads = [one.name for one in await agents.agents(session) if one.leads]
    names = [*leads, *(name for name in (case.reason.who,) if name and name not in leads)]
    await tickets.log_event(session, case.ticket, "silent", tickets.BOT, now, names=names, misses=misses)
