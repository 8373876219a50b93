"""People who may use the console, their sessions, and attempts to get in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, ColumnElement, ForeignKey, Index, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class AdminRole(StrEnum):
    """Each may what those before it may: look; edit; release, keep people and settings."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


class Admin(Base):
    __tablename__ = "admin"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str] = mapped_column(default=AdminRole.VIEWER)
    language: Mapped[str] = mapped_column(default="pl")
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime]
    password_changed_at: Mapped[datetime]


class AdminSession(Base):
    """A signed-in browser. Only a hash of its token is kept. It ends at `expires_at`, and earlier when unused."""

    __tablename__ = "admin_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    admin_id: Mapped[int] = mapped_column(ForeignKey("admin.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    address: Mapped[str | None]


class LoginAttempt(Base):
    """One failed attempt, counted by login and by address."""

    __tablename__ = "login_attempt"
    __table_args__ = (
        Index("ix_login_attempt_login", "login", "at"),
        Index("ix_login_attempt_address", "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]


@dataclass(frozen=True)
class Signed:
    """A session that is there, and whose it is."""

    session: AdminSession
    admin: Admin


@dataclass(frozen=True)
class Failures:
    """How often it went wrong lately, and when last."""

    count: int
    last: datetime | None


async def admin_with_login(session: AsyncSession, login: str) -> Admin | None:
    return (await session.scalars(select(Admin).where(Admin.login == login))).one_or_none()


async def admins(session: AsyncSession) -> list[Admin]:
    """All of them by login, those who may not come in any more last."""
    look = select(Admin).order_by(Admin.is_active.desc(), Admin.login)
    return list((await session.scalars(look)).all())


async def all_locked(session: AsyncSession) -> list[Admin]:
    """As `admins`, kept from changing: who is the last one with a role is decided under this."""
    look = select(Admin).order_by(Admin.id).with_for_update().execution_options(populate_existing=True)
    return list((await session.scalars(look)).all())


async def signed(session: AsyncSession, token_hash: str) -> Signed | None:
    look = (
        select(AdminSession, Admin)
        .join(Admin, Admin.id == AdminSession.admin_id)
        .where(AdminSession.token_hash == token_hash)
    )
    row = (await session.execute(look)).one_or_none()
    return Signed(row[0], row[1]) if row else None


async def was_seen(session: AsyncSession, token_hash: str, now: datetime) -> None:
    await session.execute(
        update(AdminSession)
        .where(AdminSession.token_hash == token_hash, AdminSession.seen_at < now)
        .values(seen_at=now)
        .execution_options(synchronize_session=False)
    )


async def end(session: AsyncSession, token_hash: str) -> None:
    await session.execute(delete(AdminSession).where(AdminSession.token_hash == token_hash))


async def end_all(session: AsyncSession, admin_id: int) -> None:
    await session.execute(delete(AdminSession).where(AdminSession.admin_id == admin_id))


async def end_older(session: AsyncSession, now: datetime) -> None:
    await session.execute(delete(AdminSession).where(AdminSession.expires_at <= now))


async def failures_of_login(session: AsyncSession, login: str, since: datetime) -> Failures:
    return await _failures(session, LoginAttempt.login == login, since)


async def failures_from(session: AsyncSession, address: str, since: datetime) -> Failures:
    return await _failures(session, LoginAttempt.address == address, since)


async def _failures(session: AsyncSession, whose: ColumnElement[bool], since: datetime) -> Failures:
    look = select(func.count(), func.max(LoginAttempt.at)).where(whose, LoginAttempt.at > since)
    count, last = (await session.execute(look)).one()
    return Failures(count, last)


async def forget_failure(session: AsyncSession, attempt_id: int) -> None:
    await session.execute(delete(LoginAttempt).where(LoginAttempt.id == attempt_id))


async def forget_failures_of(session: AsyncSession, login: str) -> None:
    await session.execute(delete(LoginAttempt).where(LoginAttempt.login == login))


async def forget_older_failures(session: AsyncSession, until: datetime) -> None:
    await session.execute(delete(LoginAttempt).where(LoginAttempt.at <= until))
