"""What agents promised customers, with a date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession
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


async def of_ticket(session: AsyncSession, ticket_id: int, *statuses: PromiseStatus) -> list[Promise]:
    """Those that stand so, the soonest due first."""
    look = (
        select(Promise)
        .where(Promise.ticket_id == ticket_id, Promise.status.in_(statuses))
        .order_by(Promise.due_at, Promise.id)
    )
    return list((await session.scalars(look)).all())


async def seen_in(session: AsyncSession, message_id: int) -> list[Promise]:
    look = select(Promise).where(Promise.message_id == message_id).order_by(Promise.id)
    return list((await session.scalars(look)).all())


async def near(session: AsyncSession, until: datetime, limit: int) -> list[int]:
    """Open promises due until then whose agent has not been reminded."""
    look = (
        select(Promise.id)
        .where(Promise.status == PromiseStatus.OPEN, Promise.warned_at.is_(None), Promise.due_at <= until)
        .order_by(Promise.due_at, Promise.id)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


@dataclass(frozen=True)
class Kept:
    """How promises due in a time ended; `rate` is None where there were none."""

    kept: int
    corrected: int
    broken: int

    @property
    def rate(self) -> float | None:
        total = self.kept + self.corrected + self.broken
        return self.kept / total if total else None


async def kept_between(session: AsyncSession, since: datetime, until: datetime) -> Kept:
    """Of the promises due from `since` until before `until`."""
    look = (
        select(Promise.status, func.count())
        .where(Promise.due_at >= since, Promise.due_at < until)
        .group_by(Promise.status)
    )
    counts = {row[0]: row[1] for row in (await session.execute(look)).all()}
    return Kept(
        counts.get(PromiseStatus.KEPT, 0),
        counts.get(PromiseStatus.CORRECTED, 0),
        counts.get(PromiseStatus.BROKEN, 0),
    )
