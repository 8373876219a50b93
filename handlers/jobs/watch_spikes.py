"""A topic is asked about far more often than usual: the desk is told, once (R46)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.desk import Desk
from handlers.incident_matching import Scope
from handlers.spikes import hour_of, is_spike, same_hours_before, usually
from storage import board_posts, conversations, incidents
from storage.board_posts import Subject

ALL = 0


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - as all jobs
    """All topics are one piece of work."""
    return [ALL][:limit]


async def work(session: AsyncSession, desk: Desk, now: datetime, _all: int) -> bool:
    rules, hour = desk.content.incidents.spikes, hour_of(now)
    counts = await conversations.asked_for(session, hour, hour + timedelta(hours=1), rules.least_confidence)
    many = {intent: count for intent, count in counts.items() if count >= rules.minimum and intent not in rules.ignore}
    for intent in await _known(session, desk, hour) if many else ():
        many.pop(intent, None)
    if not many:
        return False
    before = await _history(session, desk, hour)
    found = False
    for intent, count in many.items():
        history = [counted.get(intent, 0) for counted in before]
        if is_spike(count, history, rules):
            alert = await incidents.add_alert(session, intent, hour, count, usually(history))
            found = found or alert is not None
            if alert is not None and desk.desk_channel is not None:
                await board_posts.append(session, Subject.SPIKE, alert)
    return found


async def _known(session: AsyncSession, desk: Desk, hour: datetime) -> set[str]:
    """Topics that the desk was warned of lately, or that an open incident explains."""
    open_ones = await incidents.open_incidents(session)
    explained = {intent for one in open_ones for intent in Scope.from_payload(one.scope).intents}
    return explained | await incidents.alerted_since(session, hour - desk.content.incidents.spikes.again_after)


async def _history(session: AsyncSession, desk: Desk, hour: datetime) -> list[dict[str, int]]:
    """The same hour of the weeks before, since there is anything on record."""
    rules, zone = desk.content.incidents.spikes, desk.content.calendar.zone
    began = await conversations.first_said_at(session)
    hours = [one for one in same_hours_before(hour, rules.weeks, zone) if began is not None and one >= hour_of(began)]
    return [
        await conversations.asked_for(session, one, one + timedelta(hours=1), rules.least_confidence) for one in hours
    ]
