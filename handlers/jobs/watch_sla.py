"""A target of a ticket runs out: whoever has it is warned, then the leads are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import sla_watch
from handlers.desk import Desk
from storage import sla_clocks


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Also those to which something has happened."""
    return await sla_clocks.due(session, now, limit)


async def work(session: AsyncSession, desk: Desk, now: datetime, ticket_id: int) -> bool:
    return await sla_watch.watch(session, desk, ticket_id, now)
