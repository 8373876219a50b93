"""The outbox: every word that leaves the building, written in the transaction of the facts it tells."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, Text, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage import lanes
from storage.conversations import Conversation
from storage.database import Base, database_time, insert_into
from storage.lanes import Claim, Lane, LaneLost, Queue


class Delivery(StrEnum):
    """Where an outgoing message stands. `UNKNOWN`: the provider may or may not have it; `WITHHELD`: an agent had
    taken the conversation over before it left."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    WITHHELD = "withheld"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    DEAD = "dead"


class OutboxMessage(Base):
    """One outgoing message of a chat. `payload` is a `Reply`; `author` tells bot, agent and system words apart."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_status", "status", "created_at"),)

    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dedupe: Mapped[str] = mapped_column(unique=True)
    correlation_id: Mapped[str]
    channel: Mapped[str]
    chat_id: Mapped[str]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    author: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(default=Delivery.WAITING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    provider_id: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class SendBudget(Base):
    """A provider's global pace: the earliest time of the next send, shared by all workers and kept over restarts."""

    __tablename__ = "send_budget"

    provider: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


async def enqueue(session: AsyncSession, row: OutboxMessage) -> None:
    """Puts `row` at the end of its chat's lane. A `dedupe` key used before is refused by the database: the caller's
    transaction, and all that it tells, rolls back."""
    row.lane_id, row.seq = await lanes.append(session, Queue.OUT, f"{row.channel}:{row.chat_id}")
    session.add(row)
    await session.flush()


async def next_to_send(session: AsyncSession, held: Claim) -> tuple[OutboxMessage, str]:
    """The lane's next message, and who owns its conversation; the conversation's row is locked.

    Raises `LaneLost` when the lane is no longer held: whoever has it now may have sent the message.
    """
    look = (
        select(OutboxMessage, Conversation.owner)
        .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
        .join(Lane, Lane.id == OutboxMessage.lane_id)
        .where(OutboxMessage.lane_id == held.lane_id, OutboxMessage.seq == held.head + 1)
        .where(Lane.owner == held.owner, Lane.fence == held.fence)
        .with_for_update(of=Conversation)
    )
    row = (await session.execute(look)).one_or_none()
    if row is None:
        raise LaneLost(held.key)
    return row[0], row[1]


async def record(session: AsyncSession, held: Claim, status: Delivery, **values: Any) -> None:
    """How the lane's next message stands now."""
    await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.lane_id == held.lane_id, OutboxMessage.seq == held.head + 1)
        .values(status=status, **values)
        .execution_options(synchronize_session=False)
    )


async def take_turn(session: AsyncSession, provider: str, per_second: float) -> timedelta:
    """Books one send in the provider's budget: how long to wait before it (zero when at once)."""
    look = select(SendBudget, database_time(session)).where(SendBudget.provider == provider).with_for_update()
    row = (await session.execute(look)).one_or_none()
    if row is None:
        values = {"provider": provider, "next_at": database_time(session)}
        await session.execute(insert_into(session, SendBudget).values(values).on_conflict_do_nothing())
        row = (await session.execute(look)).one()
    budget, now = row
    wait: timedelta = max(timedelta(), budget.next_at - now)
    if not wait:
        budget.next_at = now + timedelta(seconds=1 / per_second)
    return wait


async def count_by_status(session: AsyncSession) -> dict[Delivery, int]:
    counts = await session.execute(select(OutboxMessage.status, func.count()).group_by(OutboxMessage.status))
    return {Delivery(status): count for status, count in counts.all()}
