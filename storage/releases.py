"""Releases of the model: trained, compared, put live, rolled back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, Text, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.conversations import Author, Message
from storage.database import Base, is_postgres
from storage.reviews import ReviewItem, ReviewStatus


class ReleaseStatus(StrEnum):
    """`CANDIDATE`: trained and compared; `PARTLY`: it answers a share of the traffic; `ENDED`: another one is live."""

    TRAINING = "training"
    COMPARING = "comparing"
    CANDIDATE = "candidate"
    PARTLY = "partly"
    LIVE = "live"
    ENDED = "ended"
    FAILED = "failed"


UNFINISHED = (ReleaseStatus.TRAINING, ReleaseStatus.COMPARING)
ANSWERING = (ReleaseStatus.LIVE, ReleaseStatus.PARTLY)
RELEASE_LOCK = 7_304  # advisory lock: what is live changes in one transaction at a time


class Release(Base):
    """`model` names the file in the models' folder and each answer it gives. `metrics`: held-out accuracy per language
    and intent, its own and the live one's; `replay`: the counts of what would change; `blocked`: why it may not go live
    without an override. `share`: of conversations, 0…1. `attempts` counts the workers that began to train it."""

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
    attempts: Mapped[int] = mapped_column(Integer, default=0)
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


async def lock_releases(session: AsyncSession) -> None:
    """Only one transaction at a time gets past this; on SQLite there is one writer anyway."""
    if is_postgres(session):
        await session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": RELEASE_LOCK})


async def one_with(session: AsyncSession, *statuses: ReleaseStatus) -> Release | None:
    """The newest that stands so."""
    look = select(Release).where(Release.status.in_(statuses)).order_by(Release.id.desc()).limit(1)
    return await session.scalar(look.execution_options(populate_existing=True))


async def listed(session: AsyncSession, limit: int = 30) -> list[Release]:
    """The newest first."""
    return list((await session.scalars(select(Release).order_by(Release.id.desc()).limit(limit))).all())


async def newest_metrics(session: AsyncSession) -> dict[str, Any] | None:
    """Of the newest release that was compared."""
    look = select(Release.metrics).where(Release.compared_at.is_not(None)).order_by(Release.id.desc()).limit(1)
    return await session.scalar(look)


async def newest_of_model(session: AsyncSession, model: str, until: datetime | None = None) -> Release | None:
    """The release by which this model came to answer, as of then; else any release of it."""
    look = select(Release).where(Release.model == model).order_by(Release.live_at.is_(None), Release.id.desc())
    if until is not None:
        live = look.where(Release.live_at <= until).order_by(None).order_by(Release.live_at.desc(), Release.id.desc())
        if found := await session.scalar(live.limit(1)):
            return found
    return await session.scalar(look.limit(1))


async def models_done_with(session: AsyncSession, newest: int, shipped: str) -> set[str]:
    """Model files of releases, but for the newest, those that answer or may, and what they replaced; what was there
    before the first release (started by `shipped`) is not ours."""
    every = await listed(session, limit=1000)
    in_use = [one for one in every if one.status in {*ANSWERING, ReleaseStatus.CANDIDATE, *UNFINISHED}]
    previous = {one.previous_id for one in in_use}
    kept = [one.model for one in every[:newest] + in_use] + [
        one.model for one in every if one.id in previous or one.started_by == shipped
    ]
    return {one.model for one in every if one.model} - set(kept)


async def messages_to_replay(session: AsyncSession, limit: int) -> list[Message]:
    """The newest that a model has read and that still have their words."""
    look = (
        select(Message)
        .where(Message.author == Author.CUSTOMER, Message.intent.is_not(None))
        .where(Message.deleted_at.is_(None), Message.text != "")
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def labels(session: AsyncSession, message_ids: Collection[int]) -> dict[int, str]:
    """What people have said these messages mean: an admin in the inbox, or else an agent in Slack."""
    look = select(ReviewItem.message_id, func.coalesce(ReviewItem.label, ReviewItem.suggested)).where(
        ReviewItem.message_id.in_(message_ids), ReviewItem.status != ReviewStatus.DISMISSED
    )
    return {message: label for message, label in (await session.execute(look)).all() if message and label}


async def unchanged(session: AsyncSession, messages: Sequence[Message]) -> set[int]:
    """Those that still say what they said when they were read."""
    look = select(Message.id, Message.text).where(Message.id.in_([message.id for message in messages]))
    now = {row.id: row.text for row in (await session.execute(look)).all()}
    return {message.id for message in messages if now.get(message.id) == message.text}


async def replace_replayed(session: AsyncSession, release_id: int, rows: Sequence[dict[str, Any]]) -> None:
    await session.execute(delete(ReplayedMessage).where(ReplayedMessage.release_id == release_id))
    if rows:
        await session.execute(insert(ReplayedMessage), [{**row, "release_id": release_id} for row in rows])


async def replayed(
    session: AsyncSession, release_id: int, verdict: str | None = None, limit: int = 200, skip: int = 0
) -> list[ReplayedMessage]:
    look = select(ReplayedMessage).where(ReplayedMessage.release_id == release_id).order_by(ReplayedMessage.id)
    if verdict is not None:
        look = look.where(ReplayedMessage.verdict == verdict)
    return list((await session.scalars(look.limit(limit).offset(skip))).all())


async def forget(session: AsyncSession, message_id: int) -> None:
    """The message is not there any more, or reads differently: no release shows its words."""
    await session.execute(delete(ReplayedMessage).where(ReplayedMessage.message_id == message_id))
