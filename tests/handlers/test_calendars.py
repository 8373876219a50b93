from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from handlers.calendars import END_OF_DAY, Calendar, NeverOpen, after_working_time, is_open, next_opening, open_times

WARSAW = ZoneInfo("Europe/Warsaw")
EIGHT_TO_SIX = ((time(8), time(18)),)
SHOP = Calendar(WARSAW, {**dict.fromkeys(range(5), EIGHT_TO_SIX), 5: ((time(9), time(14)),)})
WITH_LUNCH = Calendar(WARSAW, dict.fromkeys(range(5), ((time(8), time(12)), (time(13), time(17)))))
EVERY_NIGHT = Calendar(WARSAW, dict.fromkeys(range(7), ((time(1), time(5)),)), country=None)


def warsaw(text: str) -> datetime:
    """A wall-clock time in Warsaw, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23 07:59:59", False),
        ("2026-11-23 08:00", True),
        ("2026-11-23 17:59:59", True),
        ("2026-11-23 18:00", False),
        ("2026-11-28 08:30", False),  # Saturday
        ("2026-11-28 09:00", True),
        ("2026-11-28 14:00", False),
        ("2026-11-29 12:00", False),  # Sunday
    ],
)
def test_open_from_the_opening_time_until_just_before_the_closing_time(at: str, expected: bool) -> None:
    assert is_open(SHOP, warsaw(at)) is expected


@pytest.mark.parametrize(
    "day",
    ["2026-01-01", "2026-01-06", "2026-04-06", "2026-05-01", "2026-06-04", "2026-11-11", "2026-12-24", "2026-12-25",
     "2026-12-26", "2027-03-29", "2027-05-03"],
)  # fmt: skip
def test_closed_on_a_public_holiday_and_open_that_day_where_no_country_is_set(day: str) -> None:
    noon = warsaw(f"{day} 12:00")
    assert not is_open(SHOP, noon)
    assert is_open(Calendar(WARSAW, SHOP.hours, country=None), noon)


def test_christmas_eve_was_a_working_day_until_2024() -> None:
    assert is_open(SHOP, warsaw("2024-12-24 12:00"))


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        ("2026-11-23 05:00", "2026-11-23 08:00"),
        ("2026-11-23 08:00", "2026-11-23 08:00"),
        ("2026-11-23 12:34", "2026-11-23 12:34"),  # open: now
        ("2026-11-23 18:00", "2026-11-24 08:00"),
        ("2026-11-27 19:00", "2026-11-28 09:00"),
        ("2026-11-28 14:00", "2026-11-30 08:00"),
        ("2026-04-04 14:00", "2026-04-07 08:00"),  # Easter Saturday evening → Tuesday
        ("2026-04-30 18:00", "2026-05-02 09:00"),  # 1 May is a Friday, 2 May an open Saturday
        ("2026-05-02 14:00", "2026-05-04 08:00"),
        ("2026-11-10 18:00", "2026-11-12 08:00"),
        ("2026-12-23 18:00", "2026-12-28 08:00"),  # 24–26 December and a Sunday
        ("2026-12-31 18:00", "2027-01-02 09:00"),  # over the year's end
        ("2026-03-28 14:00", "2026-03-30 08:00"),  # over the change to summer time
        ("2026-10-24 14:00", "2026-10-26 08:00"),  # over the change to winter time
    ],
)
def test_next_opening_skips_nights_weekends_and_holidays(at: str, opening: str) -> None:
    assert next_opening(SHOP, warsaw(at)) == warsaw(opening)


@pytest.mark.parametrize(
    ("at", "opening"),
    [("2026-03-27 12:00", "07:00"), ("2026-03-30 12:00", "06:00"), ("2026-10-23 12:00", "06:00"),
     ("2026-10-26 12:00", "07:00")],
)  # fmt: skip
def test_eight_oclock_is_wall_clock_time_in_summer_and_winter(at: str, opening: str) -> None:
    start, _ = SHOP.intervals_on(warsaw(at).date())[0]
    assert f"{start:%H:%M}" == opening
    assert start.tzinfo is UTC


@pytest.mark.parametrize(
    ("at", "minutes", "expected"),
    [
        ("2026-11-23 10:00", 0, "2026-11-23 10:00"),
        ("2026-11-23 10:00", 60, "2026-11-23 11:00"),
        ("2026-11-23 17:00", 60, "2026-11-23 18:00"),  # exactly until closing
        ("2026-11-23 17:00", 61, "2026-11-24 08:01"),
        ("2026-11-23 18:00", 60, "2026-11-24 09:00"),
        ("2026-11-23 03:00", 60, "2026-11-23 09:00"),
        ("2026-11-23 03:00", 0, "2026-11-23 08:00"),
        ("2026-11-28 13:30", 60, "2026-11-30 08:30"),
        ("2026-11-28 21:00", 60, "2026-11-30 09:00"),
        ("2026-04-03 17:30", 60, "2026-04-04 09:30"),
        ("2026-04-04 13:30", 60, "2026-04-07 08:30"),  # Easter
        ("2026-04-30 17:30", 60, "2026-05-02 09:30"),
        ("2026-11-10 17:59", 2, "2026-11-12 08:01"),
        ("2026-12-23 17:00", 120, "2026-12-28 09:00"),
        ("2026-03-28 13:00", 120, "2026-03-30 09:00"),
        ("2026-10-24 13:00", 120, "2026-10-26 09:00"),
        ("2026-11-23 08:00", 600, "2026-11-23 18:00"),
        ("2026-11-23 08:00", 5 * 600 + 300, "2026-11-28 14:00"),  # a whole week
        ("2026-11-23 08:00", 5 * 600 + 300 + 1, "2026-11-30 08:01"),
    ],
)
def test_working_minutes_run_only_while_open(at: str, minutes: int, expected: str) -> None:
    assert after_working_time(SHOP, warsaw(at), minutes) == warsaw(expected)


@pytest.mark.parametrize(
    ("at", "opened", "minutes", "expected"),
    [
        ("2026-11-23 11:59:59", True, 0, "2026-11-23 11:59:59"),
        ("2026-11-23 12:00", False, 0, "2026-11-23 13:00"),
        ("2026-11-23 12:30", False, 30, "2026-11-23 13:30"),
        ("2026-11-23 11:30", True, 30, "2026-11-23 12:00"),
        ("2026-11-23 11:30", True, 60, "2026-11-23 13:30"),
        ("2026-11-23 11:30", True, 30 + 240 + 10, "2026-11-24 08:10"),
    ],
)
def test_the_lunch_break_is_not_working_time(at: str, opened: bool, minutes: int, expected: str) -> None:
    assert is_open(WITH_LUNCH, warsaw(at)) is opened
    assert after_working_time(WITH_LUNCH, warsaw(at), minutes) == warsaw(expected)


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-28", 4), ("2026-03-29", 3), ("2026-03-30", 4), ("2026-10-24", 4), ("2026-10-25", 5), ("2026-10-26", 4)],
)
def test_a_night_shift_over_the_clock_change_is_an_hour_shorter_or_longer(day: str, hours: int) -> None:
    [(start, end)] = EVERY_NIGHT.intervals_on(date.fromisoformat(day))
    assert end - start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("now", "minutes", "expected"),
    [
        ("2026-03-29 00:30", 60, "2026-03-29 01:30"),  # 1:30 CET + 1 h = 3:30 CEST
        ("2026-03-29 00:30", 180, "2026-03-29 23:30"),  # half an hour of it in the next night, from 1:00 CEST
        ("2026-10-25 00:30", 60, "2026-10-25 01:30"),  # 2:30 CEST + 1 h = 2:30 CET
        ("2026-10-25 00:30", 210, "2026-10-25 04:00"),
    ],
)
def test_minutes_across_the_clock_change_are_real_minutes(now: str, minutes: int, expected: str) -> None:
    assert after_working_time(EVERY_NIGHT, utc(now), minutes) == utc(expected)


@pytest.mark.parametrize(
    ("monday", "minutes"),
    [
        ("2026-11-23", 3300),
        ("2026-11-09", 2700),  # without 11 November
        ("2026-04-06", 2700),  # without Easter Monday
        ("2026-12-21", 1800),  # without 24, 25 and 26 December
        ("2026-03-23", 3300),
        ("2026-10-19", 3300),
        ("2026-04-27", 2700),  # without 1 May
    ],
)
def test_a_week_has_the_sum_of_its_open_minutes(monday: str, minutes: int) -> None:
    begin = date.fromisoformat(monday)
    spans = [span for offset in range(7) for span in SHOP.intervals_on(begin + timedelta(days=offset))]
    assert sum((end - start for start, end in spans), timedelta()) == timedelta(minutes=minutes)


def test_a_day_set_as_closed_is_closed_and_its_minutes_count_the_next_day() -> None:
    stocktaking = Calendar(WARSAW, SHOP.hours, closed=frozenset({date(2026, 11, 24)}))
    assert not is_open(stocktaking, warsaw("2026-11-24 12:00"))
    assert after_working_time(stocktaking, warsaw("2026-11-23 17:30"), 60) == warsaw("2026-11-25 08:30")


def test_the_day_is_the_local_one_where_it_differs_from_utc() -> None:
    late = Calendar(ZoneInfo("America/New_York"), {0: ((time(20), time(23)),)}, country=None)
    assert is_open(late, utc("2026-11-24 02:00"))  # Monday 21:00 there, Tuesday in UTC
    assert not is_open(late, utc("2026-11-23 21:00"))


@pytest.mark.parametrize("calendar", [Calendar(WARSAW, {}), Calendar(WARSAW, {0: ()})])
def test_a_calendar_without_hours_is_never_open(calendar: Calendar) -> None:
    now = warsaw("2026-11-23 12:00")
    assert not is_open(calendar, now)
    with pytest.raises(NeverOpen):
        next_opening(calendar, now)
    with pytest.raises(NeverOpen):
        after_working_time(calendar, now, 1)


def test_more_minutes_than_a_year_has_are_refused() -> None:
    with pytest.raises(NeverOpen):
        after_working_time(SHOP, warsaw("2026-11-23 12:00"), 366 * 24 * 60)


def test_open_times_begin_now_and_go_on_in_order() -> None:
    now = warsaw("2026-11-27 17:00")
    times = open_times(SHOP, now)
    assert [next(times) for _ in range(3)] == [
        (now, warsaw("2026-11-27 18:00")),
        (warsaw("2026-11-28 09:00"), warsaw("2026-11-28 14:00")),
        (warsaw("2026-11-30 08:00"), warsaw("2026-11-30 18:00")),
    ]


def test_round_the_clock_is_open_at_midnight_and_through_the_clock_change() -> None:
    always = Calendar(WARSAW, dict.fromkeys(range(7), ((time.min, END_OF_DAY),)), country=None)
    midnight = warsaw("2026-03-29 00:00")
    assert is_open(always, midnight)
    assert after_working_time(always, midnight, 24 * 60) == midnight + timedelta(hours=24)
