"""Who is on duty: their own switch, and their hours or else the company's. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import ValidationError

from handlers.calendars import Calendar, is_open, open_times
from handlers.content import CalendarFile
from handlers.errors import SupportError
from handlers.when import WEEKDAYS
from storage.agents import Agent

EXAMPLE = "mon-fri 8:00-16:00; sat 9:00-13:00"
Schedule = dict[str, list[str]]


class BadSchedule(SupportError):
    """Not a schedule; the text says what is wrong and gives an example."""


def on_duty(agent: Agent, calendar: Calendar, now: datetime) -> bool:
    """Whether tickets are given to them at this moment. On the company's holidays nobody's hours count."""
    return agent.is_active and agent.is_on_duty and is_open(hours_of(agent, calendar), now)


def hours_of(agent: Agent, calendar: Calendar) -> Calendar:
    """Their own hours, where they have any, else the company's."""
    if agent.schedule is None:
        return calendar
    return replace(calendar, hours=_hours(agent.schedule, calendar).hours)


@dataclass(frozen=True)
class Shift:
    """Whether it is on, and when the hours end; or else when they begin (None: they never do)."""

    is_on: bool
    changes_at: datetime | None


def shift(agent: Agent, calendar: Calendar, now: datetime) -> Shift:
    """By their hours alone, whatever their switch says."""
    first = next(open_times(hours_of(agent, calendar), now), None)
    if first is None:
        return Shift(is_on=False, changes_at=None)
    starts, ends = first
    return Shift(is_on=True, changes_at=ends) if starts == now else Shift(is_on=False, changes_at=starts)


def _hours(schedule: Schedule, calendar: Calendar) -> Calendar:
    """Checked as the company's own hours are."""
    fields = {"zone": calendar.zone.key, "country": None, "hours": schedule}
    return CalendarFile.model_validate(fields).to_calendar()


def read_schedule(text: str, calendar: Calendar) -> Schedule:
    """ "mon-fri 8:00-12:00, 13:00-16:00; sat 9:00-13:00" → hours by weekday. Raises `BadSchedule`."""
    schedule: Schedule = {}
    for part in filter(None, map(str.strip, text.lower().split(";"))):
        days, _, hours = part.partition(" ")
        intervals = [interval.strip() for interval in hours.split(",")]
        for day in _days(days):
            if day in schedule:
                raise BadSchedule(f"{day} stands there twice; a schedule looks like this: {EXAMPLE}")
            schedule[day] = intervals
    try:
        _hours(schedule, calendar)
    except ValidationError as error:
        problem = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise BadSchedule(f"{problem}; a schedule looks like this: {EXAMPLE}") from error
    return schedule


def _days(text: str) -> tuple[str, ...]:
    first, _, last = text.partition("-")
    start, end = _day(first), _day(last or first)
    if end < start:
        raise BadSchedule(f"{text}: the week begins on Monday; a schedule looks like this: {EXAMPLE}")
    return WEEKDAYS[start : end + 1]


def _day(text: str) -> int:
    found = [index for index, day in enumerate(WEEKDAYS) if len(text) >= 3 and day.startswith(text)]
    if not found:
        raise BadSchedule(f"{text or 'nothing'} is no weekday; a schedule looks like this: {EXAMPLE}")
    return found[0]


def written_schedule(schedule: Schedule) -> str:
    """As `read_schedule` reads it: "mon-fri 8:00-16:00; sat 9:00-13:00"."""
    runs: list[tuple[list[str], list[str]]] = []
    for day in (day for day in WEEKDAYS if schedule.get(day)):
        hours = schedule[day]
        if runs and runs[-1][1] == hours and WEEKDAYS.index(runs[-1][0][-1]) + 1 == WEEKDAYS.index(day):
            runs[-1][0].append(day)
        else:
            runs.append(([day], hours))
    return "; ".join(f"{_span(days)} {', '.join(hours)}" for days, hours in runs)


def _span(days: list[str]) -> str:
    return days[0][:3] if len(days) == 1 else f"{days[0][:3]}-{days[-1][:3]}"
