"""A customer is to hear something soon: whoever has their ticket is given a draft."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import status_updates
from handlers.calendars import is_open
from handlers.desk import Desk
from storage import due_tickets


def until(desk: Desk, now: datetime) -> datetime | None:
    """What is due until then is near; while we are closed nobody would see a draft."""
    return desk.content.rhythm.draft_horizon(now) if is_open(desk.content.calendar, now) else None


async def due(session: AsyncSession, until: datetime, limit: int) -> list[int]:
    return await due_tickets.words_near(session, until, limit)


async def work(session: AsyncSession, desk: Desk, now: datetime, ticket_id: int) -> bool:
    return await status_updates.draft(session, desk, ticket_id, now)
