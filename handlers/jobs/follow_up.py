"""A ticket waits for somebody: they are reminded, and at last it is closed with notice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import follow_ups
from handlers.desk import Desk
from storage import due_tickets


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    return await due_tickets.follow_ups(session, now, limit)


async def work(session: AsyncSession, desk: Desk, now: datetime, ticket_id: int) -> bool:
    return await follow_ups.step(session, desk, ticket_id, now)
