"""What owners of answers were told: which of theirs have expired, or are to be looked through."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


@dataclass(frozen=True)
class Due:
    """One answer and what is wrong with it, since or by which day: told once."""

    key: str
    trouble: str
    day: date

    def __str__(self) -> str:
        return f"{self.key} {self.trouble} {self.day.isoformat()}"

    @classmethod
    def read(cls, line: str) -> Due:
        key, trouble, day = line.split(" ")
        return cls(key, trouble, date.fromisoformat(day))


class AnswerAlert(Base):
    """`items`: one `Due` a line. `channel` and `ts`: the card by which the desk was told, where it was."""

    __tablename__ = "answer_alert"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str]
    items: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    channel: Mapped[str | None]
    ts: Mapped[str | None]

    @property
    def due(self) -> list[Due]:
        return [Due.read(line) for line in self.items.splitlines()]


async def add(session: AsyncSession, owner: str, due: Collection[Due], now: datetime) -> AnswerAlert:
    row = AnswerAlert(owner=owner, items="\n".join(map(str, due)), created_at=now)
    session.add(row)
    await session.flush()
    return row


async def told(session: AsyncSession) -> set[Due]:
    """All that any owner was ever told."""
    return {
        Due.read(line)
        for items in (await session.scalars(select(AnswerAlert.items))).all()
        for line in items.splitlines()
    }
