"""Targets as they follow from an event log. All due times are worked out by hand, in Warsaw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.calendars import Calendar
from handlers.content import Content
from handlers.sla import Clock, clocks_of, next_due
from handlers.sla_policy import Limit, Policy, SlaRules
from storage.sla_clocks import Target
from tests.handlers.case_log import WARSAW, Happened, log, warsaw

SHOP = Calendar(WARSAW, {**dict.fromkeys(range(5), ((time(8), time(18)),)), 5: ((time(9), time(14)),)})
WITH_LUNCH = Calendar(WARSAW, dict.fromkeys(range(5), ((time(8), time(12)), (time(13), time(17)))))
FIRST, NEXT, RESOLUTION, LIVE = Target


def rules(minutes: int, kind: str = "working", **more: object) -> SlaRules:
    """One policy with the same limit for every target."""
    limit = Limit.model_validate({"minutes": minutes, "time": kind})
    policy = Policy(name="all", first_response=limit, next_response=limit, resolution=limit)
    return SlaRules(policies=(policy,)).model_copy(update=more)


def told(clock: Clock) -> tuple[str, str | None, str | None]:
    """Target, due time, and when it was met; of one that ended otherwise "dropped"."""
    met = _wall(clock.met_at) if clock.met_at else None if clock.is_running else "dropped"
    return clock.target.value, _wall(clock.due_at) if clock.due_at else None, met


def _wall(at: datetime) -> str:
    return at.astimezone(WARSAW).strftime("%m-%d %H:%M")


def table(
    events: Sequence[Happened], calendar: Calendar = SHOP, minutes: int = 60
) -> list[tuple[str, str | None, str | None]]:
    return [told(clock) for clock in clocks_of(events, rules(minutes), calendar) if clock.target is not LIVE]


# Tier × category × opening time (R26 R27), by the shipped policies and hours: Mon–Fri 8–18, Sat 9–14


@pytest.mark.parametrize(
    ("opened", "tier", "category", "first", "resolution"),
    [
        # Monday noon: mass 24 h = Mon 6 + Tue 10 + Wed 8; b2b 8 h = Mon 6 + Tue 2
        ("2026-11-23 12:00", "mass", "get_invoice", "11-23 13:00", "11-25 16:00"),
        ("2026-11-23 12:00", "b2b", "get_invoice", "11-23 13:00", "11-24 10:00"),
        ("2026-11-23 12:00", "b2c", "get_invoice", "11-23 13:00", "11-23 16:00"),
        ("2026-11-23 12:00", "premium", "get_invoice", "11-23 12:05", "11-23 14:00"),
        ("2026-11-23 12:00", "mass", "complaint", "11-23 13:00", "11-25 16:00"),
        ("2026-11-23 12:00", "b2b", "complaint", "11-23 13:00", "11-25 16:00"),
        ("2026-11-23 12:00", "premium", "complaint", "11-23 12:05", "11-25 16:00"),
        # Saturday 13:30: half an hour left, Sunday closed
        ("2026-11-28 13:30", "mass", "get_invoice", "11-30 08:30", "12-02 11:30"),  # 0:30 + 10 + 10 + 3:30
        ("2026-11-28 13:30", "b2c", "get_invoice", "11-30 08:30", "11-30 11:30"),
        ("2026-11-28 13:30", "premium", "get_invoice", "11-28 13:35", "11-30 09:30"),
        ("2026-11-29 12:00", "premium", "get_invoice", "11-30 08:05", "11-30 10:00"),  # Sunday
        # The clocks change on a Sunday between: Fri 1 h, Sat 5 h, Mon 2 h by the wall
        ("2026-03-27 17:00", "b2b", "get_invoice", "03-27 18:00", "03-30 10:00"),
        ("2026-10-23 17:00", "b2b", "get_invoice", "10-23 18:00", "10-26 10:00"),
        # Easter Monday 6 April 2026: Sat 1 h, Tue 3 h
        ("2026-04-04 13:00", "b2c", "get_invoice", "04-04 14:00", "04-07 11:00"),
        # 1 November 2027 is a Monday, and the clocks change on the Sunday before: Sat 1 h, Tue 7 h
        ("2027-10-30 13:00", "b2b", "get_invoice", "10-30 14:00", "11-02 15:00"),
        # 3 November is a working day; 11 November is none
        ("2026-11-02 17:30", "b2c", "get_invoice", "11-03 08:30", "11-03 11:30"),
        ("2026-11-10 17:30", "b2c", "get_invoice", "11-12 08:30", "11-12 11:30"),
        # 3 May 2027 is a Monday, 1 May the Saturday before: Fri 0:30, Tue 3:30
        ("2027-04-30 17:30", "b2c", "get_invoice", "05-04 08:30", "05-04 11:30"),
        # Christmas Eve 2026 (Thursday) to St Stephen's (Saturday): closed from Wed 18:00 until Mon 28
        ("2026-12-23 17:00", "b2c", "get_invoice", "12-23 18:00", "12-28 11:00"),
    ],
)
def test_due_by_tier_category_and_hours(
    content: Content, opened: str, tier: str, category: str, first: str, resolution: str
) -> None:
    year, at = opened[:4], opened[5:]
    events = log((at, "opened"), tier=tier, category=category, year=year)
    clocks = clocks_of(events, content.sla, content.calendar)
    assert [told(clock)[:2] for clock in clocks] == [("first_response", first), ("resolution", resolution)]


@pytest.mark.parametrize(
    ("opened", "minutes", "kind", "warn", "due"),
    [
        ("11-23 11:30", 60, "working", "11-23 13:15", "11-23 13:30"),  # 30 min, lunch 12–13, 30 min
        ("11-23 11:00", 60, "working", "11-23 11:45", "11-23 12:00"),  # over as lunch begins
        ("11-23 12:30", 60, "working", "11-23 13:45", "11-23 14:00"),  # asked at lunch
        ("11-23 16:30", 480, "working", "11-24 14:30", "11-24 16:30"),  # 75 % = 6 h: Mon 0:30, Tue 4 + 1:30
        ("11-28 12:00", 60, "working", "11-30 08:45", "11-30 09:00"),  # closed on Saturdays here
        ("11-28 12:00", 60, "clock", "11-28 12:45", "11-28 13:00"),
        ("03-28 12:00", 1440, "clock", "03-29 07:00", "03-29 13:00"),  # 24 hours later, by a wall an hour ahead
        ("10-24 12:00", 1440, "clock", "10-25 05:00", "10-25 11:00"),
    ],
)
def test_warning_and_due_time_with_lunch_breaks_and_by_the_clock(
    opened: str, minutes: int, kind: str, warn: str, due: str
) -> None:
    [first, _] = clocks_of(log((opened, "opened")), rules(minutes, kind), WITH_LUNCH)
    assert first.warn_at
    assert (_wall(first.warn_at), told(first)[1]) == (warn, due)


# What ends and begins a target


def test_only_a_person_ends_the_first_response(content: Content) -> None:
    """The bot's acknowledgement, the ladder, a note and taking it over are none (R30)."""
    events = log(("11-23 12:00", "opened"), ("11-23 12:00", "is handed over"), ("11-23 12:05", "called"),
                 ("11-23 12:10", "takes"), ("11-23 12:20", "notes"), ("11-23 12:40", "replies"))  # fmt: skip
    for length in range(2, 6):
        assert table(events[:length])[0] == ("first_response", "11-23 13:00", None)
    assert table(events)[0] == ("first_response", "11-23 13:00", "11-23 12:40")


