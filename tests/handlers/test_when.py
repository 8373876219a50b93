from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from handlers import when
from handlers.calendars import Calendar
from handlers.texts import Catalogue

WARSAW = ZoneInfo("Europe/Warsaw")
CATALOGUE = Catalogue()


def warsaw(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "polish", "english"),
    [
        ("2026-11-23 15:30", "dziś do 15:30", "today by 15:30"),
        ("2026-11-24 08:05", "jutro do 8:05", "tomorrow by 8:05"),
        ("2026-11-25 08:00", "w środę do 8:00", "on Wednesday by 8:00"),
        ("2026-11-26 08:00", "w czwartek do 8:00", "on Thursday by 8:00"),
        ("2026-11-27 08:00", "w piątek do 8:00", "on Friday by 8:00"),
        ("2026-11-28 09:00", "w sobotę do 9:00", "on Saturday by 9:00"),
        ("2026-11-29 00:00", "w niedzielę do 0:00", "on Sunday by 0:00"),
        ("2026-11-30 08:00", "w poniedziałek 30 listopada do 8:00", "on Monday 30 November by 8:00"),
        ("2026-12-01 08:00", "we wtorek 1 grudnia do 8:00", "on Tuesday 1 December by 8:00"),
        ("2026-11-22 08:00", "w niedzielę 22 listopada do 8:00", "on Sunday 22 November by 8:00"),  # gone by
    ],
)
def test_a_limit_is_said_by_the_nearest_name_of_its_day(moment: str, polish: str, english: str) -> None:
    now = warsaw("2026-11-23 12:00")
    assert when.by(warsaw(moment), now, WARSAW, CATALOGUE["pl"]) == polish
    assert when.by(warsaw(moment), now, WARSAW, CATALOGUE["en"]) == english


@pytest.mark.parametrize(
    ("now", "moment", "expected"),
    [
        ("2026-11-23 00:30", "2026-11-23 08:00", "dziś o 8:00"),  # 22 November in UTC
        ("2026-11-23 23:30", "2026-11-24 00:15", "jutro o 0:15"),  # 23 November in UTC
        ("2026-03-28 12:00", "2026-03-29 08:00", "jutro o 8:00"),
        ("2026-10-24 12:00", "2026-10-25 08:00", "jutro o 8:00"),
    ],
)
def test_today_and_tomorrow_are_those_of_the_shops_clock(now: str, moment: str, expected: str) -> None:
    assert when.at(warsaw(moment), warsaw(now), WARSAW, CATALOGUE["pl"]) == expected
    assert when.by(warsaw(moment), warsaw(now), WARSAW, CATALOGUE["pl"]) == expected.replace(" o ", " do ")


def test_english_says_a_point_with_at() -> None:
    said = when.at(warsaw("2026-11-24 08:00"), warsaw("2026-11-23 12:00"), WARSAW, CATALOGUE["en"])
    assert said == "tomorrow at 8:00"


@pytest.mark.parametrize(
    ("day", "polish", "english"),
    [(date(2026, 11, 3), "3 listopada", "3 November"), (date(2027, 5, 1), "1 maja", "1 May"),
     (date(2026, 9, 30), "30 września", "30 September")],
)  # fmt: skip
def test_a_date_is_said_in_the_genitive(day: date, polish: str, english: str) -> None:
    assert when.on_date(day, CATALOGUE["pl"]) == polish
    assert when.on_date(day, CATALOGUE["en"]) == english


def test_a_moment_belongs_to_its_local_day() -> None:
    assert when.on(datetime(2026, 11, 2, 23, 30, tzinfo=UTC), WARSAW, CATALOGUE["pl"]) == "3 listopada"


LONG, SHORT = ((time(8), time(18)),), ((time(9), time(14)),)
LUNCH = ((time(8), time(12)), (time(13), time(17, 30)))


@pytest.mark.parametrize(
    ("hours", "polish", "english"),
    [
        ({**dict.fromkeys(range(5), LONG), 5: SHORT}, "pon.–pt. 8:00–18:00, sob. 9:00–14:00",
         "Mon–Fri 8:00–18:00, Sat 9:00–14:00"),
        (dict.fromkeys(range(7), LONG), "pon.–niedz. 8:00–18:00", "Mon–Sun 8:00–18:00"),
        ({0: LONG, 2: LONG}, "pon. 8:00–18:00, śr. 8:00–18:00", "Mon 8:00–18:00, Wed 8:00–18:00"),
        ({0: LONG, 1: SHORT, 2: SHORT}, "pon. 8:00–18:00, wt.–śr. 9:00–14:00", "Mon 8:00–18:00, Tue–Wed 9:00–14:00"),
        ({3: LUNCH}, "czw. 8:00–12:00, 13:00–17:30", "Thu 8:00–12:00, 13:00–17:30"),
        ({0: LONG, 1: (), 2: LONG}, "pon. 8:00–18:00, śr. 8:00–18:00", "Mon 8:00–18:00, Wed 8:00–18:00"),
        ({}, "", ""),
    ],
)  # fmt: skip
def test_neighbouring_days_with_equal_hours_are_drawn_together(
    hours: dict[int, tuple[tuple[time, time], ...]], polish: str, english: str
) -> None:
    calendar = Calendar(WARSAW, hours)
    assert when.opening_hours(calendar, "pl") == polish
    assert when.opening_hours(calendar, "en") == english
