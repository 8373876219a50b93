"""Targets of a ticket: by when we have to answer, answer again, and settle it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Target(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


class SlaClock(Base):
    """One target of a ticket, as computed from its events and the policy of its tier and category. `started_at`: what
    set it going; `due_at` moves while the clock is paused (`paused_at`), and when policy or calendar change.
    `warned_at` and `breached_at`: the desk was told; `met_at`: what was asked for happened. `policy`: which one."""

    __tablename__ = "sla_clock"
    __table_args__ = (
        UniqueConstraint("ticket_id", "target", "started_at", name="uq_sla_clock"),
        Index("ix_sla_clock_due", "due_at"),
        Index("ix_sla_clock_warn", "warn_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    target: Mapped[str]
    policy: Mapped[str]
    minutes: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime]
    warn_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
