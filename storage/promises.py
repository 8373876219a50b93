"""What agents promised customers, with a date."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class PromiseStatus(StrEnum):
    """`PROPOSED`: seen in an agent's words, they have not said whether it is one. `CORRECTED`: it slipped, and the
    customer was told so in time or at once; `BROKEN` is one that slipped while they could not be told."""

    PROPOSED = "proposed"
    OPEN = "open"
    DISMISSED = "dismissed"
    KEPT = "kept"
    CORRECTED = "corrected"
    BROKEN = "broken"


class Promise(Base):
    """`words` are the agent's, `message_id` where they stand; `warned_at`: the agent was reminded before `due_at`."""

    __tablename__ = "promise"
    __table_args__ = (Index("ix_promise_due", "status", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    agent: Mapped[str]
    words: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    status: Mapped[str]
    warned_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
