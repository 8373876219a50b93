"""The comparison after a fault run finds each kind of fault: one that could not fail would prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.checks import Verdict, judge
from bench.customers import Said
from bench.records import Event, Post, Records, Sent

State = tuple[list[Said], Records, list[Post]]


def good() -> State:
    """One chat at each messenger, two messages said and answered in each; at Telegram the second reply is flagged."""
    said, events, rows, posts = [], [], [], []
    turns = {}
    for lane, (messenger, place) in enumerate([("telegram", "7"), ("slack", "D1")], 1):
        for number in (1, 2):
            key = (messenger, place, str(number))
            dedupe = f"reply:{messenger}{number}"
            said.append(Said(*key, float(number)))
            events.append(Event(key, lane, number, "answered", None))
            turns[key] = f"turn-{messenger}{number}"
            rows.append(Sent(messenger, place, number, dedupe, turns[key], "sent", (f"{10 + number}",)))
            outbox_key = dedupe if messenger == "slack" else None
            posts.append(Post(messenger, place, f"{10 + number}", float(number), outbox_key))
    rows[1] = replace(rows[1], status="unknown", provider_ids=())
    return said, Records(events, turns, rows), posts


def _verdict(state: State, not_taken: set[tuple[str, str, str]] = frozenset()) -> Verdict:  # type: ignore[assignment]
    said, records, posts = state
    return judge(said, not_taken, records, posts)


def test_a_good_run_is_good_and_counts_what_is_flagged() -> None:
    verdict = _verdict(good())
    assert verdict.is_good
    assert (verdict.flagged, verdict.flagged_there) == (1, 1)


def test_a_flagged_reply_may_also_never_have_arrived() -> None:
    said, records, posts = good()
    verdict = _verdict((said, records, [post for post in posts if (post.messenger, post.id) != ("telegram", "12")]))
    assert verdict.is_good
    assert (verdict.flagged, verdict.flagged_there) == (1, 0)


def test_what_the_provider_itself_gave_up_is_told_apart_from_what_we_lost() -> None:
    said, records, posts = good()
    never = Said("slack", "D1", "3", 3.0)
    assert _verdict(([*said, never], records, posts)).lost == [f"taken, but not in the inbox: {never.key}"]
    verdict = _verdict(([*said, never], records, posts), {never.key})
    assert verdict.is_good
    assert verdict.not_taken == 1


def _event(position: int, **changes: object) -> Callable[[State], None]:
    def change(state: State) -> None:
        events = state[1].events
        events[position] = replace(events[position], **changes)  # type: ignore[arg-type]

    return change


def _row(position: int, **changes: object) -> Callable[[State], None]:
    def change(state: State) -> None:
        rows = state[1].rows
        rows[position] = replace(rows[position], **changes)  # type: ignore[arg-type]

    return change


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_event(0, outcome="waiting"), "never worked"),
        (_event(0, outcome="dead"), "set aside as dead"),
        (lambda state: state[1].turns.pop(("slack", "D1", "1")), "not on record"),
        (lambda state: state[1].rows.pop(3), "answered without a reply"),
        (_row(0, status="dead"), "reply dead"),
        (_row(0, status="sending"), "reply sending"),
        (_row(0, status="withheld"), "reply withheld"),
        (_row(0, provider_ids=()), "nobody knows as what"),
        (_row(0, provider_ids=("99",)), "not at the provider"),
        (lambda state: state[2].pop(0), "not at the provider"),
    ],
)
def test_each_way_to_lose_something_is_found(spoil: Callable[[State], object], words: str) -> None:
    state = good()
    spoil(state)
    assert any(words in problem for problem in _verdict(state).lost)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda state: state[1].events.append(replace(state[1].events[0], seq=3)), "2 inbox events of one message"),
        (lambda state: state[0].pop(0), "nobody said"),
        (lambda state: state[1].rows.append(replace(state[1].rows[0], seq=3, dedupe="x")), "2 replies to one turn"),
        (lambda state: state[2].append(replace(state[2][2], id="13")), "2 posts of reply:slack1"),
        (lambda state: state[2].append(replace(state[2][2], id="13", outbox_key="reply:x")), "a post of no row"),
        (lambda state: state[2].append(replace(state[2][0], id="13")), "2 unrecorded posts"),
    ],
)
def test_each_way_to_say_something_twice_is_found(spoil: Callable[[State], object], words: str) -> None:
    state = good()
    spoil(state)
    assert any(words in problem for problem in _verdict(state).doubled)


def test_a_reply_in_parts_is_one_reply() -> None:
    said, records, posts = good()
    records.rows[2] = replace(records.rows[2], provider_ids=("11", "11.5"))
    first = replace(posts[2], outbox_key="reply:slack1#1")
    posts[2:3] = [first, replace(first, id="11.5", outbox_key="reply:slack1#2")]
    assert _verdict((said, records, posts)).is_good


def test_replies_that_changed_places_are_found() -> None:
    said, records, posts = good()
    posts[2], posts[3] = posts[3], posts[2]
    assert _verdict((said, records, posts)).out_of_order == ["reply 1 after 2 in ('slack', 'D1')"]


def test_telegrams_messages_stand_in_the_inbox_in_their_order() -> None:
    said, records, posts = good()
    records.events[0], records.events[1] = (
        replace(records.events[0], seq=2),
        replace(records.events[1], seq=1),
    )
    assert _verdict((said, records, posts)).out_of_order == ["message 1 after 2 in inbox lane 1"]
