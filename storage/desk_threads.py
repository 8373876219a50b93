"""Which Slack thread a ticket is worked in, and which message in it stands for which of ours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.conversations import Message
from storage.database import Base
from storage.ticket_notes import TicketNote
from storage.tickets import Ticket


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


async def thread_at(session: AsyncSession, channel: str, ts: str) -> DeskThread | None:
    look = select(DeskThread).where(DeskThread.channel == channel, DeskThread.ts == ts)
    return (await session.scalars(look)).one_or_none()


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


async def rename_channel(session: AsyncSession, old: str, new: str) -> None:
    """Slack gave a channel another id, as it does when one is shared."""
    for table in (DeskThread, DeskCopy, TicketNote):
        change = update(table).where(table.channel == old).values(channel=new)
        await session.execute(change.execution_options(synchronize_session=False))
    moved = update(Ticket).where(Ticket.desk_channel == old).values(desk_channel=new)
    await session.execute(moved.execution_options(synchronize_session=False))
