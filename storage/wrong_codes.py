"""Codes that were wrong: when, and by whom. What was typed is not kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class WrongCode(Base):
    __tablename__ = "wrong_code"
    __table_args__ = (Index("ix_wrong_code_identity", "identity_id", "at"), Index("ix_wrong_code_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("channel_identity.id"))
    at: Mapped[datetime]


async def note(session: AsyncSession, identity_id: int, now: datetime) -> None:
    session.add(WrongCode(identity_id=identity_id, at=now))
    await session.flush()


async def latest_by(session: AsyncSession, identity_id: int, limit: int) -> list[datetime]:
    """When this identity's last wrong codes came, newest first."""
    look = (
        select(WrongCode.at).where(WrongCode.identity_id == identity_id).order_by(WrongCode.at.desc()).limit(limit)
    )  # fmt: skip
    return list((await session.scalars(look)).all())


async def count_since(session: AsyncSession, since: datetime) -> int:
    """Of everybody together."""
    return (await session.scalars(select(func.count()).select_from(WrongCode).where(WrongCode.at > since))).one()


async def is_any_before(session: AsyncSession, moment: datetime) -> bool:
    return bool((await session.scalars(select(exists().where(WrongCode.at <= moment)))).one())


async def drop_before(session: AsyncSession, moment: datetime) -> None:
    await session.execute(delete(WrongCode).where(WrongCode.at <= moment))
