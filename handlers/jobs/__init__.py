"""What time brings about. JOBS: one line per job.

A job says what is due and works one thing of it; each is a transaction of its own, so that one that fails holds up no
other. What is due is looked up again inside: between look and work somebody else may have done it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.desk import Desk
from handlers.jobs import (
    audit_weekly,
    collect_reviews,
    expire_surveys,
    follow_up,
    forget_link_codes,
    keep_word,
    redraw_cards,
    renew_sla,
    send_later,
    send_notices,
    send_status_updates,
    send_surveys,
    show_progress,
    tell_incidents,
    wake_snoozed,
    watch_answers,
    watch_drift,
    watch_incident_updates,
    watch_ladder,
    watch_promises,
    watch_sla,
    watch_spikes,
)

Due = Callable[[AsyncSession, datetime, int], Awaitable[list[int]]]
Work = Callable[[AsyncSession, Desk, datetime, int], Awaitable[bool]]
Until = Callable[[Desk, datetime], datetime | None]


def now_(_: Desk, now: datetime) -> datetime | None:
    return now


def awake(desk: Desk, now: datetime) -> datetime | None:
    """Not in the quiet hours: what comes due then is told when they are over."""
    return None if desk.content.rhythm.in_quiet_hours(now) else now


@dataclass(frozen=True)
class Job:
    """Every `seconds`: `due(session, until, limit)` names what is due, `work(session, desk, now, id)` works one and
    says whether there was something to do. `until` says by when something is due to be worked now; None: nothing is
    worked at the moment."""

    name: str
    seconds: float
    due: Due
    work: Work
    until: Until = now_

    async def find(self, session: AsyncSession, desk: Desk, now: datetime, limit: int) -> list[int]:
        """What is to be worked now."""
        until = self.until(desk, now)
        return [] if until is None else await self.due(session, until, limit)


JOBS = (
    Job("find_affected", 5, tell_incidents.open_ones, tell_incidents.find_affected),
    Job("tell_incidents", 1, tell_incidents.due, tell_incidents.work),
    Job("watch_incident_updates", 15, watch_incident_updates.due, watch_incident_updates.work),
    Job("watch_spikes", 60, watch_spikes.due, watch_spikes.work),
    Job("send_notices", 1, send_notices.due, send_notices.work),
    Job("show_incidents", 4, show_progress.incidents_due, show_progress.redraw_incident),
    Job("show_notices", 4, show_progress.notices_due, show_progress.redraw_notice),
    Job("keep_word", 20, keep_word.due, keep_word.work, keep_word.until),
    Job("send_status_updates", 10, send_status_updates.due, send_status_updates.work, awake),
    Job("follow_up", 20, follow_up.due, follow_up.work, awake),
    Job("redraw_cards", 5, redraw_cards.due, redraw_cards.work, redraw_cards.until),
    Job("send_later", 10, send_later.due, send_later.work, awake),
    Job("watch_promises", 20, watch_promises.due, watch_promises.work, watch_promises.until),
    Job("watch_ladder", 5, watch_ladder.due, watch_ladder.work, awake),
    Job("watch_sla", 5, watch_sla.due, watch_sla.work),
    Job("renew_sla", 30, renew_sla.due, renew_sla.work),
    Job("wake_snoozed", 10, wake_snoozed.due, wake_snoozed.work),
    Job("forget_link_codes", 60, forget_link_codes.due, forget_link_codes.work),
    Job("send_surveys", 15, send_surveys.due, send_surveys.work),
    Job("audit_weekly", 600, audit_weekly.due, audit_weekly.work),
    Job("watch_answers", 600, watch_answers.due, watch_answers.work, awake),
    Job("watch_drift", 600, watch_drift.due, watch_drift.work),
    Job("collect_reviews", 60, collect_reviews.due, collect_reviews.work),
    Job("expire_surveys", 60, expire_surveys.due, expire_surveys.work),
)
