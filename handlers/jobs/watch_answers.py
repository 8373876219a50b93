"""Owners are told of answers of theirs that have expired, will soon, or are to be looked through (R65)."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import living_answers
from handlers.desk import Desk
from handlers.living_answers import Trouble
from storage import answer_alerts, board_posts
from storage.answer_alerts import Due
from storage.board_posts import Subject

ALL = 0
TOLD = frozenset({Trouble.EXPIRED, Trouble.REVIEW_DUE, Trouble.EXPIRES_SOON})


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - as all jobs
    return [ALL][:limit]


async def work(session: AsyncSession, desk: Desk, now: datetime, _all: int) -> bool:
    """One card for each owner, with what they were not told yet."""
    if desk.desk_channel is None:
        return False
    known = await answer_alerts.told(session)
    today = now.astimezone(desk.content.calendar.zone).date()
    new: dict[str, list[Due]] = defaultdict(list)
    for flag in living_answers.flags(desk.content.answers, today):
        if flag.trouble in TOLD and flag.owner and flag.day:
            one = Due(flag.key, flag.trouble, flag.day)
            if one not in known:
                new[flag.owner].append(one)
    for owner, found in sorted(new.items()):
        alert = await answer_alerts.add(session, owner, found, now)
        await board_posts.append(session, Subject.ANSWERS, alert.id)
    return bool(new)
