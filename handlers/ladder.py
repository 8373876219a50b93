"""Nobody takes a ticket: step by step more people are called, and the customer hears honestly how it stands (R17)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import assignment, duplicates, tickets, when
from handlers.calendars import after_working_time, is_open, next_opening
from handlers.content import Content
from handlers.desk import Desk
from handlers.desk_rules import Call, Step
from handlers.duty import on_duty
from handlers.messages import Reply
from handlers.speaking import say
from handlers.texts import Texts
from storage import agents, due_tickets
from storage.conversations import Author, Conversation, Owner
from storage.customers import Customer
from storage.tickets import Ticket, events_of

SPARE_MINUTES = 5
"""What the ladder itself will say is promised for a little later than it is due."""


def start(ticket: Ticket, content: Content, now: datetime) -> None:
    """It is with people from now on, and nobody has it."""
    ticket.ladder_step = 0
    steps = content.desk.ladder
    ticket.ladder_at = after_working_time(content.calendar, now, steps[0].after_minutes) if steps else None


async def call_people(session: AsyncSession, desk: Desk, ticket: Ticket, now: datetime) -> None:
    """Somebody is to take it: it is given to whose turn it is, and more are called until somebody has."""
    start(ticket, desk.content, now)
    await assignment.offer(session, desk, ticket, now)


def stop(ticket: Ticket) -> None:
    """Somebody has it, or nobody is to."""
    ticket.ladder_at = None


async def step(session: AsyncSession, desk: Desk, ticket: Ticket, now: datetime) -> bool:
    """Takes the step that is due, once; False where none is any more. To be called before anything else is locked."""
    steps = desk.content.desk.ladder
    chats = await duplicates.conversations_of(session, ticket)
    await session.refresh(ticket)
    number = ticket.ladder_step
    if not await due_tickets.take_step(session, ticket, number, _next_at(desk.content, number, now), now):
        return False
    if number >= len(steps):
        return False  # the ladder is shorter than it was
    group, names = await _call(session, desk, ticket, steps[number], now)
    waiting = [chat for chat in chats if _waits_for(chat, ticket)] if steps[number].tell_customer else []
    told = await _what_to_tell(session, desk.content, ticket, steps[number].call, names, now) if waiting else None
    data = {"step": number + 1, "call": steps[number].call, "group": group, "names": names, "told": told}
    event = await tickets.log_event(session, ticket, "called", tickets.BOT, now, **data)
    if told is not None:
        ticket.next_word_at = _next_word_at(desk.content, ticket, now)
        for chat in waiting:
            await _tell(session, desk, ticket, chat, told, f"ladder:{event.id}:{chat.id}", now)
    return True


def _waits_for(chat: Conversation, ticket: Ticket) -> bool:
    """Who went on with the bot is not interrupted; who blocked us cannot be told."""
    return chat.owner == Owner.QUEUE and chat.ticket_id == ticket.id and chat.blocked_at is None


def _next_at(content: Content, number: int, now: datetime) -> datetime | None:
    """When the step after this one is due, counted from this one; None after the last."""
    steps = content.desk.ladder
    if number + 1 >= len(steps):
        return None
    minutes = steps[number + 1].after_minutes - steps[number].after_minutes
    return after_working_time(content.calendar, now, minutes)


async def _call(
    session: AsyncSession, desk: Desk, ticket: Ticket, due: Step, now: datetime
) -> tuple[str | None, list[str]]:
    """The group, where one looks after the category, and who of those called is on duty."""
    if due.call is Call.AGENT:
        present = (ticket.assignee,) if ticket.assignee else ()
        chosen = await assignment.offer(session, desk, ticket, now, exclude=present)
        return None, [chosen.name] if chosen else []
    here = [one for one in await agents.agents(session) if on_duty(one, desk.content.calendar, now)]
    if due.call is Call.LEADS:
        return None, [one.name for one in here if one.leads]
    group = desk.content.desk.group_for(ticket.category)
    return group, [one.name for one in here if group is None or group in one.groups]


async def _what_to_tell(
    session: AsyncSession, content: Content, ticket: Ticket, call: Call, names: list[str], now: datetime
) -> str | None:
    """Which words say how it stands; None where they were the last ones of this climb already."""
    told = (call.value if names else "nobody") if is_open(content.calendar, now) else "closed"
    calls = [event.data for event in await events_of(session, ticket.id) if event.kind == "called"]
    since = max((index for index, data in enumerate(calls) if data["step"] == 1), default=0)
    said = [data["told"] for data in calls[since:] if data["told"]]
    return None if said and said[-1] == told else told


def _next_word_at(content: Content, ticket: Ticket, now: datetime) -> datetime:
    """When the ladder speaks next; after its last word, by when a person has to."""
    steps, taken = content.desk.ladder, ticket.ladder_step
    later = next((one for one in steps[taken:] if one.tell_customer), None)
    if later is None:
        minutes = content.forms.minutes_for(ticket.category)
    else:
        minutes = later.after_minutes - steps[taken - 1].after_minutes + SPARE_MINUTES
    return after_working_time(content.calendar, now, minutes)


async def _tell(
    session: AsyncSession, desk: Desk, ticket: Ticket, chat: Conversation, told: str, key: str, now: datetime
) -> None:
    customer = await session.get_one(Customer, chat.customer_id)
    texts = desk.catalogue[customer.language or ticket.language]
    number = await duplicates.own_number(session, ticket, chat)
    words = Reply(_words(desk.content, texts, told, number, ticket.next_word_at or now, now))
    await say(session, chat, words, author=Author.SYSTEM, correlation_id=key, dedupe=key, now=now)


def _words(content: Content, texts: Texts, told: str, number: int, by: datetime, now: datetime) -> str:
    zone = content.calendar.zone
    return texts(
        f"ladder.{told}",
        number=number,
        by=when.by(by, now, zone, texts),
        opens=when.at(next_opening(content.calendar, now), now, zone, texts),
        urgent=content.company.urgent_contact.in_language(texts.language),
    )
