"""A word that was due has not come: the customer is told honestly how it stands."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import status_updates
from handlers.desk import Desk
from storage import due_tickets


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    return await due_tickets.words_missed(session, now, limit)


async def work(session: AsyncSession, desk: Desk, now: datetime, ticket_id: int) -> bool:
    return await status_updates.tell(session, desk, ticket_id, now)
