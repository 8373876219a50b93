"""People who may use the console, their sessions, and attempts to get in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, ForeignKey, Index
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
