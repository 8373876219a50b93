"""The desk sees how far the telling of an incident or a notice has come: its card is drawn anew where that changed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import incidents, notices
from handlers.desk import Desk
from storage import incidents as stored_incidents
from storage import notices as stored_notices

SETTLES_WITHIN = timedelta(days=2)  # what is over by then changes no more


async def incidents_due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    return await stored_incidents.recently_moving(session, now - SETTLES_WITHIN, limit)


async def redraw_incident(session: AsyncSession, desk: Desk, now: datetime, incident_id: int) -> bool:  # noqa: ARG001 - as all jobs
    return await incidents.redraw(session, desk, incident_id)


async def notices_due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    return await stored_notices.on_show(session, now - SETTLES_WITHIN, limit)


async def redraw_notice(session: AsyncSession, desk: Desk, now: datetime, notice_id: int) -> bool:  # noqa: ARG001 - as all jobs
    return await notices.redraw(session, desk, notice_id)
