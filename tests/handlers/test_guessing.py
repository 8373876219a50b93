from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.guessing import MOST_WRONG, MOST_WRONG_BY_ALL, PAUSE, WITHIN, are_too_many, paused_until
from tests.bot_under_test import MONDAY_NOON


def at(minutes: float) -> datetime:
    return MONDAY_NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("wrong", "now", "until"),
    [
        ([], 0, None),
        ([0, 1, 2, 3], 3, None),
        ([0, 1, 2, 3, 4], 4, 64),
        ([0, 1, 2, 3, 4], 63.9, 64),
        ([0, 1, 2, 3, 4], 64, None),
        ([0, 20, 40, 50, 59.9], 60, 119.9),
        ([0, 20, 40, 50, 60], 60, None),
        ([1, 2, 3, 4, 64], 64, None),
    ],
)
def test_five_wrong_codes_within_an_hour_are_followed_by_an_hour_without(
    wrong: list[float], now: float, until: float | None
) -> None:
    newest_first = [at(minute) for minute in reversed(wrong)]
    assert paused_until(newest_first, at(now)) == (None if until is None else at(until))


@given(st.lists(st.integers(0, 300), min_size=1, max_size=120))
def test_however_it_is_tried_no_more_than_five_codes_are_looked_at_in_an_hour(minutes: list[int]) -> None:
    looked_at: list[datetime] = []
    for minute in sorted(minutes):
        if paused_until(looked_at[::-1][:MOST_WRONG], at(minute)) is None:
            looked_at.append(at(minute))
    for first, sixth in zip(looked_at, looked_at[MOST_WRONG:], strict=False):
        assert sixth - first >= min(WITHIN, PAUSE)


def test_a_guesser_with_many_accounts_is_seen() -> None:
    assert not are_too_many(MOST_WRONG_BY_ALL - 1)
    assert are_too_many(MOST_WRONG_BY_ALL)
