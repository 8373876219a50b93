"""A model's way to the customers: ordered, trained and compared by a worker, put live, shared, rolled back.

What is on record here is what is to be: `bot.release_work` brings the language servers into line with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import content_transfer, reviews
from handlers.errors import SupportError
from handlers.release_gate import Accuracies, Fault, Metrics, Reason
from storage import releases
from storage.conversations import Message
from storage.releases import ANSWERING, UNFINISHED, Release, ReleaseStatus

MOST_ATTEMPTS = 3
SHIPPED = "shipped"  # who started the model that was there before the first release


class ReleaseError(SupportError):
    """A release cannot be started, put live or taken back."""


class NoLivingData(ReleaseError):
    """There is nothing to train from: the tables have not been filled."""


class AlreadyTraining(ReleaseError):
    """One release at a time."""


class NoSuchRelease(ReleaseError):
    pass


class NotReady(ReleaseError):
    """It is not, or no longer, a candidate."""


class Blocked(ReleaseError):
    """Something speaks against it, and no admin has given a reason to go on all the same."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__("; ".join(map(str, reasons)))
        self.reasons = tuple(reasons)


class BadShare(ReleaseError):
    """A share is more than 0 and at most 1."""


class NothingToRollBack(ReleaseError):
    """No release went live yet, or what was before is not known."""


async def start(session: AsyncSession, by: str, now: datetime, content_dir: Path) -> Release:
    """Asks a worker to train what is in the tables now. Raises `NoLivingData`, `AlreadyTraining`."""
    await releases.lock_releases(session)
    if not await content_transfer.is_seeded(session):
        raise NoLivingData("there are no living data yet: supportbot nlu seed")
    if unfinished := await releases.one_with(session, *UNFINISHED):
        raise AlreadyTraining(f"release {unfinished.id} is being trained")
    digest = await content_transfer.data_digest(session, content_dir)
    release = Release(data_digest=digest, progress="wait 0", started_by=by, started_at=now, blocked=[])
    session.add(release)
    await session.flush()
    return release


async def take_up(session: AsyncSession) -> Release | None:
    """The release that waits for a worker, for the one that has asked; each time counts. One whose workers died too
    often has failed."""
    await releases.lock_releases(session)
    release = await releases.one_with(session, *UNFINISHED)
    if release is None:
        return None
    if release.attempts >= MOST_ATTEMPTS:
        release.status, release.error = ReleaseStatus.FAILED, f"{release.attempts} workers ended while at it"
        release.progress = None
        return None
    release.attempts += 1
    release.status = ReleaseStatus.TRAINING
    return release


async def held(session: AsyncSession, release_id: int, attempt: int) -> Release | None:
    """The release, if it is still for this attempt to work on."""
    release = await session.get(Release, release_id, populate_existing=True)
    if release is None or release.status not in UNFINISHED or release.attempts != attempt:
        return None
    return release


def is_compared(release: Release, metrics: dict[str, Any], blocked: Sequence[Reason], now: datetime) -> None:
    """`metrics`: as `bot.release_compare` makes them; with `live_model`, what it was compared with."""
    release.metrics, release.blocked = metrics, [reason.stored() for reason in blocked]
    release.status, release.compared_at, release.progress = ReleaseStatus.CANDIDATE, now, None


def reasons_of(release: Release, live: Release | None) -> list[Reason]:
    """What speaks against putting it live now."""
    found = [Reason.from_stored(one) for one in release.blocked]
    compared_with = (release.metrics or {}).get("live_model", "")
    if live is not None and live.model != compared_with:
        found.append(Reason(Fault.STALE, compared_with or "nothing"))
    return found


async def go_live(
    session: AsyncSession,
    release_id: int,
    by: str,
    now: datetime,
    *,
    share: float = 1.0,
    override_reason: str | None = None,
) -> Release:
    """From now on it answers all conversations, or a share of them. Raises `NoSuchRelease`, `NotReady`, `BadShare`,
    `Blocked` unless there is a reason to override, which goes on record."""
    if not 0.0 < share <= 1.0:
        raise BadShare("a share is more than 0 and at most 1")
    await releases.lock_releases(session)
    release = await _release(session, release_id)
    if release.status not in {ReleaseStatus.CANDIDATE, ReleaseStatus.PARTLY}:
        raise NotReady(f"release {release.id} is {release.status}")
    live = await releases.one_with(session, ReleaseStatus.LIVE)
    reasons = reasons_of(release, live)
    if reasons and not (release.override_reason or (override_reason or "").strip()):
        raise Blocked(reasons)
    if reasons and override_reason:
        release.override_reason, release.override_by = override_reason.strip(), by
    partly = await releases.one_with(session, ReleaseStatus.PARTLY)
    if partly is not None and partly is not release:
        partly.status, partly.share = ReleaseStatus.CANDIDATE, 0.0
    if share < 1.0:
        release.status, release.share = ReleaseStatus.PARTLY, share
        return release
    live = live or await _shipped(session, release, now)
    live.status, live.ended_at, live.share = ReleaseStatus.ENDED, now, 0.0
    release.status, release.share, release.live_at, release.previous_id = ReleaseStatus.LIVE, 1.0, now, live.id
    await reviews.went_live(session, release, now)
    return release


