"""The time to answer a survey is over: its buttons go."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import survey_sending
from handlers.desk import Desk
from storage import surveys


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    return await surveys.expired(session, now, limit)


async def work(session: AsyncSession, desk: Desk, now: datetime, survey_id: int) -> bool:
    return await survey_sending.close(session, desk, survey_id, now)
