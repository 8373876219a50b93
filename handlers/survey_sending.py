"""A survey's way: asked when the rules allow it, the customer reminded once, closed when its time is over.

Each step is one transaction that holds all of the customer's chats: nobody takes one over, and nothing else is asked
in another, between the look and the question.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import awaiting, speaking, survey_rules, survey_words
from handlers.awaiting import AwaitingComment
from handlers.desk import Desk
from handlers.messages import Reply, Setting
from handlers.speaking import say
from handlers.survey_planning import closings
from handlers.survey_rules import Alone, Closing, Facts, WhyNot
from storage import outbox, surveys
from storage.conversations import Author, Conversation, Message, Owner, conversations_of
from storage.customers import Customer
from storage.outbox import Delivery, OutKind
from storage.surveys import Survey, SurveyStatus
from storage.tickets import Ticket, events_of

LOST = frozenset({Delivery.WITHHELD, Delivery.WITHDRAWN, Delivery.BLOCKED, Delivery.DEAD})


async def step(session: AsyncSession, desk: Desk, survey_id: int, now: datetime) -> bool:
    """Sends it, or reminds of it, or puts on record why not. False: nothing is due, or not yet."""
    found = await _taken(session, survey_id)
    if found is None or found[0].due_at > now:
        return False
    survey, chats = found
    if survey.status == SurveyStatus.PLANNED:
        return await _send(session, desk, survey, chats, now)
    is_to_remind = survey.status == SurveyStatus.SENT and survey.reminded_at is None
    if is_to_remind and survey.expires_at is not None and survey.due_at < survey.expires_at:
        return await _remind(session, desk, survey, chats, now)
    return False


async def close(session: AsyncSession, desk: Desk, survey_id: int, now: datetime) -> bool:
    """Its time is over: the buttons go, and what never reached the customer was not sent. False: it is not over."""
    found = await _taken(session, survey_id)
    if found is None or found[0].expires_at is None or found[0].expires_at > now:
        return False
    survey, _ = found
    survey.expires_at = None
    if await _is_lost(session, survey):
        survey.status, survey.why = SurveyStatus.NOT_SENT, WhyNot.UNDELIVERED
        return True
    if survey.status == SurveyStatus.SENT:
        survey.status = SurveyStatus.EXPIRED
    await redraw(session, survey, await survey_words.closed(session, desk, survey), now)
    return True


async def redraw(session: AsyncSession, survey: Survey, reply: Reply, now: datetime) -> None:
    """The question's message reads so from now on."""
    message = await session.get_one(Message, survey.message_id)
    if message.text == reply.text and message.buttons == (reply.to_payload()["buttons"] or None):
        return
    await speaking.say_again(session, message, reply, dedupe=f"survey:{uuid4().hex}", now=now)


async def _taken(session: AsyncSession, survey_id: int) -> tuple[Survey, list[Conversation]] | None:
    """The survey and all chats of its customer, locked; None where it changed hands in between: it is looked at again
    soon."""
    first = await session.get_one(Survey, survey_id)
    customer_id = first.customer_id
    chats = await conversations_of(session, customer_id)
    survey = await surveys.locked(session, survey_id)
    return (survey, chats) if survey.customer_id == customer_id else None


async def _send(session: AsyncSession, desk: Desk, survey: Survey, chats: list[Conversation], now: datetime) -> bool:
    content = desk.content
    facts = await facts_of(session, survey, chats)
    rules = content.surveys
    found = survey_rules.verdict(facts, rules.kinds[survey.kind], rules, content.rhythm, now)
    survey.why = found.why
    if found.again_at is not None:
        survey.due_at = found.again_at
        return False
    if not found.may_send:
        survey.status = SurveyStatus.NOT_SENT
        return True
    await _ask(session, desk, survey, chats, now)
    survey.status, survey.sent_at = SurveyStatus.SENT, now
    survey.expires_at = now + timedelta(days=rules.window_days)
    hours = rules.kinds[survey.kind].remind_after_hours
    survey.due_at = now + timedelta(hours=hours) if hours else survey.expires_at
    return True


