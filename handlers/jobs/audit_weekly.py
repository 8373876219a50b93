"""Once a week agents' replies are compared with the bot's answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import audits
from handlers.desk import Desk

ALL = 0


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:  # noqa: ARG001 - as all jobs
    return [ALL][:limit]


async def work(session: AsyncSession, desk: Desk, now: datetime, _all: int) -> bool:
    return await audits.weekly(session, desk, now) is not None
