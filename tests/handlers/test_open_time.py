"""How long we are open between two moments. Tables are worked out by hand; the rest has to hold for any times."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.calendars import END_OF_DAY, Calendar, after_open_time, open_time
from tests.handlers.case_log import WARSAW, warsaw

SHOP = Calendar(WARSAW, {**dict.fromkeys(range(5), ((time(8), time(18)),)), 5: ((time(9), time(14)),)})
WITH_LUNCH = Calendar(WARSAW, dict.fromkeys(range(5), ((time(8), time(12)), (time(13), time(17)))))
ALWAYS = Calendar(WARSAW, dict.fromkeys(range(7), ((time.min, END_OF_DAY),)), country=None)
NIGHTS = Calendar(WARSAW, dict.fromkeys(range(7), ((time(1), time(5)), (time(22), END_OF_DAY))), country=None)
CALENDARS = (SHOP, WITH_LUNCH, ALWAYS, NIGHTS, Calendar(WARSAW, SHOP.hours, closed=frozenset({date(2026, 3, 30)})))


@pytest.mark.parametrize(
    ("calendar", "since", "until", "hours"),
    [
        (SHOP, "2026-11-23 12:00", "2026-11-23 12:00", 0),
        (SHOP, "2026-11-23 12:00", "2026-11-23 11:00", 0),  # nothing, not less than nothing
        (SHOP, "2026-11-23 07:00", "2026-11-23 19:00", 10),
        (SHOP, "2026-11-27 17:00", "2026-11-30 09:00", 7),  # Fri 1 + Sat 5 + Mon 1
        (SHOP, "2026-11-28 14:00", "2026-11-30 08:00", 0),  # from Saturday's close to Monday's opening
        (WITH_LUNCH, "2026-11-23 11:30", "2026-11-23 13:30", 1),
        (WITH_LUNCH, "2026-11-23 12:00", "2026-11-23 13:00", 0),
        (WITH_LUNCH, "2026-11-23 08:00", "2026-11-25 12:00", 20),  # 8 + 8 + 4
        # Easter 2026: Sunday 5 April; Monday 6 April is a holiday, Good Friday and Holy Saturday are none
        (SHOP, "2026-04-03 08:00", "2026-04-08 08:00", 25),  # Fri 10 + Sat 5 + Tue 10
        (SHOP, "2026-10-30 08:00", "2026-11-04 08:00", 35),  # Fri 10, Sat 5; 1 Nov is a Sunday; Mon 2 10, Tue 3 10
        (SHOP, "2027-10-29 08:00", "2027-11-03 08:00", 25),  # Fri 10, Sat 5; Monday 1 Nov closed; Tue 2 10
        (SHOP, "2026-11-10 08:00", "2026-11-13 08:00", 20),  # 11 Nov closed between Tue 10 and Thu 10
        (SHOP, "2027-04-30 08:00", "2027-05-05 08:00", 20),  # Fri 10; Sat 1 and Mon 3 May closed; Tue 10
        # Round the clock: 29 March 2026 has 23 hours, 25 October 25
        (ALWAYS, "2026-03-29 00:00", "2026-03-30 00:00", 23),
        (ALWAYS, "2026-10-25 00:00", "2026-10-26 00:00", 25),
        (NIGHTS, "2026-03-29 00:00", "2026-03-29 23:00", 4),  # 1:00–5:00 without 2:00–3:00, and 22:00–23:00
        (NIGHTS, "2026-10-25 00:00", "2026-10-25 23:00", 6),  # 1:00–5:00 with 2:00–3:00 twice, and 22:00–23:00
        (SHOP, "2026-03-27 17:00", "2026-03-30 09:00", 7),  # the changes are on Sundays: nothing to a shop
        (SHOP, "2026-10-23 17:00", "2026-10-26 09:00", 7),
    ],
)
def test_open_hours_between_two_times_on_the_wall(calendar: Calendar, since: str, until: str, hours: float) -> None:
    assert open_time(calendar, warsaw(since), warsaw(until)) == timedelta(hours=hours)


moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda naive: naive.replace(tzinfo=UTC))  # noqa: DTZ001
lengths = st.timedeltas(timedelta(), timedelta(days=9))
calendars = st.sampled_from(CALENDARS)


@settings(max_examples=50, deadline=None)
@given(calendars, moments, lengths, lengths)
def test_what_is_open_adds_up(calendar: Calendar, since: datetime, first: timedelta, second: timedelta) -> None:
    middle, until = since + first, since + first + second
    parts = open_time(calendar, since, middle) + open_time(calendar, middle, until)
    assert open_time(calendar, since, until) == parts


@settings(max_examples=50, deadline=None)
@given(calendars, moments, lengths, lengths)
def test_a_later_end_or_an_earlier_start_is_never_less_open(
    calendar: Calendar, since: datetime, first: timedelta, second: timedelta
) -> None:
    middle, until = since + first, since + first + second
    whole = open_time(calendar, since, until)
    assert timedelta() <= open_time(calendar, middle, until) <= whole <= until - since
    assert open_time(calendar, since, middle) <= whole


@settings(max_examples=50, deadline=None)
@given(calendars, moments, st.timedeltas(timedelta(microseconds=1), timedelta(hours=90)), lengths)
def test_a_time_counted_forward_is_the_time_counted_back(
    calendar: Calendar, since: datetime, length: timedelta, later: timedelta
) -> None:
    due = after_open_time(calendar, since, length)
    assert open_time(calendar, since, due) == length
    assert open_time(calendar, since, due - timedelta(microseconds=1)) < length
    assert after_open_time(calendar, since + later, length) >= due
