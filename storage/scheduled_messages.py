"""Messages that an agent wrote to be sent later."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Scheduled(StrEnum):
    """`DROPPED`: the customer wrote first, the ticket was settled, or its author took it back."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"


class ScheduledMessage(Base):
    """`unless_answered`: a word of the customer's before then drops it."""

    __tablename__ = "scheduled_message"
    __table_args__ = (Index("ix_scheduled_message_due", "status", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    agent: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    unless_answered: Mapped[bool]
    status: Mapped[str] = mapped_column(default=Scheduled.WAITING)
    why: Mapped[str | None]
    created_at: Mapped[datetime]
