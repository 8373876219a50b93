from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.clock import DemoClock


def clock_at(year: int, month: int, day: int, hour: int, minute: int = 0) -> DemoClock:
    return DemoClock(wall=lambda: datetime(year, month, day, hour, minute, tzinfo=UTC))


def test_the_demo_begins_at_the_time_of_the_machine_and_moves_with_it() -> None:
    now = [datetime(2026, 11, 23, 11, 0, tzinfo=UTC)]
    clock = DemoClock(wall=lambda: now[0])
    clock.move_on(timedelta(hours=1))
    now[0] += timedelta(minutes=5)
    assert clock() == datetime(2026, 11, 23, 12, 5, tzinfo=UTC)


def test_the_next_morning_is_the_companys_morning() -> None:
    clock = clock_at(2026, 11, 23, 11)
    clock.to_next(8)
    assert clock() == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def test_before_dawn_the_next_morning_is_today() -> None:
    clock = clock_at(2026, 11, 23, 2)
    clock.to_next(8)
    assert clock() == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def test_on_the_hour_the_next_morning_is_tomorrow() -> None:
    clock = clock_at(2026, 11, 23, 7)
    clock.to_next(8)
    assert clock() == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def test_it_strikes_the_local_hour_also_after_the_clocks_were_changed() -> None:
    clock = clock_at(2026, 10, 24, 12)  # the night to the 25th is an hour longer
    clock.to_next(8)
    assert clock() == datetime(2026, 10, 25, 7, 0, tzinfo=UTC)


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="back"):
        DemoClock().move_on(timedelta(seconds=-1))
