"""What the desk is to be told of things that are no tickets: incidents, spikes, notices. Each has a card of its own."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Integer, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage import lanes
from storage.database import Base, database_time
from storage.desk_posts import PostStatus
from storage.lanes import Claim, Lane, LaneLost, Queue

SEPARATOR = ":"  # in a lane's key: those of tickets are bare numbers


class Subject(StrEnum):
    INCIDENT = "incident"
    SPIKE = "spike"
    NOTICE = "notice"
    DRIFT = "drift"
    ANSWERS = "answers"


class BoardPost(Base):
    """The subject's card is to be drawn anew. `event_id`: what happened to an incident and is told under the card
    before that; None once it is."""

    __tablename__ = "board_post"

    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    subject: Mapped[str]
    subject_id: Mapped[int]
    event_id: Mapped[int | None]
    status: Mapped[str] = mapped_column(default=PostStatus.WAITING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    booked: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


async def append(session: AsyncSession, subject: Subject, subject_id: int, event_id: int | None = None) -> None:
    lane_id, seq = await lanes.append(session, Queue.DESK, f"{subject}{SEPARATOR}{subject_id}")
    row = BoardPost(
        lane_id=lane_id,
        seq=seq,
        subject=subject,
        subject_id=subject_id,
        event_id=event_id,
        created_at=database_time(session),
    )
    session.add(row)
    await session.flush()


def is_boards(key: str) -> bool:
    """Whether a lane of the desk's queue is one of these."""
    return SEPARATOR in key


async def is_waiting(session: AsyncSession, subject: Subject, subject_id: int) -> bool:
    """Whether the card will be drawn anew anyway."""
    look = select(Lane.id).where(
        Lane.queue == Queue.DESK, Lane.key == f"{subject}{SEPARATOR}{subject_id}", Lane.head < Lane.tail
    )
    return (await session.scalars(look)).one_or_none() is not None


async def next_to_send(session: AsyncSession, held: Claim) -> BoardPost:
    """The lane's next post. Raises `LaneLost` when the lane is no longer held."""
    look = (
        select(BoardPost)
        .join(Lane, Lane.id == BoardPost.lane_id)
        .where(BoardPost.lane_id == held.lane_id, BoardPost.seq == held.head + 1)
        .where(Lane.owner == held.owner, Lane.fence == held.fence)
        .execution_options(populate_existing=True)
    )
    row = (await session.scalars(look)).one_or_none()
    if row is None:
        raise LaneLost(held.key)
    return row


async def is_last(session: AsyncSession, post: BoardPost) -> bool:
    behind = select(BoardPost.seq).where(BoardPost.lane_id == post.lane_id, BoardPost.seq > post.seq).limit(1)
    return (await session.scalars(behind)).one_or_none() is None
