"""Dates that Slack writes for each reader: https://docs.slack.dev/messaging/formatting-message-text#date-formatting"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta

from bot.sandbox.moments import clock_time
from handlers.texts import Texts

TOKEN = re.compile(r"\{(\w+)\}")
LENGTHS = {"date": "long", "date_short": "medium", "date_long": "full"}


def said_date(moment: datetime, pattern: str, now: datetime, zone: ZoneInfo, texts: Texts) -> str:
    """`pattern` with its tokens put into words; an unknown token stays as it is."""
    local = moment.astimezone(zone)

    def said(match: re.Match[str]) -> str:
        match match[1]:
            case "time":
                return clock_time(moment, zone)
            case "time_secs":
                return f"{clock_time(moment, zone)}:{local.second:02}"
            case "date_num":
                return local.date().isoformat()
            case "ago":
                return format_timedelta(moment - now, add_direction=True, locale=texts.language)
            case name:
                return _day(name, local.date(), now.astimezone(zone).date(), texts) or match[0]

    words = TOKEN.sub(said, pattern)
    return words[:1].upper() + words[1:] if pattern.startswith("{") else words


def _day(name: str, day: date, today: date, texts: Texts) -> str | None:
    length = LENGTHS.get(name.removesuffix("_pretty"))
    if length is None:
        return None
    if name.endswith("_pretty"):
        if day == today:
            return texts("when.today")
        if day == today + timedelta(days=1):
            return texts("when.tomorrow")
        if day == today - timedelta(days=1):
            return texts("demo.yesterday").lower()
    return format_date(day, length, locale=texts.language)
