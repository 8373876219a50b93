"""A ticket that was put off comes back: the event reminds whoever has it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import tickets
from handlers.desk import Desk
from storage import due_tickets


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    return await due_tickets.snoozed(session, now, limit)


async def work(session: AsyncSession, desk: Desk, now: datetime, ticket_id: int) -> bool:  # noqa: ARG001 - as all jobs
    ticket = await due_tickets.wake(session, ticket_id, now)
    if ticket is None:
        return False
    await tickets.log_event(
        session, ticket, "woken", tickets.BOT, now, names=[ticket.assignee] if ticket.assignee else []
    )
    return True
