"""Business time: when we are open, when next, and when so many working minutes are over. Pure functions.

Opening hours are wall-clock hours of the company's zone, built per local date; all sums are done in UTC, so that the
clock changes in March and October neither add nor lose an hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

LOOK_AHEAD_DAYS = 366
END_OF_DAY = time.max
"""As a closing time: midnight at the end of the day, 24:00."""


class NeverOpen(ValueError):
    """The calendar has no opening within a year: a mistake in the settings."""


@dataclass(frozen=True)
class Calendar:
    """`hours` by weekday (0 = Monday); closed on `country`'s public holidays and on the days in `closed`."""

    zone: ZoneInfo
    hours: Mapping[int, tuple[tuple[time, time], ...]]
    country: str | None = "PL"
    closed: frozenset[date] = frozenset()

    def intervals_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The open times of a local date, in UTC."""
        if day in self.closed or (self.country and day in _public_holidays(self.country, day.year)):
            return []
        times = [(self._utc(day, start), self._utc(day, end)) for start, end in self.hours.get(day.weekday(), ())]
        # An hour that the clocks skip in March is no open time.
        return [(start, end) for start, end in times if start < end]

    def _utc(self, day: date, at: time) -> datetime:
        if at == END_OF_DAY:
            day, at = day + timedelta(days=1), time.min
        return datetime.combine(day, at, self.zone).astimezone(UTC)


@lru_cache(maxsize=32)
def _public_holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


def open_times(calendar: Calendar, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The open intervals that end after `since`, the first cut to begin no earlier; at most a year of them."""
    day = since.astimezone(calendar.zone).date()
    for offset in range(LOOK_AHEAD_DAYS):
        for start, end in calendar.intervals_on(day + timedelta(days=offset)):
            if end > since:
                yield max(start, since), end


def is_open(calendar: Calendar, now: datetime) -> bool:
    first = next(open_times(calendar, now), None)
    return first is not None and first[0] == now


def next_opening(calendar: Calendar, now: datetime) -> datetime:
    """The start of the next open time; `now` itself while we are open. Raises `NeverOpen`."""
    first = next(open_times(calendar, now), None)
    if first is None:
        raise NeverOpen
    return first[0]


def after_working_time(calendar: Calendar, now: datetime, minutes: int) -> datetime:
    """The moment when `minutes` of open time have passed since `now`. Raises `NeverOpen`."""
    return after_open_time(calendar, now, timedelta(minutes=minutes))


def after_open_time(calendar: Calendar, since: datetime, length: timedelta) -> datetime:
    """The moment when we have been open for `length` since then. Raises `NeverOpen`."""
    left = length
    for start, end in open_times(calendar, since):
        if end - start >= left:
            return start + left
        left -= end - start
    raise NeverOpen


def open_time(calendar: Calendar, since: datetime, until: datetime) -> timedelta:
    """How long we are open between the two; nothing where `until` is not after `since`."""
    total = timedelta()
    day, last = (moment.astimezone(calendar.zone).date() for moment in (since, until))
    while day <= last:
        for start, end in calendar.intervals_on(day):
            total += max(min(end, until) - max(start, since), timedelta())
        day += timedelta(days=1)
    return total
