"""Used and expired codes become unreadable where they were shown, also when nobody links anything for days."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import linking
from handlers.desk import Desk
from storage import link_codes, wrong_codes

ALL = 0


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """All of them are one piece of work."""
    is_due = await link_codes.is_any_useless(session, now)
    is_due = is_due or await wrong_codes.is_any_before(session, now - link_codes.KEPT)
    return [ALL][:limit] if is_due else []


async def work(session: AsyncSession, desk: Desk, now: datetime, _all: int) -> bool:  # noqa: ARG001 - as all jobs
    await linking.forget_useless(session, now)
    return True