@pytest.mark.parametrize(
    ("what", "data", "met"),
    [
        ("replies", {}, "11-23 12:30"),
        ("waits for customer", {}, "11-23 12:30"),  # the agent says what for
        ("waits for third party", {}, "11-23 12:30"),
        ("resolves", {}, "11-23 12:30"),
        ("settles", {}, "11-23 12:30"),  # the customer confirms what they have heard
        ("risk", {"words": "Kurier zgubił paczkę."}, "11-23 12:30"),
        ("risk", {"words": ""}, None),
        ("waits wordless", {}, None),
        ("lapses", {}, "dropped"),
        ("spam", {}, "dropped"),
        ("merges", {}, "dropped"),
        ("goes back", {}, None),  # the ticket stays with people
        ("hands back", {}, None),
        ("edits", {}, None),
        ("chases", {}, None),
        ("writes", {}, None),
        ("agent_edited", {}, None),
    ],
)
def test_what_counts_as_a_first_response(what: str, data: dict[str, str], met: str | None) -> None:
    events = log(("11-23 12:00", "opened"), ("11-23 12:30", what, data))
    assert table(events)[0][2] == met


def test_an_answer_taken_back_before_it_left_was_none() -> None:
    events = log(("11-23 12:00", "opened"), ("11-23 12:10", "replies"), ("11-23 12:11", "takes it back"))
    assert table(events)[0] == ("first_response", "11-23 13:00", None)
    seen = [replace(event, data={**event.data, "withdrawn": False}) for event in events]
    assert table(seen)[0] == ("first_response", "11-23 13:00", "11-23 12:10")


