"""What the agents' desk is to be told, in order per ticket: written in the transaction of the facts it tells."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage import lanes
from storage.database import Base, database_time
from storage.lanes import Claim, Lane, LaneLost, Queue
from storage.tickets import Ticket


class PostKind(StrEnum):
    """`EVENT`: something happened to the ticket. `MARK`: the fate of an agent's words changed. `CARD`: draw it anew.
    `LEFT`: the ticket went on elsewhere, the card that stayed behind says where."""

    EVENT = "event"
    MARK = "mark"
    CARD = "card"
    LEFT = "left"


class PostStatus(StrEnum):
    """`DEAD`: given up; `RESENT`: that, and put in line again since."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    RESENT = "resent"


class DeskPost(Base):
    """One thing to tell. `payload`: `{"event_id"}`, `{"message_id"}` or `{"thread_id"}`, and how far it has come; what
    it says is read when it is sent."""

    __tablename__ = "desk_post"

    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(default=PostStatus.WAITING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    booked: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


async def append(session: AsyncSession, ticket_id: int, kind: PostKind, payload: dict[str, Any]) -> None:
    lane_id, seq = await lanes.append(session, Queue.DESK, str(ticket_id))
    row = DeskPost(
        lane_id=lane_id, seq=seq, ticket_id=ticket_id, kind=kind, payload=payload, created_at=database_time(session)
    )
    session.add(row)
    await session.flush()


async def next_to_send(session: AsyncSession, held: Claim) -> DeskPost:
    """The lane's next post. Raises `LaneLost` when the lane is no longer held."""
    look = (
        select(DeskPost)
        .join(Lane, Lane.id == DeskPost.lane_id)
        .where(DeskPost.lane_id == held.lane_id, DeskPost.seq == held.head + 1)
        .where(Lane.owner == held.owner, Lane.fence == held.fence)
        .execution_options(populate_existing=True)
    )
    row = (await session.scalars(look)).one_or_none()
    if row is None:
        raise LaneLost(held.key)
    return row


async def is_last(session: AsyncSession, post: DeskPost) -> bool:
    """Whether nothing that may change the ticket's card waits behind this post."""
    behind = select(DeskPost.seq).where(
        DeskPost.lane_id == post.lane_id, DeskPost.seq > post.seq, DeskPost.kind != PostKind.MARK
    )
    return (await session.scalars(behind.limit(1))).one_or_none() is None


async def count_by_status(session: AsyncSession) -> dict[PostStatus, int]:
    counts = await session.execute(select(DeskPost.status, func.count()).group_by(DeskPost.status))
    return {PostStatus(status): count for status, count in counts.all()}


async def count_dead(session: AsyncSession) -> int:
    look = select(func.count()).select_from(DeskPost).where(DeskPost.status == PostStatus.DEAD)
    return (await session.scalars(look)).one()


async def dead(session: AsyncSession, limit: int) -> list[tuple[DeskPost, Ticket]]:
    """The newest `limit` posts that were given up, oldest first."""
    look = (
        select(DeskPost, Ticket)
        .join(Ticket, Ticket.id == DeskPost.ticket_id)
        .where(DeskPost.status == PostStatus.DEAD)
        .order_by(DeskPost.created_at.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in reversed((await session.execute(look)).all())]


async def tell_again(session: AsyncSession, lane_id: int, seq: int) -> bool:
    """Puts what was given up at the end of its ticket's line; what is told of it already is not told twice. False:
    there is no such post."""
    row = await session.get(DeskPost, (lane_id, seq), with_for_update=True)
    if row is None or row.status != PostStatus.DEAD:
        return False
    row.status = PostStatus.RESENT
    await append(session, row.ticket_id, PostKind(row.kind), {**row.payload, "drawn": False})
    return True
