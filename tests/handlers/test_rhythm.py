from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from handlers.content import Content, load_content
from handlers.content_file import ContentError, read_model
from handlers.rhythm import Quiet, Rhythm, RhythmFile
from tests.bot_under_test import MONDAY_NOON

RHYTHM = load_content(Path(__file__).parent.parent.parent / "nlu_data").rhythm
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as it asks


def warsaw(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=RHYTHM.calendar.zone)


def with_quiet(since: str, until: str) -> Rhythm:
    quiet = Quiet.model_validate({"from": since, "until": until})
    return replace(RHYTHM, rules=RHYTHM.rules.model_copy(update={"quiet": quiet}))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (warsaw(2026, 11, 23, 12), False),
        (warsaw(2026, 11, 23, 20, 59), False),
        (warsaw(2026, 11, 23, 21), True),
        (warsaw(2026, 11, 24, 0), True),
        (warsaw(2026, 11, 24, 7, 59), True),
        (warsaw(2026, 11, 24, 8), False),
        (warsaw(2026, 11, 29, 12), False),  # a Sunday
    ],
)
def test_quiet_hours_are_wall_clock_hours_over_midnight(at: datetime, expected: bool) -> None:
    assert RHYTHM.in_quiet_hours(at.astimezone(UTC)) is expected


def test_quiet_hours_within_a_day() -> None:
    siesta = with_quiet("13:00", "15:00")
    assert [hour for hour in range(24) if siesta.in_quiet_hours(warsaw(2026, 7, 1, hour))] == [13, 14]
    assert siesta.next_allowed(warsaw(2026, 7, 1, 14, 30)) == warsaw(2026, 7, 1, 15)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (warsaw(2026, 11, 23, 12), warsaw(2026, 11, 23, 12)),
        (warsaw(2026, 11, 23, 23), warsaw(2026, 11, 24, 8)),
        (warsaw(2026, 11, 24, 3), warsaw(2026, 11, 24, 8)),
        (warsaw(2026, 3, 28, 22), warsaw(2026, 3, 29, 8)),  # the night the clocks go forward
        (warsaw(2026, 10, 24, 22), warsaw(2026, 10, 25, 8)),  # and back
    ],
)
def test_what_falls_into_the_night_waits_until_the_morning(now: datetime, expected: datetime) -> None:
    assert RHYTHM.next_allowed(now.astimezone(UTC)) == expected


@given(MOMENTS)
def test_what_is_allowed_next_is_never_quiet_and_never_half_a_day_away(now: datetime) -> None:
    allowed = RHYTHM.next_allowed(now)
    assert not RHYTHM.in_quiet_hours(allowed)
    assert now <= allowed <= now + timedelta(hours=12)
    assert RHYTHM.next_allowed(allowed) == allowed


@pytest.mark.parametrize(
    ("since", "days", "expected"),
    [
        (warsaw(2026, 11, 23, 12), 2, warsaw(2026, 11, 25, 12)),
        (warsaw(2026, 11, 27, 12), 2, warsaw(2026, 11, 30, 12)),  # Friday; Saturday is a working day, Sunday is none
        (warsaw(2026, 11, 10, 15), 1, warsaw(2026, 11, 12, 15)),  # over Independence Day
        (warsaw(2026, 12, 23, 12), 2, warsaw(2026, 12, 29, 12)),  # over Christmas, its Eve too
        (warsaw(2026, 3, 27, 12), 2, warsaw(2026, 3, 30, 12)),  # over the change of clocks
        (warsaw(2026, 11, 23, 23), 1, warsaw(2026, 11, 25, 8)),  # the same time tomorrow would be at night
    ],
)
def test_working_days_leave_out_sundays_and_holidays_and_end_at_the_same_time_of_day(
    since: datetime, days: int, expected: datetime
) -> None:
    assert RHYTHM.after_working_days(since.astimezone(UTC), days) == expected


@pytest.mark.parametrize(("updates", "expected"), [("often", 240), ("normal", 480), ("rarely", 1800), ("hourly", 480)])
def test_how_often_goes_by_the_customers_wish(updates: str, expected: int) -> None:
    assert RHYTHM.minutes(updates) == expected


def test_the_next_word_is_counted_in_working_time(content: Content) -> None:
    assert content.rhythm.next_word_at("normal", MONDAY_NOON) == warsaw(2026, 11, 24, 10)
    assert content.rhythm.next_word_at("often", MONDAY_NOON) == warsaw(2026, 11, 23, 16)


RULES = RHYTHM.rules.model_dump(by_alias=True, mode="json")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"quiet": {"from": "8:00", "until": "8:00"}}, "all day"),
        ({"quiet": {"from": "25:00", "until": "8:00"}}, "not a time"),
        ({"updates": {"rarely": 100, "normal": 480, "often": 240}}, "more often"),
        ({"follow_ups": [{"after_days": 2, "do": "remind"}]}, "closes"),
        ({"follow_ups": [{"after_days": 2, "do": "close"}]}, "reminded"),
        ({"follow_ups": [{"after_days": 2, "do": "remind"}, {"after_days": 2, "do": "close"}]}, "come after"),
        ({"follow_ups": [{"after_days": 1, "do": "close"}, {"after_days": 2, "do": "close"}]}, "no other"),
        ({"draft_minutes": 0}, "greater"),
        ({"card_seconds": 60, "more": 1}, "Extra"),
    ],
)
def test_rules_that_make_no_sense_are_refused(change: dict[str, object], message: str) -> None:
    rules = dict(RULES)
    rules["quiet"] = {"from": "21:00", "until": "8:00"}
    rules["promises"] = {**rules["promises"], "times": dict.fromkeys(rules["promises"]["times"], "10:00")}
    RhythmFile.model_validate(rules)
    with pytest.raises(ValidationError, match=message):
        RhythmFile.model_validate(rules | change)


def test_a_mistake_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "rhythm.yml"
    shipped = Path(__file__).parent.parent.parent / "nlu_data" / "rhythm.yml"
    path.write_text(shipped.read_text(encoding="utf-8").replace("draft_minutes: 30", "draft_minutes: 0"))
    line = next(at for at, text in enumerate(path.read_text().splitlines(), 1) if text.startswith("draft_minutes"))
    with pytest.raises(ContentError, match=rf"rhythm\.yml:{line}: draft_minutes"):
        read_model(path, RhythmFile)