async def _shipped(session: AsyncSession, release: Release, now: datetime) -> Release:
    """What answered before the first release, so that there is something to go back to."""
    model = (release.metrics or {}).get("live_model")
    shipped = Release(
        status=ReleaseStatus.LIVE, data_digest="", model=model, started_by=SHIPPED, started_at=now, blocked=[],
        live_at=release.started_at, share=1.0,
    )  # fmt: skip
    session.add(shipped)
    await session.flush()
    return shipped


async def rollback(session: AsyncSession, by: str, now: datetime) -> Release:
    """One step back, at once: a release that answers a share answers none; else what was live before is again, as a
    release of its own. Raises `NothingToRollBack`."""
    await releases.lock_releases(session)
    if partly := await releases.one_with(session, ReleaseStatus.PARTLY):
        partly.status, partly.share = ReleaseStatus.CANDIDATE, 0.0
        return partly
    live = await releases.one_with(session, ReleaseStatus.LIVE)
    before = await session.get(Release, live.previous_id) if live and live.previous_id else None
    if live is None or before is None or before.model is None:
        raise NothingToRollBack("there is no release to go back to")
    again = Release(
        status=ReleaseStatus.LIVE, data_digest=before.data_digest, model=before.model, metrics=before.metrics,
        replay=before.replay, blocked=[], share=1.0, started_by=by, started_at=now, live_at=now,
        previous_id=before.previous_id, is_rollback=True,
    )  # fmt: skip
    session.add(again)
    live.status, live.ended_at, live.share = ReleaseStatus.ENDED, now, 0.0
    await session.flush()
    return again


@dataclass(frozen=True)
class Standing:
    """What is to answer now: `live` (None: what the server was started with), `partly` a share of conversations."""

    live: Release | None
    partly: Release | None
    has_work: bool


async def standing(session: AsyncSession) -> Standing:
    return Standing(
        await releases.one_with(session, ReleaseStatus.LIVE),
        await releases.one_with(session, ReleaseStatus.PARTLY),
        await releases.one_with(session, *UNFINISHED) is not None,
    )


async def quality_by_intent(session: AsyncSession) -> Accuracies:
    """Of the model that answers, on held-out texts; of the shipped one as it was when a release was compared with
    it. Empty where nothing was compared yet."""
    live = await releases.one_with(session, ReleaseStatus.LIVE)
    if live is not None and live.metrics and "after" in live.metrics:
        return Metrics.from_json(live.metrics["after"]).intents
    metrics = await releases.newest_metrics(session)
    is_of_live = metrics is not None and (live is None or metrics.get("live_model") == live.model)
    return Metrics.from_json(metrics["before"]).intents if metrics and is_of_live else {}


@dataclass(frozen=True)
class Explanation:
    """Why the bot said something: what it read in which model, and which version of which answer it gave. `release`:
    how that model came to answer; None: it was there before the first release."""

    intent: str | None
    confidence: float | None
    model: str | None
    answer: str | None
    answer_version: str | None
    release: Release | None


async def explain(session: AsyncSession, message_id: int) -> Explanation | None:
    """Of any message; what people wrote has no model and no answer. None: there is no such message."""
    message = await session.get(Message, message_id)
    if message is None:
        return None
    model = message.model
    release = await releases.newest_of_model(session, model, message.created_at) if model else None
    return Explanation(message.intent, message.confidence, model, message.answer, message.answer_version, release)


async def _release(session: AsyncSession, release_id: int) -> Release:
    release = await session.get(Release, release_id, populate_existing=True)
    if release is None:
        raise NoSuchRelease(f"there is no release {release_id}")
    return release


def is_answering(release: Release) -> bool:
    return release.status in ANSWERING
