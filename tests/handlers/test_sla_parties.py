"""Whose time it was (R29 R88): tables worked out by hand, and sums that hold whatever happens."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.calendars import Calendar, open_time
from handlers.case_times import Party, Taken, human_times, parties
from tests.handlers.case_log import WARSAW, log, warsaw
from tests.handlers.test_sla import deeds, lived

SHOP = Calendar(WARSAW, {**dict.fromkeys(range(5), ((time(8), time(18)),)), 5: ((time(9), time(14)),)})

STORY = log(
    ("11-23 12:00", "opened"), ("11-23 12:00", "is handed over"), ("11-23 12:30", "replies"),
    ("11-23 14:00", "waits for customer"), ("11-23 17:00", "writes"), ("11-23 17:30", "replies"),
    ("11-24 09:00", "writes"), ("11-24 10:00", "waits for third party"), ("11-25 09:00", "goes on"),
    ("11-25 11:00", "resolves"), ("11-26 09:00", "reopens"), ("11-26 10:00", "resolves"),
)  # fmt: skip


def hours(**parties: float) -> dict[Party, timedelta]:
    return {party: timedelta(hours=parties.get(party.value, 0)) for party in Party}


def test_time_is_booked_on_whoever_had_the_ball() -> None:
    """Ours: Mon 12–14 and 17–17:30 (their answer ends the wait until we have answered), Tue 9–10, Wed 9–11, Thu 9–10.
    Theirs: Mon 14–17, 17:30 until Tue 9. A third party's: Tue 10 until Wed 9. Settled: Wed 11 until Thu 9, then on."""
    now = warsaw("2026-11-26 12:00")
    assert parties(STORY, now) == hours(us=2 + 0.5 + 1 + 2 + 1, customer=3 + 15.5, third_party=23, nobody=22 + 2)
    # Open 8–18: theirs 3 + 0:30 + 1; the third party's 8 + 1; settled 7 + 1 + 2
    assert parties(STORY, now, SHOP) == hours(us=6.5, customer=4.5, third_party=9, nobody=10)


@pytest.mark.parametrize(
    ("since", "until", "wall"), [("03-28 12:00", "03-29 12:00", 23), ("10-24 12:00", "10-25 12:00", 25)]
)
def test_a_day_on_which_the_clocks_change_is_booked_as_long_as_it_was(since: str, until: str, wall: int) -> None:
    assert parties(log((since, "opened")), warsaw(f"2026-{until}")) == hours(us=wall)


def test_time_of_people_is_told_apart_from_the_bots_and_from_waiting() -> None:
    events = log(
        ("11-23 12:00", "opened"), ("11-23 12:00", "is handed over"), ("11-23 12:10", "goes back"),
        ("11-23 12:40", "is handed over"), ("11-23 13:00", "replies"), ("11-23 14:00", "waits for third party"),
        ("11-23 15:00", "writes"), ("11-23 15:20", "replies"), ("11-23 16:00", "goes on"), ("11-23 16:30", "resolves"),
    )  # fmt: skip
    times = human_times(events)
    assert times.first_response == Taken(timedelta(minutes=10 + 20), timedelta(minutes=30), timedelta())
    assert times.next_responses == (Taken(timedelta(), timedelta(), timedelta(minutes=20)),)
    # People: 12:00–12:10, 12:40–14:00, 16:00–16:30
    assert times.resolutions == (Taken(timedelta(minutes=120), timedelta(minutes=30), timedelta(minutes=120)),)
    assert times.resolutions[0].total == timedelta(hours=4, minutes=30)


def test_each_time_it_was_settled_is_a_resolution_and_the_night_between_is_no_working_time() -> None:
    events = log(
        ("11-23 17:00", "opened"), ("11-24 09:00", "replies"), ("11-24 10:00", "resolves"),
        ("11-25 08:00", "reopens"), ("11-25 12:00", "resolves"),
    )  # fmt: skip
    assert [taken.team for taken in human_times(events).resolutions] == [timedelta(hours=17), timedelta(hours=4)]
    assert [taken.team for taken in human_times(events, SHOP).resolutions] == [timedelta(hours=3), timedelta(hours=4)]
    assert human_times(events, SHOP).first_response == Taken(timedelta(hours=2), timedelta(), timedelta())


def test_what_nobody_answered_has_no_first_response() -> None:
    assert human_times(log(("11-23 12:00", "opened"), ("11-23 12:30", "spam"))).first_response is None
    assert parties([], warsaw("2026-11-23 12:00")) == hours()


@settings(max_examples=40, deadline=None)
@given(deeds, st.integers(0, 5_000))
def test_the_parts_add_up_to_the_whole(steps: list[tuple[int, str]], later: int) -> None:
    events = lived(steps)
    opened, now = events[0].at, events[-1].at + timedelta(minutes=later)
    assert sum(parties(events, now).values(), timedelta()) == now - opened
    assert sum(parties(events, now, SHOP).values(), timedelta()) == open_time(SHOP, opened, now)
    assert all(length >= timedelta() for length in parties(events, now).values())


@settings(max_examples=40, deadline=None)
@given(deeds, st.integers(0, 5_000), st.integers(1, 5_000))
def test_time_that_passes_is_booked_on_one_party(steps: list[tuple[int, str]], later: int, more: int) -> None:
    events = lived(steps)
    now = events[-1].at + timedelta(minutes=later)
    before, after = parties(events, now), parties(events, now + timedelta(minutes=more))
    assert [after[party] - before[party] for party in Party if after[party] != before[party]] == [
        timedelta(minutes=more)
    ]
