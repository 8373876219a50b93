"""Notices go out, some in each transaction, as fast as the line takes them, in waking hours."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import notices
from handlers.desk import Desk
from handlers.jobs.tell_incidents import MOST_BATCHES
from storage import notices as stored


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    return [one for one in await stored.being_sent(session, now, limit) for _ in range(MOST_BATCHES)][:limit]


async def work(session: AsyncSession, desk: Desk, now: datetime, notice_id: int) -> bool:
    return await notices.send_some(session, desk, notice_id, now)