def test_each_message_after_an_answer_asks_for_the_next_one_from_the_first_of_them_on() -> None:
    events = log(
        ("11-23 12:00", "opened"), ("11-23 12:10", "replies"), ("11-23 12:20", "replies"),
        ("11-23 13:00", "writes"), ("11-23 13:30", "writes"), ("11-23 13:40", "edits"), ("11-23 14:10", "replies"),
        ("11-23 17:30", "writes"),
    )  # fmt: skip
    assert table(events, minutes=60) == [
        ("first_response", "11-23 13:00", "11-23 12:10"),
        ("resolution", "11-23 13:00", None),
        ("next_response", "11-23 14:00", "11-23 14:10"),
        ("next_response", "11-24 08:30", None),  # 30 min on Monday, 30 on Tuesday
    ]


def test_waiting_moves_the_resolution_by_what_was_left() -> None:
    events = log(
        ("11-23 12:00", "opened"), ("11-23 13:00", "replies"), ("11-23 14:00", "waits for third party"),
        ("11-24 09:00", "goes on"), ("11-24 10:00", "waits for customer"), ("11-26 17:00", "writes"),
    )  # fmt: skip
    # 8 h: 2 used when the third party has it, so None; from Tue 9:00 with 6 left: Tue 15:00
    assert table(events[:3], minutes=480)[1] == ("resolution", None, None)
    assert table(events[:4], minutes=480)[1] == ("resolution", "11-24 15:00", None)
    assert table(events[:5], minutes=480)[1] == ("resolution", None, None)
    # 3 used; the customer writes on Thu 17:00, whatever the status says: 5 left = Thu 1 + Fri 4
    assert table(events, minutes=480)[1] == ("resolution", "11-27 12:00", None)


def test_a_clock_that_stands_still_says_since_when_and_an_overdue_one_stays_overdue() -> None:
    waiting = log(("11-23 12:00", "opened"), ("11-23 12:30", "waits for customer"), ("11-23 12:40", "notes"))
    [_, resolution] = clocks_of(waiting, rules(60), SHOP)
    assert (resolution.paused_at, resolution.due_at) == (warsaw("2026-11-23 12:30"), None)
    assert not resolution.is_late(warsaw("2026-12-31 12:00"))
    late = log(("11-23 12:00", "opened"), ("11-23 13:30", "waits for customer"))
    [_, resolution] = clocks_of(late, rules(60), SHOP)
    assert told(resolution) == ("resolution", "11-23 13:00", None)
    assert resolution.is_late(warsaw("2026-11-23 14:00"))


def test_a_customer_who_writes_while_a_third_party_has_it_is_to_be_answered() -> None:
    events = log(("11-23 12:00", "opened"), ("11-23 12:30", "waits for third party"), ("11-23 14:00", "writes"))
    assert table(events)[1:] == [("resolution", None, None), ("next_response", "11-23 15:00", None)]


def test_which_states_pause_is_a_setting() -> None:
    events = log(("11-23 12:00", "opened"), ("11-23 12:30", "waits for third party"))
    pauses = rules(60).pauses.model_copy(update={"resolution": ("waiting_customer",)})
    [_, resolution] = clocks_of(events, rules(60, pauses=pauses), SHOP)
    assert told(resolution) == ("resolution", "11-23 13:00", None)


def test_a_ticket_opened_again_has_a_new_resolution_and_its_customer_is_to_be_answered() -> None:
    events = log(
        ("11-23 12:00", "opened"), ("11-23 12:10", "replies"), ("11-23 12:30", "resolves"),
        ("11-24 09:00", "reopens"), ("11-24 09:00", "reopened"), ("11-24 09:10", "writes"), ("11-24 09:30", "replies"),
        ("11-24 09:40", "resolves"), ("11-25 10:00", "agent reopens"),
    )  # fmt: skip
    assert table(events) == [
        ("first_response", "11-23 13:00", "11-23 12:10"),
        ("resolution", "11-23 13:00", "11-23 12:30"),
        ("next_response", "11-24 10:00", "11-24 09:30"),
        ("resolution", "11-24 10:00", "11-24 09:40"),
        ("resolution", "11-25 11:00", None),  # nobody asked the agent to
    ]


