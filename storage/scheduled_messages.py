"""Messages that an agent wrote to be sent later."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
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


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Those whose time has come, the longest due first."""
    look = (
        select(ScheduledMessage.id)
        .where(ScheduledMessage.status == Scheduled.WAITING, ScheduledMessage.due_at <= now)
        .order_by(ScheduledMessage.due_at, ScheduledMessage.id)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def waiting_for(session: AsyncSession, ticket_id: int) -> list[ScheduledMessage]:
    """What is still to be sent, the next one first."""
    look = (
        select(ScheduledMessage)
        .where(ScheduledMessage.ticket_id == ticket_id, ScheduledMessage.status == Scheduled.WAITING)
        .order_by(ScheduledMessage.due_at, ScheduledMessage.id)
    )
    return list((await session.scalars(look)).all())


async def locked(session: AsyncSession, message_id: int) -> ScheduledMessage | None:
    """As it is now, kept from changing."""
    return await session.get(ScheduledMessage, message_id, with_for_update=True, populate_existing=True)
