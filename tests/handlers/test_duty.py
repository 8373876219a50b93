from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.content import Content
from handlers.duty import BadSchedule, on_duty, read_schedule
from tests.bot_under_test import MONDAY_NOON, SATURDAY_NIGHT
from tests.handlers.colleagues import agent


@pytest.mark.parametrize(
    ("text", "schedule"),
    [
        ("mon-tue 8:00-16:00", {"monday": ["8:00-16:00"], "tuesday": ["8:00-16:00"]}),
        ("sat 9:00-13:00, 14:00-15:00", {"saturday": ["9:00-13:00", "14:00-15:00"]}),
        ("Mon 8:00-16:00; Sunday 9:00-10:00", {"monday": ["8:00-16:00"], "sunday": ["9:00-10:00"]}),
        ("thu 16:00-24:00;", {"thursday": ["16:00-24:00"]}),
    ],
)
def test_a_schedule_is_read(content: Content, text: str, schedule: dict[str, list[str]]) -> None:
    assert read_schedule(text, content.calendar) == schedule


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no day has opening hours"),
        ("always", "no weekday"),
        ("mo 8:00-16:00", "no weekday"),
        ("mon", "not an interval"),
        ("mon 16:00-8:00", "ends before it begins"),
        ("mon 8:00-12:00, 11:00-13:00", "overlap"),
        ("fri-mon 8:00-16:00", "the week begins on Monday"),
        ("mon-wed 8:00-16:00; tue 9:00-10:00", "tuesday stands there twice"),
    ],
)
def test_what_is_no_schedule_is_refused_with_an_example(content: Content, text: str, problem: str) -> None:
    with pytest.raises(BadSchedule, match=problem) as refused:
        read_schedule(text, content.calendar)
    assert "mon-fri 8:00-16:00; sat 9:00-13:00" in str(refused.value)


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        (None, MONDAY_NOON, True),
        (None, SATURDAY_NIGHT, False),
        ("mon 12:00-13:00", MONDAY_NOON, True),
        ("mon 13:00-14:00", MONDAY_NOON, False),
        ("sat 20:00-24:00", SATURDAY_NIGHT, True),
        ("mon-sun 8:00-9:00", datetime(2026, 3, 27, 7, 30, tzinfo=UTC), True),  # 8:30 in winter
        ("mon-sun 8:00-9:00", datetime(2026, 3, 30, 7, 30, tzinfo=UTC), False),  # 9:30 in summer
        ("mon-sun 8:00-9:00", datetime(2026, 3, 30, 6, 30, tzinfo=UTC), True),
        ("wed 8:00-16:00", datetime(2026, 11, 11, 11, 0, tzinfo=UTC), False),  # a public holiday
    ],
)
def test_on_duty_by_their_hours_or_the_companys(
    content: Content, hours: str | None, now: datetime, expected: bool
) -> None:
    schedule = read_schedule(hours, content.calendar) if hours else None
    assert on_duty(agent("Ola", schedule=schedule), content.calendar, now) is expected


@pytest.mark.parametrize("switch", [{"is_on_duty": False}, {"is_active": False}])
def test_who_switched_off_or_left_is_not_on_duty(content: Content, switch: dict[str, bool]) -> None:
    assert not on_duty(agent("Ola", **switch), content.calendar, MONDAY_NOON)
