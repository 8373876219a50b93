"""Whether the same question gets the same answer everywhere, and how well the model fits what people write now."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


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
    """How the model fared with one day's messages of a language."""

    __tablename__ = "drift_day"
    __table_args__ = (Index("ix_drift_day", "day", "language", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[str]
    language: Mapped[str]
    messages: Mapped[int] = mapped_column(Integer)
    fallbacks: Mapped[int] = mapped_column(Integer)
    confidence: Mapped[float | None] = mapped_column(Float)
    topics: Mapped[str] = mapped_column(Text)
