"""The settings files as they were before and after each edit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class SettingEdit(Base):
    """One edit of a content file, never changed afterwards."""

    __tablename__ = "setting_edit"
    __table_args__ = (Index("ix_setting_edit_name", "name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)


async def keep(session: AsyncSession, name: str, by: str, before: str, after: str, now: datetime) -> None:
    session.add(SettingEdit(name=name, at=now, by=by, before=before, after=after))
    await session.flush()


async def edits_of(session: AsyncSession, name: str, limit: int) -> list[SettingEdit]:
    """The newest first."""
    look = select(SettingEdit).where(SettingEdit.name == name).order_by(SettingEdit.id.desc()).limit(limit)
    return list((await session.scalars(look)).all())
