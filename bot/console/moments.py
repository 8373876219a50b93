"""Times and shares as the console shows them."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_percent

from bot.console.guard import Visit
from handlers.texts import Texts

SYSTEM = {"seeded": "console.by.seeded", "schedule": "console.by.schedule", "shipped": "console.by.seeded"}
"""Who changes things besides people."""


def moment(at: datetime | None, visit: Visit) -> str:
    """ "24 lis 2026, 14:05", in our zone; nothing for no time."""
    return "" if at is None else told(at, visit.zone, visit.texts.language)


def told(at: datetime, zone: ZoneInfo, language: str) -> str:
    return format_datetime(at.astimezone(zone), "d MMM y, HH:mm", locale=language)


def percent(of_one: float | None, texts: Texts) -> str:
    """ "95,8%"; a dash for none."""
    return "–" if of_one is None else format_percent(of_one, "#,##0.#%", locale=texts.language)


def by_whom(by: str, texts: Texts) -> str:
    """A login, or what did it by itself."""
    return texts(SYSTEM[by]) if by in SYSTEM else by.removeprefix("admin:")
