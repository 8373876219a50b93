"""The SLA policies or our hours were changed: what runs goes by the new ones."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.desk import Desk
from storage import sla_clocks

ALL = 0


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - as all jobs
    """What has changed is in the files, which `work` is given."""
    return [ALL][:limit]


async def work(session: AsyncSession, desk: Desk, now: datetime, _all: int) -> bool:
    rules = desk.content.sla.digest(desk.content.calendar)
    return await sla_clocks.rules_changed(session, rules, now) > 0
