"""Notices to a segment of customers: prepared, previewed, sent to each once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class NoticeStatus(StrEnum):
    DRAFT = "draft"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"


class Notice(Base):
    """`text` by language; `segment`: what its customers have in common. Until it is sent it is a draft.
    `channel`, `ts`: its card in Slack."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default=NoticeStatus.DRAFT)
    text: Mapped[dict[str, str]] = mapped_column(JSON)
    segment: Mapped[dict[str, Any]] = mapped_column(JSON)
    by: Mapped[str]
    created_at: Mapped[datetime]
    send_at: Mapped[datetime | None]
    channel: Mapped[str | None]
    ts: Mapped[str | None]


class NoticeRecipient(Base):
    """`message_id`: what went to them; `skipped`: why nothing did (opted out, blocked)."""

    __tablename__ = "notice_recipient"
    __table_args__ = (
        UniqueConstraint("notice_id", "conversation_id", name="uq_notice_recipient"),
        Index("ix_notice_recipient_open", "notice_id", "message_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    skipped: Mapped[str | None]
