"""What an agent wrote to be sent later leaves, in their name."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import later
from handlers.desk import Desk
from storage import scheduled_messages


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    return await scheduled_messages.due(session, now, limit)


async def work(session: AsyncSession, desk: Desk, now: datetime, scheduled_id: int) -> bool:
    return await later.send(session, desk, scheduled_id, now)
