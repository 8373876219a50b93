"""Everybody concerned is told the newest of each incident, some in each transaction, as fast as the line takes them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import incidents
from handlers.desk import Desk
from storage import incidents as stored

MOST_BATCHES = 8  # of each incident in one run


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - as all jobs
    return [one for one in await stored.to_be_told(session, limit) for _ in range(MOST_BATCHES)][:limit]


async def work(session: AsyncSession, desk: Desk, now: datetime, incident_id: int) -> bool:
    return await incidents.tell_some(session, desk, incident_id, now)


async def open_ones(session: AsyncSession, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - as all jobs
    return [one.id for one in await stored.open_incidents(session)][:limit]


async def find_affected(session: AsyncSession, desk: Desk, now: datetime, incident_id: int) -> bool:  # noqa: ARG001 - as all jobs
    return await incidents.find_affected(session, incident_id, now)
