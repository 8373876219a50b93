"""Messages that the model may have misread are put aside for admins to label."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import reviews
from handlers.desk import Desk

ALL = 0


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - as all jobs
    """All of them are one piece of work."""
    return [ALL][:limit]


async def work(session: AsyncSession, desk: Desk, now: datetime, _all: int) -> bool:
    return await reviews.collect(session, desk.thresholds, now) > 0
