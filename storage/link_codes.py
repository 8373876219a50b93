"""One-time codes that join the accounts of one person, known here only by their hash.

The hash does not hide a code from who can read the database (the outbox shows it for as long as it is valid); it keeps
codes out of backups and from who sees a single table.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, delete, exists, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, is_postgres

LINKING_LOCK = 7_304  # key of the advisory lock that lets one person link at a time
KEPT = timedelta(days=1)


class LinkCode(Base):
    """A code asked for by an identity. `shown_in` is the turn whose reply shows it, None once that is unreadable."""

    __tablename__ = "link_code"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("channel_identity.id"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    shown_in: Mapped[str | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]

    def is_active(self, now: datetime) -> bool:
        return self.used_at is None and self.expires_at > now


async def one_at_a_time(session: AsyncSession) -> None:
    """Until this transaction ends nobody else links or unlinks anything. To be called before any row is locked: then
    two who link each other at once wait here, and not each for a row that the other has."""
    if is_postgres(session):
        await session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LINKING_LOCK})


async def code_hashed(session: AsyncSession, code_hash: str) -> LinkCode | None:
    return await session.get(LinkCode, code_hash)


async def use(session: AsyncSession, code_hash: str, now: datetime) -> bool:
    """Uses the code up; False where it is not, or no longer, to be used. Of two at once one is told True."""
    used = await session.execute(
        update(LinkCode)
        .where(LinkCode.code_hash == code_hash, LinkCode.used_at.is_(None), LinkCode.expires_at > now)
        .values(used_at=now)
        .returning(LinkCode.code_hash)
    )
    return used.scalar_one_or_none() is not None


async def withdraw(session: AsyncSession, identity_id: int, now: datetime) -> None:
    """Codes that this identity asked for are of no use any more."""
    await session.execute(
        update(LinkCode).where(LinkCode.identity_id == identity_id, LinkCode.expires_at > now).values(expires_at=now)
    )


async def readable_though_useless(session: AsyncSession, now: datetime, limit: int = 100) -> list[LinkCode]:
    """Used and expired codes that the chat's records still show."""
    look = (
        select(LinkCode)
        .where(LinkCode.shown_in.is_not(None), or_(LinkCode.expires_at <= now, LinkCode.used_at.is_not(None)))
        .order_by(LinkCode.expires_at)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(look)).all())


async def is_any_useless(session: AsyncSession, now: datetime) -> bool:
    """Whether a code is still readable that need not be, or is kept for too long."""
    is_over = or_(LinkCode.expires_at <= now, LinkCode.used_at.is_not(None))
    look = select(exists().where(or_(LinkCode.shown_in.is_not(None) & is_over, LinkCode.expires_at <= now - KEPT)))
    return bool((await session.scalars(look)).one())


async def drop_old(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(LinkCode).where(LinkCode.expires_at <= now - KEPT, LinkCode.shown_in.is_(None)))
