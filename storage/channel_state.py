"""How each channel's connection stands, as the process that holds it last saw it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, insert_into


class ChannelState(Base):
    """`problem` is None while all is well; `seen_at` is the last sign of life."""

    __tablename__ = "channel_state"

    channel: Mapped[str] = mapped_column(primary_key=True)
    problem: Mapped[str | None] = mapped_column(Text)
    seen_at: Mapped[datetime]


async def note(session: AsyncSession, channel: str, problem: str | None, now: datetime) -> None:
    values = {"channel": channel, "problem": problem, "seen_at": now}
    changed = {"problem": problem, "seen_at": now}
    await session.execute(
        insert_into(session, ChannelState)
        .values(values)
        .on_conflict_do_update(index_elements=[ChannelState.channel], set_=changed)
    )


async def states(session: AsyncSession) -> dict[str, ChannelState]:
    return {row.channel: row for row in (await session.scalars(select(ChannelState))).all()}
