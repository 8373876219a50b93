"""Which Slack thread a ticket is worked in, and which message in it stands for which of ours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.conversations import Message
from storage.database import Base
from storage.ticket_notes import TicketNote
from storage.tickets import OPEN_STATUSES, Ticket


class DeskThread(Base):
    """A ticket's thread: its card is the parent, `ts`. One that is `lost_at` was deleted, or its channel is gone: the
    ticket has a newer one, and what is still said in the old one counts for it."""

    __tablename__ = "desk_thread"
    __table_args__ = (UniqueConstraint("channel", "ts", name="uq_desk_thread"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    channel: Mapped[str]
    ts: Mapped[str]
    opened_at: Mapped[datetime]
    lost_at: Mapped[datetime | None]


class DeskCopy(Base):
    """A message of a conversation as it stands in the desk's thread: an agent's own post, or our copy of what a
    customer wrote. `mark` is the emoji we have put on it, `is_own`: the agent typed it there."""

    __tablename__ = "desk_copy"
    __table_args__ = (Index("ix_desk_copy_place", "channel", "ts"),)

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    channel: Mapped[str]
    ts: Mapped[str]
    is_own: Mapped[bool]
    mark: Mapped[str | None]


async def thread_of(session: AsyncSession, ticket_id: int) -> DeskThread | None:
    """The thread a ticket is worked in now."""
    look = (
        select(DeskThread)
        .where(DeskThread.ticket_id == ticket_id, DeskThread.lost_at.is_(None))
        .order_by(DeskThread.id.desc())
        .limit(1)
    )
    return (await session.scalars(look)).one_or_none()


async def lose(session: AsyncSession, thread: DeskThread, now: datetime) -> bool:
    """The thread is gone; False where that was known already."""
    lost = (
        update(DeskThread)
        .where(DeskThread.id == thread.id, DeskThread.lost_at.is_(None))
        .values(lost_at=now)
        .returning(DeskThread.id)
        .execution_options(synchronize_session=False)
    )
    was_there = (await session.execute(lost)).scalar_one_or_none() is not None
    await session.refresh(thread)
    return was_there


async def thread_at(session: AsyncSession, channel: str, ts: str) -> DeskThread | None:
    look = select(DeskThread).where(DeskThread.channel == channel, DeskThread.ts == ts)
    return (await session.scalars(look)).one_or_none()


async def worked_in(session: AsyncSession, channel: str, limit: int | None) -> list[int]:
    """The ids of open tickets whose thread is in this channel; the newest ones where there is a `limit`."""
    look = (
        select(Ticket.id)
        .join(DeskThread, DeskThread.ticket_id == Ticket.id)
        .where(DeskThread.channel == channel, DeskThread.lost_at.is_(None), Ticket.status.in_(OPEN_STATUSES))
        .order_by(Ticket.id.desc())
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def ticket_at(session: AsyncSession, channel: str, ts: str) -> Ticket | None:
    """The ticket whose thread this is, or was; or that a post in it stands for something of."""
    for found in (
        select(DeskThread.ticket_id).where(DeskThread.channel == channel, DeskThread.ts == ts),
        select(Message.ticket_id)
        .join(DeskCopy, DeskCopy.message_id == Message.id)
        .where(DeskCopy.channel == channel, DeskCopy.ts == ts, Message.ticket_id.is_not(None)),
        select(TicketNote.ticket_id).where(TicketNote.channel == channel, TicketNote.ts == ts),
    ):
        ticket_id = (await session.scalars(found.limit(1))).one_or_none()
        if ticket_id is not None:
            return await session.get_one(Ticket, ticket_id)
    return None


async def copy_of(session: AsyncSession, message_id: int) -> DeskCopy | None:
    return await session.get(DeskCopy, message_id)


async def copies_at(session: AsyncSession, channel: str, ts: str) -> list[DeskCopy]:
    """What a post in a thread stands for: one message per chat that it went to."""
    look = select(DeskCopy).where(DeskCopy.channel == channel, DeskCopy.ts == ts).order_by(DeskCopy.message_id)
    return list((await session.scalars(look)).all())


def is_in(copy: DeskCopy, thread: DeskThread) -> bool:
    """Whether it stands in this thread, and not in an earlier one of the ticket: a reply is younger than its parent."""
    return copy.channel == thread.channel and _moment(copy.ts) > _moment(thread.ts)


def _moment(ts: str) -> tuple[int, int]:
    seconds, _, fraction = ts.partition(".")
    return int(seconds), int(fraction or 0)
