"""Each day that is over: how well the model fitted what customers wrote; the desk is told where it drifts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import drift
from handlers.bands import OUT_OF_SCOPE
from handlers.desk import Desk
from handlers.drift import Drift, Reading
from handlers.texts import LANGUAGES
from storage import audits, board_posts, training
from storage.audits import DriftDay
from storage.board_posts import Subject

ALL = 0
DAYS_BEFORE = 14


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - as all jobs
    return [ALL][:limit]


async def work(session: AsyncSession, desk: Desk, now: datetime, _all: int) -> bool:
    zone = desk.content.calendar.zone
    day = now.astimezone(zone).date() - timedelta(days=1)
    if await audits.has_drift_day(session, day.isoformat()):
        return False
    since = datetime.combine(day, time(), zone)
    until = datetime.combine(day + timedelta(days=1), time(), zone)
    said = await audits.read_between(session, since, until)
    for language in LANGUAGES:
        act = desk.thresholds.of(language).act
        readings = [
            Reading(one.text, one.confidence or 0.0, one.intent == OUT_OF_SCOPE or (one.confidence or 0.0) < act)
            for one in said
            if one.language == language
        ]
        await _one_language(session, desk, day, language, readings)
    return True


async def _one_language(session: AsyncSession, desk: Desk, day: date, language: str, readings: list[Reading]) -> None:
    known = [one.text for one in await training.examples(session, language=language)]
    found = drift.of_day(readings, known)
    earlier = await audits.drift_days(session, language, day.isoformat(), DAYS_BEFORE)
    before = [Drift(one.messages, one.fallbacks, one.confidence or 0.0, ()) for one in earlier]
    row = DriftDay(
        day=day.isoformat(), language=language, messages=found.messages, fallbacks=found.fallbacks,
        confidence=found.confidence if found.messages else None,
        topics="\n".join(" ".join(topic) for topic in found.topics),
    )  # fmt: skip
    session.add(row)
    await session.flush()
    if desk.desk_channel is not None and drift.is_worse(found, before):
        await board_posts.append(session, Subject.DRIFT, row.id)
