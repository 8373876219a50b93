"""A low score is somebody's task: a ticket of its own, with an owner and a time, about what went wrong (R82)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import ladder, tickets
from handlers.calendars import Calendar, after_working_time
from handlers.desk import Desk
from handlers.duty import on_duty
from handlers.markup import escape
from handlers.survey_words import texts_for
from handlers.surveys import SURVEYS
from handlers.tickets import NewTicket
from storage import agents, ticket_links
from storage.agents import Agent
from storage.conversations import Conversation, Message
from storage.surveys import Survey
from storage.ticket_links import LinkKind
from storage.tickets import Priority, Ticket

REASON = "low_score"
WITHOUT_TOPIC = "human_handoff"


async def start(session: AsyncSession, desk: Desk, survey: Survey, conversation: Conversation, now: datetime) -> Ticket:
    """Opens it, once for each survey. A lead has it, or else whoever had the case, or else whoever takes it first; the
    customer's chat stays with the bot until they write."""
    texts = await texts_for(session, desk, survey)
    about = await session.get(Ticket, survey.ticket_id) if survey.ticket_id is not None else None
    score, best = survey.score or 0, SURVEYS[survey.kind].highest
    if about is None:
        subject = texts("recovery.subject_alone", score=score, best=best)
    else:
        subject = texts("recovery.subject", score=score, best=best, number=about.number)
    new = NewTicket(
        customer_id=survey.customer_id,
        category=await _category(session, desk, survey, about),
        reason=REASON,
        language=texts.language,
        subject=subject,
        summary=escape(subject),
    )
    ticket = await tickets.open_ticket(session, conversation, new, desk, now)
    survey.recovery_ticket_id = ticket.id
    await _give(session, desk, ticket, about, now)
    if about is not None:
        await ticket_links.link(session, about.id, ticket.id, LinkKind.RELATED)
    await tickets.log_event(
        session, ticket, "recovery_opened", tickets.BOT, now,
        survey=survey.kind.upper(), score=score, best=best, until=(ticket.next_word_at or now).isoformat(),
        names=[ticket.assignee] if ticket.assignee else [],
    )  # fmt: skip
    return ticket


async def _give(session: AsyncSession, desk: Desk, ticket: Ticket, about: Ticket | None, now: datetime) -> None:
    content = desk.content
    owner = choose_owner(
        await agents.agents(session),
        had_it=about.assignee if about else None,
        group=content.desk.group_for(ticket.category),
        calendar=content.calendar,
        now=now,
    )
    ticket.assignee = owner.name if owner else None
    ticket.priority = Priority.HIGH
    ticket.next_word_at = after_working_time(content.calendar, now, content.surveys.recovery_minutes)
    ladder.start(ticket, content, now)


def choose_owner(
    everybody: Iterable[Agent], *, had_it: str | None, group: str | None, calendar: Calendar, now: datetime
) -> Agent | None:
    """A lead, of its group and on duty before others; without any, the agent who had the case."""
    known = list(everybody)
    leads = sorted(
        (one for one in known if one.leads),
        key=lambda one: (not on_duty(one, calendar, now), group not in one.groups, one.id),
    )
    return next(iter(leads), None) or next((one for one in known if one.name == had_it), None)


async def _category(session: AsyncSession, desk: Desk, survey: Survey, about: Ticket | None) -> str:
    """What the case was about, so that it comes to those who look after such cases."""
    if about is not None:
        return about.category
    answer = await session.get(Message, survey.closing)
    topic = (answer.answer or answer.intent or "") if answer is not None else ""
    return topic if topic in desk.content.topics else WITHOUT_TOPIC


async def add_comment(session: AsyncSession, survey: Survey, words: str) -> None:
    """What the customer says about their score stands on the recovery's card."""
    ticket = await session.get(Ticket, survey.recovery_ticket_id) if survey.recovery_ticket_id else None
    if ticket is not None:
        ticket.summary = f"{ticket.summary}\n- {escape(words)}"
