"""Times as the console shows them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from bot.console.guard import Visit


def moment(at: datetime | None, visit: Visit) -> str:
    """ "24 lis 2026, 14:05", in our zone; nothing for no time."""
    return "" if at is None else told(at, visit.zone, visit.texts.language)


def told(at: datetime, zone: ZoneInfo, language: str) -> str:
    return format_datetime(at.astimezone(zone), "d MMM y, HH:mm", locale=language)