@pytest.mark.parametrize("what", ["spam", "merges"])
def test_spam_and_a_merged_ticket_are_nothing_to_answer_or_settle(what: str) -> None:
    assert table(log(("11-23 12:00", "opened"), ("11-23 12:30", what))) == [
        ("first_response", "11-23 13:00", "dropped"),
        ("resolution", "11-23 13:00", "dropped"),
    ]


def test_closed_because_nobody_answered_it_is_settled_but_was_not_answered() -> None:
    events = log(("11-23 12:00", "opened"), ("11-23 12:10", "waits wordless"), ("11-24 09:00", "lapses"))
    assert table(events) == [("first_response", None, "dropped"), ("resolution", None, "11-24 09:00")]


def test_another_handover_asks_for_the_next_answer() -> None:
    events = log(
        ("11-23 12:00", "opened"), ("11-23 12:00", "is handed over"), ("11-23 12:10", "goes back"),
        ("11-23 12:20", "is handed over"), ("11-23 12:30", "replies"), ("11-23 12:40", "hands back"),
        ("11-23 14:00", "is handed over"),
    )  # fmt: skip
    assert table(events) == [
        ("first_response", "11-23 13:00", "11-23 12:30"),
        ("resolution", "11-23 13:00", None),
        ("next_response", "11-23 15:00", None),
    ]


def test_events_of_one_instant_and_a_clock_that_went_back_count_in_the_order_they_were_written() -> None:
    events = log(
        ("11-23 12:00", "opened"), ("11-23 12:00", "replies"), ("11-23 12:00", "writes"), ("11-23 12:00", "replies"),
        ("11-23 12:00", "writes"), ("11-23 11:50", "replies"), ("11-23 11:55", "writes"),
    )  # fmt: skip
    expected = [
        ("first_response", "11-23 13:00", "11-23 12:00"),
        ("resolution", "11-23 13:00", None),
        ("next_response", "11-23 13:00", "11-23 12:00"),
        ("next_response", "11-23 13:00", "11-23 12:00"),
        ("next_response", "11-23 13:00", None),
    ]
    assert table(events) == expected
    assert table(events[::-1]) == expected


def test_a_change_of_tier_or_category_counts_for_what_runs_and_not_for_what_is_over(content: Content) -> None:
    events = log(
        ("11-23 12:00", "opened"), ("11-23 12:30", "replies"), ("11-23 13:00", "writes"),
        ("11-23 13:10", "tier", {"before": "mass", "after": "premium"}),
        ("11-23 13:20", "category", {"before": "get_invoice", "after": "complaint"}),
    )  # fmt: skip
    clocks = [clock for clock in clocks_of(events, content.sla, content.calendar) if clock.target is not LIVE]
    assert [(clock.target.value, clock.tier, clock.category, clock.policy, clock.minutes) for clock in clocks] == [
        ("first_response", "mass", "get_invoice", "mass", 60),
        ("resolution", "premium", "complaint", "complaint", 1440),
        ("next_response", "premium", "complaint", "premium", 5),
    ]


def test_a_log_that_does_not_tell_the_tier_takes_that_of_the_customer(content: Content) -> None:
    [first, _] = clocks_of(log(("11-23 12:00", "opened"), tier=""), content.sla, content.calendar, "premium")
    assert first.minutes == 5


