"""Times as one says them to a customer: "dziś do 15:30", "we wtorek o 8:00", "Mon–Fri 8:00–18:00"."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names

from handlers.calendars import END_OF_DAY, Calendar
from handlers.texts import Texts

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def by(moment: datetime, now: datetime, zone: ZoneInfo, texts: Texts) -> str:
    """A limit: "dziś do 15:30"."""
    local = moment.astimezone(zone)
    return texts("when.by", day=_day(local.date(), now.astimezone(zone).date(), texts), time=_clock(local.time()))


def at(moment: datetime, now: datetime, zone: ZoneInfo, texts: Texts) -> str:
    """A point: "jutro o 8:00"."""
    local = moment.astimezone(zone)
    return texts("when.at", day=_day(local.date(), now.astimezone(zone).date(), texts), time=_clock(local.time()))


def on(moment: datetime, zone: ZoneInfo, texts: Texts) -> str:
    """A moment's day: "3 listopada"."""
    return on_date(moment.astimezone(zone).date(), texts)


def on_date(day: date, texts: Texts) -> str:
    return format_date(day, texts("when.date_format"), locale=texts.language)


def _day(day: date, today: date, texts: Texts) -> str:
    distance = (day - today).days
    if distance == 0:
        return texts("when.today")
    if distance == 1:
        return texts("when.tomorrow")
    weekday = texts(f"when.on_{WEEKDAYS[day.weekday()]}")
    if 1 < distance < 7:
        return weekday
    return texts("when.weekday_date", weekday=weekday, date=on_date(day, texts))


def opening_hours(calendar: Calendar, language: str) -> str:
    """ "pon.–pt. 8:00–18:00, sob. 9:00–14:00": neighbouring days with equal hours are drawn together."""
    names = get_day_names("abbreviated", context="stand-alone", locale=language)
    groups: list[tuple[int, int, tuple[tuple[time, time], ...]]] = []
    for day in range(7):
        hours = tuple(calendar.hours.get(day, ()))
        if not hours:
            continue
        if groups and groups[-1][1] == day - 1 and groups[-1][2] == hours:
            groups[-1] = (groups[-1][0], day, hours)
        else:
            groups.append((day, day, hours))
    return ", ".join(
        f"{names[first] if first == last else f'{names[first]}–{names[last]}'} "
        + ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in hours)
        for first, last, hours in groups
    )


def _clock(at_time: time) -> str:
    if at_time == END_OF_DAY:
        return "24:00"
    return f"{at_time.hour}:{at_time.minute:02}"
