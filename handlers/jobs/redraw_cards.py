"""Something has happened to a ticket: the card in its customer's chat is edited, not too often."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import living_card
from handlers.desk import Desk
from storage import living_cards


def until(desk: Desk, now: datetime) -> datetime | None:
    """Only cards that were drawn before then."""
    return now - timedelta(seconds=desk.content.rhythm.rules.card_seconds)


async def due(session: AsyncSession, drawn_before: datetime, limit: int) -> list[int]:
    return await living_cards.due(session, drawn_before, limit)


async def work(session: AsyncSession, desk: Desk, now: datetime, message_id: int) -> bool:
    return await living_card.redraw(session, desk, message_id, now)