# Waiting in a live chat (R25)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ([], []),  # a form was filed: nobody sits and waits
        ([("11-23 12:01", "writes", {"text": "Dopisek"})], []),  # said to the bot
        ([("11-23 12:10", "is handed over")], [("12:15", None)]),
        ([("11-23 12:10", "is handed over"), ("11-23 12:12", "takes"), ("11-23 12:13", "writes")], [("12:15", None)]),
        ([("11-23 12:10", "is handed over"), ("11-23 12:12", "replies")], [("12:15", "12:12")]),
        ([("11-23 12:10", "is handed over"), ("11-23 12:12", "goes back")], [("12:15", "dropped")]),
        ([("11-23 12:10", "is handed over"), ("11-23 12:12", "resolves")], [("12:15", "12:12")]),
        ([("11-23 12:10", "is handed over"), ("11-23 12:12", "replies"), ("11-23 12:20", "writes"),
          ("11-23 12:24", "writes")], [("12:15", "12:12"), ("12:25", None)]),
        ([("11-23 12:10", "replies"), ("11-23 12:20", "waits for third party"), ("11-23 12:30", "writes")],
         [("12:35", None)]),
        ([("11-23 12:10", "settles"), ("11-23 12:30", "reopens")], [("12:35", None)]),
    ],
)  # fmt: skip
def test_waiting_in_a_live_chat(more: list[tuple[str, str]], expected: list[tuple[str, str | None]]) -> None:
    clocks = [
        clock for clock in clocks_of(log(("11-23 12:00", "opened"), *more), rules(60), SHOP) if clock.target is LIVE
    ]
    rows = [told(clock)[1:] for clock in clocks]
    assert [(due[-5:] if due else due, met[-5:] if met else met) for due, met in rows] == [
        (due, "dropped"[-5:] if met == "dropped" else met) for due, met in expected
    ]


def test_next_is_what_runs_and_is_due_first() -> None:
    clocks = clocks_of(log(("11-23 12:00", "opened"), ("11-23 12:01", "is handed over")), rules(60), SHOP)
    first = next_due(clocks)
    assert first
    assert first.target is LIVE
    assert next_due(clocks_of(log(("11-23 12:00", "opened"), ("11-23 12:01", "resolves")), rules(60), SHOP)) is None


# Whatever happens


WHAT = ("replies", "writes", "is handed over", "takes", "goes back", "hands back", "waits for customer",
        "waits wordless", "waits for third party", "goes on", "resolves", "settles", "lapses", "spam", "reopens",
        "agent reopens", "chases", "asks again", "notes", "edits", "takes it back", "releases")  # fmt: skip
deeds = st.lists(st.tuples(st.integers(0, 600), st.sampled_from(WHAT)), max_size=25)


def lived(steps: Sequence[tuple[int, str]]) -> list[Happened]:
    """Minutes since the one before, and what was done then."""
    at = warsaw("2026-10-23 16:00")
    events = []
    for event, minutes in zip(log(("10-23 16:00", "opened"), *(("10-23 16:00", what) for _, what in steps)),
                              [0, *(minutes for minutes, _ in steps)], strict=True):  # fmt: skip
        at += timedelta(minutes=minutes)
        events.append(replace(event, at=at))
    return events


@settings(max_examples=30, deadline=None)
@given(deeds)
def test_each_clock_is_whole_and_no_two_of_a_kind_run_at_once(steps: list[tuple[int, str]]) -> None:
    clocks = clocks_of(lived(steps), rules(300), SHOP)
    for clock in clocks:
        assert clock.met_at in {None, clock.ended_at}
        assert clock.ended_at is None or clock.ended_at >= clock.started_at
        assert clock.due_at is None or clock.started_at < clock.due_at
        assert clock.warn_at is None or clock.due_at is None or clock.warn_at < clock.due_at
        assert clock.due_at is not None or clock.warn_at is None or clock.paused_at is not None or clock.ended_at
    for target in Target:
        mine = [clock for clock in clocks if clock.target is target]
        for before, after in pairwise(mine):
            assert before.ended_at is not None
            assert before.ended_at <= after.started_at


@settings(max_examples=30, deadline=None)
@given(deeds)
def test_what_has_ended_stays_as_it_was_however_it_goes_on(steps: list[tuple[int, str]]) -> None:
    events = [event for event in lived(steps) if event.kind != "agent_deleted"]
    whole = {(clock.target, clock.event_id): clock for clock in clocks_of(events, rules(300), SHOP)}
    for length in range(1, len(events)):
        for clock in clocks_of(events[:length], rules(300), SHOP):
            if not clock.is_running:
                assert whole[clock.target, clock.event_id] == clock


@settings(max_examples=30, deadline=None)
@given(deeds, st.integers(1, 300), st.integers(1, 300))
def test_a_longer_limit_is_never_due_earlier(steps: list[tuple[int, str]], minutes: int, more: int) -> None:
    pairs = zip(
        clocks_of(lived(steps), rules(minutes), SHOP), clocks_of(lived(steps), rules(minutes + more), SHOP), strict=True
    )
    for short, long in pairs:
        if short.target is LIVE:
            continue  # has a limit of its own
        assert long.due_at is None or (short.due_at is not None and short.due_at < long.due_at)
