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
    expire_surveys,
    forget_link_codes,
    renew_sla,
    send_surveys,
    wake_snoozed,
    watch_ladder,
    watch_sla,
)

Due = Callable[[AsyncSession, datetime, int], Awaitable[list[int]]]
Work = Callable[[AsyncSession, Desk, datetime, int], Awaitable[bool]]


@dataclass(frozen=True)
class Job:
    """Every `seconds`: `due(session, now, limit)` names what is due, `work(session, desk, now, id)` works one and says
    whether there was something to do."""

    name: str
    seconds: float
    due: Due
    work: Work


JOBS = (
    Job("watch_ladder", 5, watch_ladder.due, watch_ladder.work),
    Job("watch_sla", 5, watch_sla.due, watch_sla.work),
    Job("renew_sla", 30, renew_sla.due, renew_sla.work),
    Job("wake_snoozed", 10, wake_snoozed.due, wake_snoozed.work),
    Job("forget_link_codes", 60, forget_link_codes.due, forget_link_codes.work),
    Job("send_surveys", 15, send_surveys.due, send_surveys.work),
    Job("expire_surveys", 60, expire_surveys.due, expire_surveys.work),
)
