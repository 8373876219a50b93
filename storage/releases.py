"""Releases of the model: trained, compared, put live, rolled back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class ReleaseStatus(StrEnum):
    """`CANDIDATE`: trained and compared; `PARTLY`: it answers a share of the traffic; `ENDED`: another one is live."""

    TRAINING = "training"
    COMPARING = "comparing"
    CANDIDATE = "candidate"
    PARTLY = "partly"
    LIVE = "live"
    ENDED = "ended"
    FAILED = "failed"


class Release(Base):
    """`model` names the file in the models' folder and each answer it gives. `metrics`: held-out accuracy per language
    and intent, its own and the live one's; `replay`: the counts of what would change; `blocked`: why it may not go live
    without an override. `share`: of conversations, 0…1."""

    __tablename__ = "release"

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default=ReleaseStatus.TRAINING, index=True)
    data_digest: Mapped[str]
    model: Mapped[str | None]
    progress: Mapped[str | None]
    metrics: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    replay: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    blocked: Mapped[list[str]] = mapped_column(JSON, default=list)
    override_reason: Mapped[str | None] = mapped_column(Text)
    override_by: Mapped[str | None]
    share: Mapped[float] = mapped_column(Float, default=0.0)
    started_by: Mapped[str]
    started_at: Mapped[datetime]
    trained_at: Mapped[datetime | None]
    compared_at: Mapped[datetime | None]
    live_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    previous_id: Mapped[int | None]
    is_rollback: Mapped[bool] = mapped_column(Boolean, default=False)
    error: Mapped[str | None] = mapped_column(Text)


class ReplayedMessage(Base):
    """A masked real message as the live model and a candidate read it; `verdict`: same, changed, worse, better,
    to_human."""

    __tablename__ = "replayed_message"
    __table_args__ = (Index("ix_replayed_message_release", "release_id", "verdict"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    verdict: Mapped[str]
