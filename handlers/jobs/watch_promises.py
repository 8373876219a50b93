"""A promised time is near: the agent is reminded. One that slips is told with the status (`send_status_updates`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import promises
from handlers.desk import Desk
from storage import promises as promised


def until(desk: Desk, now: datetime) -> datetime | None:
    rhythm = desk.content.rhythm
    return None if rhythm.in_quiet_hours(now) else rhythm.warning_horizon(now)


async def due(session: AsyncSession, until: datetime, limit: int) -> list[int]:
    return await promised.near(session, until, limit)


async def work(session: AsyncSession, desk: Desk, now: datetime, promise_id: int) -> bool:
    return await promises.warn(session, desk, promise_id, now)
