"""What was promised about an incident: reminded of before, put right when it did not come."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import incidents
from handlers.desk import Desk
from storage import incidents as stored

AHEAD = timedelta(days=1)  # further than anybody wants to be reminded


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    return await stored.awaiting_update(session, now + AHEAD, limit)


async def work(session: AsyncSession, desk: Desk, now: datetime, incident_id: int) -> bool:
    return await incidents.watch(session, desk, incident_id, now)
