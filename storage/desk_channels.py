"""The desk's channels in Slack: what they are called now, and how each was found the last time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.channel_state import ChannelState
from storage.database import Base, insert_into
from storage.desk_threads import DeskCopy, DeskThread
from storage.ticket_notes import TicketNote
from storage.tickets import Ticket

STATE = "desk:"  # in `channel_state` a desk channel stands under this and its id


class DeskAlias(Base):
    """Slack gave a channel another id, as it does when one is shared; the settings may go on naming the old one."""

    __tablename__ = "desk_alias"

    old_id: Mapped[str] = mapped_column(primary_key=True)
    new_id: Mapped[str]


async def current(session: AsyncSession, channel: str) -> str:
    """The id that the channel has now."""
    look = select(DeskAlias.new_id).where(DeskAlias.old_id == channel)
    return (await session.scalars(look)).one_or_none() or channel


async def rename(session: AsyncSession, old: str, new: str) -> None:
    """From now on `old` is known as `new`, wherever it stands. A second time changes nothing."""
    for table in (DeskThread, DeskCopy, TicketNote):
        change = update(table).where(table.channel == old).values(channel=new)
        await session.execute(change.execution_options(synchronize_session=False))
    moved = update(Ticket).where(Ticket.desk_channel == old).values(desk_channel=new)
    await session.execute(moved.execution_options(synchronize_session=False))
    await session.execute(delete(DeskAlias).where(DeskAlias.old_id == new))
    earlier = update(DeskAlias).where(DeskAlias.new_id == old).values(new_id=new)
    await session.execute(earlier.execution_options(synchronize_session=False))
    added = insert_into(session, DeskAlias).values(old_id=old, new_id=new)
    await session.execute(added.on_conflict_do_update(index_elements=[DeskAlias.old_id], set_={"new_id": new}))


async def is_known(session: AsyncSession, channel: str, configured: Iterable[str]) -> bool:
    """Whether it is one of the `configured` ones under its new id, or any ticket was ever worked there."""
    is_alias = select(DeskAlias.old_id).where(DeskAlias.new_id == channel, DeskAlias.old_id.in_(tuple(configured)))
    was_used = select(DeskThread.id).where(DeskThread.channel == channel)
    for look in (is_alias, was_used):
        if (await session.scalars(look.limit(1))).one_or_none() is not None:
            return True
    return False


async def went_down(session: AsyncSession, channel: str, problem: str, now: datetime) -> bool:
    """Notes that the channel cannot be written to; True where it was not known before."""
    added = insert_into(session, ChannelState).values(channel=f"{STATE}{channel}", problem=problem, seen_at=now)
    noted = added.on_conflict_do_update(
        index_elements=[ChannelState.channel],
        set_={"problem": problem, "seen_at": now},
        where=ChannelState.problem.is_(None),
    ).returning(ChannelState.channel)
    return (await session.execute(noted)).scalar_one_or_none() is not None


async def is_up(session: AsyncSession, channel: str, now: datetime) -> None:
    """It has just been written to."""
    change = (
        update(ChannelState)
        .where(ChannelState.channel == f"{STATE}{channel}", ChannelState.problem.is_not(None))
        .values(problem=None, seen_at=now)
    )
    await session.execute(change.execution_options(synchronize_session=False))


async def problems(session: AsyncSession, configured: Iterable[str]) -> list[str]:
    """What is wrong with these channels."""
    names = [f"{STATE}{await current(session, channel)}" for channel in configured]
    look = (
        select(ChannelState.problem)
        .where(ChannelState.channel.in_(names), ChannelState.problem.is_not(None))
        .order_by(ChannelState.channel)
    )
    return [problem for problem in (await session.scalars(look)).all() if problem]