async def _remind(session: AsyncSession, desk: Desk, survey: Survey, chats: list[Conversation], now: datetime) -> bool:
    """The question comes once more, and goes from where it stood."""
    if await _is_lost(session, survey):
        survey.status, survey.why, survey.expires_at = SurveyStatus.NOT_SENT, WhyNot.UNDELIVERED, None
        return True
    facts = await facts_of(session, survey, chats)
    found = survey_rules.may_remind(facts, desk.content.surveys, desk.content.rhythm, now)
    if not found.may_send:
        survey.due_at = found.again_at or survey.expires_at or now
        return False
    first = await session.get_one(Message, survey.message_id)
    await redraw(session, survey, Reply(first.text), now)
    await _ask(session, desk, survey, chats, now, is_reminder=True)
    survey.reminded_at = now
    return True


async def _ask(
    session: AsyncSession,
    desk: Desk,
    survey: Survey,
    chats: list[Conversation],
    now: datetime,
    *,
    is_reminder: bool = False,
) -> None:
    """As the bot: what it says is held back where an agent takes the chat over before it leaves."""
    chat = next(chat for chat in chats if chat.id == survey.conversation_id)
    reply = await survey_words.question(session, desk, survey, is_reminder=is_reminder)
    key = f"survey:{survey.id}:{'reminder' if is_reminder else 'asked'}"
    message = await say(session, chat, reply, author=Author.BOT, correlation_id=key, dedupe=key, now=now)
    message.ticket_id = survey.ticket_id
    survey.message_id = message.id


async def _is_lost(session: AsyncSession, survey: Survey) -> bool:
    if survey.message_id is None:
        return False
    rows = [row for row in await outbox.rows_of(session, survey.message_id) if row.kind == OutKind.SAY]
    return bool(rows) and all(row.status in LOST for row in rows)


async def facts_of(session: AsyncSession, survey: Survey, chats: list[Conversation]) -> Facts:
    chat = next(chat for chat in chats if chat.id == survey.conversation_id)
    customer = await session.get_one(Customer, survey.customer_id)
    occasion_at, occasion = await _occasion(session, survey, chat)
    return Facts(
        occasion_at=occasion_at,
        occasion=occasion,
        is_rerating=survey.rerates is not None,
        is_private=chat.setting == Setting.PRIVATE,
        is_blocked=chat.blocked_at is not None,
        has_refused=customer.surveys_refused_at is not None,
        is_with_people=any(one.owner != Owner.BOT for one in chats),
        has_draft=any(_has_draft(one) for one in chats),
        last_wrote_at=await surveys.last_wrote_at(session, [one.id for one in chats]),
        in_incident=await surveys.is_in_incident(session, customer.id),
        last_survey_at=await surveys.last_sent_at(session, customer.id, besides=survey.id),
        last_of_kind_at=await surveys.last_sent_at(session, customer.id, besides=survey.id, kind=survey.kind),
        lot=survey.lot,
    )


def _has_draft(chat: Conversation) -> bool:
    """Whether the bot has asked something there; a comment is invited, not asked for."""
    state = awaiting.load(chat.awaiting)
    return state is not None and not isinstance(state, AwaitingComment)


async def _occasion(session: AsyncSession, survey: Survey, chat: Conversation) -> tuple[datetime, Closing | Alone]:
    if survey.ticket_id is None:
        answer = await session.get_one(Message, survey.closing)
        handed_over = await surveys.was_with_people(session, chat.id, survey.created_at)
        return answer.created_at, Alone(handed_over, understood=chat.misunderstandings == 0)
    ticket = await session.get_one(Ticket, survey.ticket_id, populate_existing=True)
    events = await events_of(session, ticket.id)
    ends = closings(events)
    end = ends[survey.closing - 1]
    began = ends[survey.closing - 2].id if survey.closing > 1 else 0
    by_agent = end.actor.startswith("agent:")
    spoke = any(event.kind == "agent_replied" and began < event.id < end.id for event in events)
    closing = Closing(
        by_bot=not by_agent and end.actor != "customer",
        cause=end.data.get("cause"),
        was_served=by_agent or spoke,
        reopened=ticket.is_open or len(ends) > survey.closing,
    )
    return end.at, closing
