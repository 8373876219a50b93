"""Whether the same question gets the same answer everywhere, and how well the model fits what people write now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, Integer, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from storage.conversations import Author, Message
from storage.database import Base
from storage.tickets import Ticket


class AuditRun(Base):
    """`score` is 0…100."""

    __tablename__ = "audit_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    by: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    questions: Mapped[int] = mapped_column(Integer, default=0)
    answers: Mapped[int] = mapped_column(Integer, default=0)
    contradictions: Mapped[int] = mapped_column(Integer, default=0)
    score: Mapped[float | None] = mapped_column(Float)


class AuditFinding(Base):
    """One answer that was given, beside the canonical one; `source`: the bot on a channel, or an agent. `link` leads to
    where it was said."""

    __tablename__ = "audit_finding"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("audit_run.id"), index=True)
    question: Mapped[str] = mapped_column(Text)
    intent: Mapped[str]
    source: Mapped[str]
    language: Mapped[str]
    said: Mapped[str] = mapped_column(Text)
    canonical: Mapped[str] = mapped_column(Text)
    likeness: Mapped[float] = mapped_column(Float)
    verdict: Mapped[str]
    link: Mapped[str | None]


class DriftDay(Base):
    """How the model fared with one day's messages of a language; `topics`: new ones, one a line. `channel` and `ts`:
    the card by which the desk was told, where it was."""

    __tablename__ = "drift_day"
    __table_args__ = (Index("ix_drift_day", "day", "language", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[str]
    language: Mapped[str]
    messages: Mapped[int] = mapped_column(Integer)
    fallbacks: Mapped[int] = mapped_column(Integer)
    confidence: Mapped[float | None] = mapped_column(Float)
    topics: Mapped[str] = mapped_column(Text)
    channel: Mapped[str | None]
    ts: Mapped[str | None]


@dataclass(frozen=True)
class Replied:
    """An agent's words to a customer, and the intent of what they had been asked."""

    message: Message
    intent: str
    question: str
    language: str | None


async def most_asked(session: AsyncSession, intents: Collection[str], since: datetime, limit: int) -> list[str]:
    """Which of these customers asked most since then, the most first."""
    look = (
        select(Message.intent)
        .where(Message.author == Author.CUSTOMER, Message.created_at >= since, Message.intent.in_(tuple(intents)))
        .group_by(Message.intent)
        .order_by(func.count().desc(), Message.intent)
        .limit(limit)
    )
    return [intent for intent in (await session.scalars(look)).all() if intent]


async def agents_replies(session: AsyncSession, intents: Collection[str], since: datetime, limit: int) -> list[Replied]:
    """Newest first; the question is the last thing before that was read as one of these."""
    asked = aliased(Message)
    question_id = (
        select(func.max(asked.id))
        .where(
            asked.conversation_id == Message.conversation_id,
            asked.id < Message.id,
            asked.author == Author.CUSTOMER,
            asked.intent.in_(tuple(intents)),
        )
        .scalar_subquery()
    )
    question = aliased(Message)
    look = (
        select(Message, question)
        .join(question, question.id == question_id)
        .where(Message.author == Author.AGENT, Message.created_at >= since)
        .where(Message.deleted_at.is_(None), Message.text != "")
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return [
        Replied(said, before.intent or "", before.text, before.language)
        for said, before in (await session.execute(look)).all()
    ]


async def last_run(session: AsyncSession, *kinds: str) -> AuditRun | None:
    look = select(AuditRun).where(AuditRun.kind.in_(kinds)).order_by(AuditRun.started_at.desc()).limit(1)
    return (await session.scalars(look)).one_or_none()


async def trend(session: AsyncSession, limit: int = 52) -> list[AuditRun]:
    """Finished runs, oldest first."""
    look = select(AuditRun).where(AuditRun.finished_at.is_not(None)).order_by(AuditRun.id.desc()).limit(limit)
    return list(reversed((await session.scalars(look)).all()))


async def findings(
    session: AsyncSession, run_id: int, verdict: str | None = None, limit: int | None = None
) -> list[AuditFinding]:
    look = select(AuditFinding).where(AuditFinding.run_id == run_id).order_by(AuditFinding.id).limit(limit)
    if verdict is not None:
        look = look.where(AuditFinding.verdict == verdict)
    return list((await session.scalars(look)).all())


async def drift_days(session: AsyncSession, language: str, before: str, limit: int) -> list[DriftDay]:
    """The newest days before that one, newest first."""
    look = select(DriftDay).where(DriftDay.language == language, DriftDay.day < before)
    return list((await session.scalars(look.order_by(DriftDay.day.desc()).limit(limit))).all())


async def drift_since(session: AsyncSession, day: str) -> list[DriftDay]:
    """All languages' days from that one on, oldest first."""
    look = select(DriftDay).where(DriftDay.day >= day).order_by(DriftDay.day, DriftDay.language)
    return list((await session.scalars(look)).all())


async def tickets_of(session: AsyncSession, message_ids: Collection[int]) -> dict[int, int]:
    """The number of the ticket in which each of these messages was said."""
    look = (
        select(Message.id, Ticket.number)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Message.id.in_(tuple(message_ids)))
    )
    return {row.id: row.number for row in (await session.execute(look)).all()}


async def has_drift_day(session: AsyncSession, day: str) -> bool:
    return await session.scalar(select(DriftDay.id).where(DriftDay.day == day).limit(1)) is not None


async def read_between(session: AsyncSession, since: datetime, until: datetime) -> list[Message]:
    """What customers wrote and the model has read, that is still there."""
    look = select(Message).where(
        Message.author == Author.CUSTOMER,
        Message.created_at >= since,
        Message.created_at < until,
        Message.confidence.is_not(None),
        Message.deleted_at.is_(None),
    )
    return list((await session.scalars(look.order_by(Message.id))).all())
