"""Surveys: what was asked after a case, and what came back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint, and_, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.conversations import Author, Conversation, Message
from storage.database import Base
from storage.incidents import Incident, IncidentStatus, Subscriber
from storage.tickets import Ticket


class SurveyStatus(StrEnum):
    """`NOT_SENT`: with the reason in `why`. `EXPIRED`: no answer within the window."""

    PLANNED = "planned"
    SENT = "sent"
    ANSWERED = "answered"
    EXPIRED = "expired"
    NOT_SENT = "not_sent"


_ALONE = text("ticket_id IS NULL")
_ASKED = text("status != 'not_sent'")


class Survey(Base):
    """One survey about one closing of a ticket (`closing` counts them), or about a conversation the bot settled alone
    (`ticket_id` None, `closing` the message's id that settled it). `token` marks its buttons: a forged or old press
    fits none. `lot`, drawn once, decides whether it is among those that are asked; `why`: what keeps it from being
    sent, for now or for good.

    `due_at`: when it is to be sent, then when the customer is reminded; `expires_at`: until then it can be answered and
    the answer changed, None once it is closed. `score` is the last answer within that time; `rerates`: the survey whose
    low score was put right.
    """

    __tablename__ = "survey"
    __table_args__ = (
        UniqueConstraint("kind", "conversation_id", "ticket_id", "closing", name="uq_survey"),
        Index("uq_survey_alone", "kind", "closing", unique=True, sqlite_where=_ALONE, postgresql_where=_ALONE),
        Index("uq_survey_rerates", "rerates", unique=True, sqlite_where=_ASKED, postgresql_where=_ASKED),
        Index("ix_survey_due", "status", "due_at"),
        Index("ix_survey_conversation", "conversation_id", "status"),
        Index("ix_survey_customer", "customer_id", "kind", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    closing: Mapped[int]
    token: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default=SurveyStatus.PLANNED)
    why: Mapped[str | None]
    lot: Mapped[float]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    score: Mapped[int | None] = mapped_column(Integer)
    comment: Mapped[str | None] = mapped_column(Text)
    rerates: Mapped[int | None]
    recovery_ticket_id: Mapped[int | None] = mapped_column(index=True)
    created_at: Mapped[datetime]


async def give_to(session: AsyncSession, customer_id: int, conversation_ids: Iterable[int]) -> None:
    """What was asked in these chats is this customer's: two of them became one, or one became two."""
    await session.execute(
        update(Survey)
        .where(Survey.conversation_id.in_(tuple(conversation_ids)))
        .values(customer_id=customer_id)
        .execution_options(synchronize_session=False)
    )


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Those that are to be sent, and those sent whose customer is to be reminded; the longest due first."""
    is_to_remind = and_(
        Survey.status == SurveyStatus.SENT, Survey.reminded_at.is_(None), Survey.due_at < Survey.expires_at
    )
    look = (
        select(Survey.id)
        .where(or_(Survey.status == SurveyStatus.PLANNED, is_to_remind), Survey.due_at <= now)
        .order_by(Survey.due_at, Survey.id)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def expired(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Those whose time to answer is over, the longest first."""
    look = select(Survey.id).where(Survey.expires_at <= now).order_by(Survey.expires_at, Survey.id).limit(limit)
    return list((await session.scalars(look)).all())


async def locked(session: AsyncSession, survey_id: int) -> Survey:
    """The survey as it is now, kept from changing. Whoever also locks conversations does that before."""
    return await session.get_one(Survey, survey_id, with_for_update=True, populate_existing=True)


async def with_token(session: AsyncSession, token: str) -> Survey | None:
    """As `locked`, by the token of its buttons."""
    look = select(Survey).where(Survey.token == token).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(look)).one_or_none()


async def planned_here(session: AsyncSession, conversation_id: int, kind: str) -> Survey | None:
    """The survey planned about what the bot settles in this chat."""
    look = (
        select(Survey)
        .where(Survey.conversation_id == conversation_id, Survey.status == SurveyStatus.PLANNED)
        .where(Survey.kind == kind, Survey.ticket_id.is_(None))
        .with_for_update()
    )
    return (await session.scalars(look)).first()


async def open_here(session: AsyncSession, conversation_id: int, message_id: int) -> Survey | None:
    """The survey asked with this message, while it can be answered."""
    look = select(Survey).where(Survey.conversation_id == conversation_id, Survey.message_id == message_id)
    found = (await session.scalars(look.where(Survey.status == SurveyStatus.SENT))).first()
    return None if found is None else await locked(session, found.id)


async def put_right_by(session: AsyncSession, ticket_id: int) -> Survey | None:
    """The survey whose low score this ticket was opened for."""
    return (await session.scalars(select(Survey).where(Survey.recovery_ticket_id == ticket_id))).first()


async def is_rerated(session: AsyncSession, survey_id: int) -> bool:
    """Whether they were asked, or are to be asked, how it stands after it was put right."""
    look = select(Survey.id).where(Survey.rerates == survey_id, Survey.status != SurveyStatus.NOT_SENT)
    return (await session.scalars(look.limit(1))).first() is not None


async def last_sent_at(
    session: AsyncSession, customer_id: int, *, besides: int, kind: str | None = None
) -> datetime | None:
    """When the customer was last asked anything (else than in the survey `besides`), or this `kind`."""
    look = select(func.max(Survey.sent_at)).where(
        Survey.customer_id == customer_id, Survey.id != besides, Survey.status != SurveyStatus.NOT_SENT
    )
    return (await session.scalars(look if kind is None else look.where(Survey.kind == kind))).one()


async def last_wrote_at(session: AsyncSession, conversation_ids: Iterable[int]) -> datetime | None:
    """When the customer last said or pressed anything in these chats."""
    look = select(func.max(Message.created_at)).where(
        Message.conversation_id.in_(tuple(conversation_ids)), Message.author == Author.CUSTOMER
    )
    return (await session.scalars(look)).one()


async def was_with_people(session: AsyncSession, conversation_id: int, since: datetime) -> bool:
    """Whether a ticket was opened in this chat, or an agent spoke there, since then."""
    opened = select(Ticket.id).where(Ticket.conversation_id == conversation_id, Ticket.opened_at >= since)
    spoke = select(Message.id).where(
        Message.conversation_id == conversation_id, Message.author == Author.AGENT, Message.created_at >= since
    )
    for look in (opened, spoke):
        if (await session.scalars(look.limit(1))).first() is not None:
            return True
    return False


async def is_in_incident(session: AsyncSession, customer_id: int) -> bool:
    """Whether an incident that is not over concerns one of their tickets, or they are told of one."""
    tickets = (
        select(Ticket.id)
        .join(Incident, Incident.id == Ticket.incident_id)
        .where(Ticket.customer_id == customer_id, Incident.status == IncidentStatus.OPEN)
    )
    told = (
        select(Subscriber.id)
        .join(Incident, Incident.id == Subscriber.incident_id)
        .join(Conversation, Conversation.id == Subscriber.conversation_id)
        .where(Conversation.customer_id == customer_id, Incident.status == IncidentStatus.OPEN)
        .where(Subscriber.left_at.is_(None))
    )
    for look in (tickets, told):
        if (await session.scalars(look.limit(1))).first() is not None:
            return True
    return False
