"""Times as the page shows them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from handlers import when
from handlers.texts import Texts


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """As the bot says times: 9:05."""
    local = moment.astimezone(zone)
    return f"{local.hour}:{local.minute:02}"


def day_and_time(moment: datetime, zone: ZoneInfo, texts: Texts) -> str:
    """For the page's clock: "śr., 25 lis · 9:05"."""
    local = moment.astimezone(zone)
    day = format_date(local.date(), texts("demo.time.day_format"), locale=texts.language)
    return f"{day} · {clock_time(moment, zone)}"


def day_label(day: date, today: date, texts: Texts) -> str:
    """What stands above the first message of a day."""
    match (today - day).days:
        case 0:
            return texts("demo.today")
        case 1:
            return texts("demo.yesterday")
        case _:
            return when.on_date(day, texts)
