"""Nobody has taken a ticket in time: the next step of its ladder."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import ladder
from handlers.desk import Desk
from storage import due_tickets
from storage.tickets import Ticket


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    return await due_tickets.on_ladder(session, now, limit)


async def work(session: AsyncSession, desk: Desk, now: datetime, ticket_id: int) -> bool:
    return await ladder.step(session, desk, await session.get_one(Ticket, ticket_id), now)
