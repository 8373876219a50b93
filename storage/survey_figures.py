"""What reports on surveys are computed from: answers counted, closings and what came after them, recoveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.conversations import Conversation, Message
from storage.customers import Customer
from storage.surveys import Survey, SurveyStatus
from storage.tickets import Ticket, TicketEvent

UNKNOWN = "unknown"


@dataclass(frozen=True)
class Tally:
    """So many surveys that were sent and have all of this in common. `by`: whose case it was, `bot` or `human`."""

    kind: str
    channel: str
    language: str
    intent: str
    by: str
    status: str
    score: int | None
    is_rerating: bool
    count: int


@dataclass(frozen=True)
class Change:
    """A ticket's status changed, or the bot settled a case alone (`ticket_id` None)."""

    ticket_id: int | None
    customer_id: int
    channel: str
    language: str
    intent: str
    actor: str
    before: str
    after: str
    cause: str | None
    at: datetime


@dataclass(frozen=True)
class Opened:
    ticket_id: int
    customer_id: int
    intent: str
    at: datetime


@dataclass(frozen=True)
class Recovered:
    """A low score somebody is to put right; `settled_at` None: not yet. `score_after`: what they said then."""

    kind: str
    score: int
    settled_at: datetime | None
    score_after: int | None


def _language() -> ColumnElement[str]:
    return func.coalesce(Ticket.language, Customer.language, UNKNOWN)


def _intent() -> ColumnElement[str]:
    return func.coalesce(Ticket.category, Message.answer, Message.intent, UNKNOWN)


async def tallies(session: AsyncSession, since: datetime, until: datetime) -> list[Tally]:
    """All that were sent in this time, as they stand now."""
    by = case((Survey.ticket_id.is_(None), "bot"), else_="human")
    keys: tuple[SQLColumnExpression[Any], ...] = (
        Survey.kind, Conversation.channel, _language(), _intent(), by, Survey.status, Survey.score,
        Survey.rerates.is_not(None),
    )  # fmt: skip
    each = (
        select(*(key.label(f"part{number}") for number, key in enumerate(keys)))
        .select_from(Survey)
        .join(Conversation, Conversation.id == Survey.conversation_id)
        .join(Customer, Customer.id == Survey.customer_id)
        .outerjoin(Ticket, Ticket.id == Survey.ticket_id)
        .outerjoin(Message, and_(Survey.ticket_id.is_(None), Message.id == Survey.closing))
        .where(Survey.sent_at >= since, Survey.sent_at < until, Survey.status != SurveyStatus.NOT_SENT)
        .subquery()
    )
    counted = await session.execute(select(*each.c, func.count()).group_by(*each.c))
    return [Tally(*row[:7], is_rerating=bool(row[7]), count=row[8]) for row in counted.all()]


async def reasons(session: AsyncSession, since: datetime, until: datetime) -> dict[tuple[str, str], int]:
    """Why how many of a kind planned in this time were not sent."""
    look = (
        select(Survey.kind, func.coalesce(Survey.why, UNKNOWN), func.count())
        .where(Survey.created_at >= since, Survey.created_at < until, Survey.status == SurveyStatus.NOT_SENT)
        .group_by(Survey.kind, Survey.why)
    )
    return {(kind, why): count for kind, why, count in (await session.execute(look)).all()}


async def changes(session: AsyncSession, besides: str, since: datetime, until: datetime) -> list[Change]:
    """Every change of a ticket's status in this time, in order; those opened for the reason `besides` left out."""
    look = (
        select(TicketEvent, Ticket, Conversation.channel)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .where(TicketEvent.kind == "status", TicketEvent.at >= since, TicketEvent.at < until)
        .where(Ticket.reason != besides)
        .order_by(TicketEvent.id)
    )
    return [
        Change(
            ticket.id, ticket.customer_id, channel, ticket.language, ticket.category, event.actor,
            str(event.data["before"]), str(event.data["after"]), event.data.get("cause"), event.at,
        )
        for event, ticket, channel in (await session.execute(look)).all()
    ]  # fmt: skip


async def settled_alone(
    session: AsyncSession, kind: str, but: tuple[str, ...], since: datetime, until: datetime
) -> list[Change]:
    """The bot's cases, which surveys of this kind were planned about; those not sent for one of the reasons `but` it
    did not settle."""
    look = (
        select(Survey.customer_id, Conversation.channel, _language(), _intent(), Message.created_at)
        .join(Conversation, Conversation.id == Survey.conversation_id)
        .join(Customer, Customer.id == Survey.customer_id)
        .join(Message, Message.id == Survey.closing)
        .outerjoin(Ticket, Ticket.id == Survey.ticket_id)
        .where(Survey.kind == kind, Survey.ticket_id.is_(None), Survey.status != SurveyStatus.PLANNED)
        .where(Message.created_at >= since, Message.created_at < until, func.coalesce(Survey.why, "").not_in(but))
        .order_by(Survey.id)
    )
    return [
        Change(None, customer_id, channel, language, intent, "bot", "", "", None, at)
        for customer_id, channel, language, intent, at in (await session.execute(look)).all()
    ]


async def opened(session: AsyncSession, besides: str, since: datetime, until: datetime) -> list[Opened]:
    """Tickets opened in this time, for whatever reason but `besides`."""
    look = (
        select(Ticket.id, Ticket.customer_id, Ticket.category, Ticket.opened_at)
        .where(Ticket.opened_at >= since, Ticket.opened_at < until, Ticket.reason != besides)
        .order_by(Ticket.id)
    )
    return [Opened(*row) for row in (await session.execute(look)).all()]


async def recoveries(session: AsyncSession, since: datetime, until: datetime) -> list[Recovered]:
    """Of the low scores given in this time, each that somebody was to put right."""
    after = aliased(Survey)
    look = (
        select(Survey.kind, Survey.score, Ticket.resolved_at, after.score)
        .join(Ticket, Ticket.id == Survey.recovery_ticket_id)
        .outerjoin(after, and_(after.rerates == Survey.id, after.status == SurveyStatus.ANSWERED))
        .where(Ticket.opened_at >= since, Ticket.opened_at < until)
        .order_by(Survey.id)
    )
    return [Recovered(kind, score or 0, settled, again) for kind, score, settled, again in await session.execute(look)]
