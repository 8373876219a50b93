"""Slack's payloads → desk events: real shapes read right, bent ones refused and nothing worse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.slack.facts import Unreadable, Us
from bot.desk import payloads
from bot.desk.events import DeskEvent, DeskKind

DESK, SHOP, BOT, OLA = "C0DESK", "C0SHOP", "U0BOT", "U0OLA"
US = Us(frozenset({BOT}))
NOW = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
ENVELOPE = {"team_id": "T1", "authorizations": [{"user_id": BOT, "is_bot": True}]}
SAID = {"type": "message", "user": OLA, "text": "już &lt;sprawdzam&gt;", "ts": "1700000002.000200",
        "thread_ts": "1700000001.000100", "channel": DESK, "team": "T1"}  # fmt: skip
RICH: dict[str, Any] = {
    **SAID, "text": "",
    "blocks": [{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
        {"type": "text", "text": "już"}, {"type": "emoji", "name": "wave"}, {"type": "link", "url": "https://a.example"},
        {"type": "user", "user_id": "U1"}]}]}],
    "files": [{"id": "F1", "name": "a.png", "mimetype": "image/png", "size": 3, "mode": "hosted"}],
    "attachments": [{"fallback": "forwarded", "text": "słowa"}],
}  # fmt: skip
EDITED = {"type": "message", "subtype": "message_changed", "channel": DESK, "ts": "1700000009.0",
          "message": {**SAID, "text": "sprawdziłam", "edited": {"user": OLA, "ts": "1700000008.0"}},
          "previous_message": SAID}  # fmt: skip
DELETED = {"type": "message", "subtype": "message_deleted", "channel": DESK, "ts": "1700000009.0",
           "deleted_ts": SAID["ts"], "previous_message": SAID}  # fmt: skip
REACTED = {"type": "reaction_added", "user": OLA, "reaction": "eyes::skin-tone-2", "event_ts": "1700000003.0",
           "item": {"type": "message", "channel": DESK, "ts": SAID["ts"]}}  # fmt: skip
PERSON = {"id": OLA, "team_id": "T1", "username": "ola"}
PRESSED = {
    "type": "block_actions", "user": PERSON, "team": {"id": "T1"}, "trigger_id": "1.2.3",
    "container": {"type": "message", "channel_id": DESK, "message_ts": "1700000001.000100", "is_ephemeral": False},
    "actions": [{"type": "button", "action_id": "desk-join-7", "value": "12|7", "action_ts": "1700000004.0"}],
}  # fmt: skip
MENU = {"type": "static_select", "action_id": "desk-more", "selected_option": {"value": "12|snooze"},
        "action_ts": "1700000004.0"}  # fmt: skip
SHORTCUT = {"type": "message_action", "callback_id": "desk-take_over", "user": PERSON, "team": {"id": "T1"},
            "trigger_id": "1.2.3", "channel": {"id": DESK}, "message": SAID, "action_ts": "1700000005.0"}  # fmt: skip
VIEW = {"id": "V1", "hash": "1.ab", "callback_id": "desk-wait",
        "private_metadata": json.dumps({"ticket": 12, "channel": DESK, "thread": "1700000001.000100"}),
        "blocks": [{"type": "input", "block_id": "words-ab12"}],
        "state": {"values": {"on": {"value": {"selected_option": {"value": "customer"}}},
                             "words-ab12": {"value": {"value": "zdjęcie"}},
                             "until": {"value": {"selected_date_time": 1700000000}}}}}  # fmt: skip
SUBMITTED = {"type": "view_submission", "user": PERSON, "team": {"id": "T1"}, "view": VIEW}


def in_channel(event: dict[str, Any]) -> DeskEvent | None:
    return payloads.read_event({**ENVELOPE, "type": "event_callback", "event": event}, US, {DESK})


# Read right


def test_a_message_in_a_thread() -> None:
    said = in_channel(SAID)
    assert said
    assert (said.kind, said.user, said.text) == (DeskKind.SAID, OLA, "już <sprawdzam>")
    assert said.lane == f"desk:{DESK}:1700000001.000100"
    assert DeskEvent.from_payload(json.loads(json.dumps(said.to_payload()))) == said


def test_an_edit_a_delete_and_a_reaction() -> None:
    edited, deleted, reacted = in_channel(EDITED), in_channel(DELETED), in_channel(REACTED)
    assert edited and deleted and reacted  # noqa: PT018 - for the type checker
    assert (edited.kind, edited.text, edited.ts) == (DeskKind.EDITED, "sprawdziłam", SAID["ts"])
    assert (deleted.kind, deleted.user, deleted.ts) == (DeskKind.DELETED, OLA, SAID["ts"])
    assert (reacted.kind, reacted.argument, reacted.ts) == (DeskKind.REACTED, "eyes", SAID["ts"])
    assert edited.lane == deleted.lane == f"desk:{DESK}:1700000001.000100"


@pytest.mark.parametrize(
    "event",
    [
        {**SAID, "thread_ts": None},
        {**SAID, "thread_ts": SAID["ts"]},
        {**SAID, "user": BOT},
        {**SAID, "bot_id": "B1"},
        {**SAID, "subtype": "channel_join"},
        {**SAID, "channel": SHOP},
        {**EDITED, "channel": SHOP},
        {**DELETED, "channel": SHOP},
        {**EDITED, "message": {**SAID, "attachments": [{}]}},
        {**DELETED, "previous_message": {**SAID, "bot_id": "B1"}},
        {**REACTED, "user": BOT},
        {**REACTED, "item": {**REACTED["item"], "channel": SHOP}},  # type: ignore[dict-item]
        {**REACTED, "item": {"type": "file", "file": "F1"}},
    ],
)
def test_what_is_nobodys_act_at_the_desk(event: dict[str, Any]) -> None:
    assert in_channel(event) is None


def test_a_button_names_action_ticket_and_argument() -> None:
    [press] = payloads.read_presses(PRESSED)
    assert (press.action, press.ticket, press.argument) == ("join", 12, "7")
    assert (press.channel, press.thread) == (DESK, "1700000001.000100")


def test_a_menu_is_the_action_that_was_chosen() -> None:
    [press] = payloads.read_presses({**PRESSED, "actions": [MENU]})
    assert (press.action, press.ticket, press.argument) == ("snooze", 12, "")


def test_a_press_under_what_one_person_sees_knows_its_thread() -> None:
    container = {"channel_id": DESK, "message_ts": "1700000007.0", "is_ephemeral": True}
    [press] = payloads.read_presses({**PRESSED, "container": {**container, "thread_ts": "1700000001.000100"}})
    assert press.thread == "1700000001.000100"
    [press] = payloads.read_presses({**PRESSED, "container": container})
    assert press.thread == ""


def test_a_shortcut_is_about_the_thread_of_its_message_and_each_use_of_it_counts() -> None:
    first, again = (payloads.read_shortcut({**SHORTCUT, "trigger_id": one}) for one in ("1.1", "1.2"))
    assert (first.action, first.thread, first.ts) == ("take_over", "1700000001.000100", SAID["ts"])
    assert first.external_id != again.external_id


def test_a_form_tells_its_fields_by_name() -> None:
    sent = payloads.read_submission(SUBMITTED, NOW)
    assert (sent.action, sent.ticket, sent.channel) == ("wait", 12, DESK)
    assert sent.values == {"on": "customer", "words": "zdjęcie", "until": "1700000000"}
    assert payloads.block_ids(VIEW) == {"words": "words-ab12"}


def test_other_apps_buttons_are_none_of_ours() -> None:
    other = {"type": "button", "action_id": "act-1", "value": "do:help", "action_ts": "1700000004.0"}
    assert payloads.read_presses({**PRESSED, "actions": [other]}) == []


# Bent

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**24), 10**24)
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["", "0", "9" * 400, "1e400", "nan", "-1", "9" * 12, DESK, "desk-", "desk-more", "|", "99999|"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip

READERS: list[tuple[dict[str, Any], Callable[[dict[str, Any]], list[DeskEvent]]]] = [
    *(
        ({**ENVELOPE, "type": "event_callback", "event": event},
         lambda body: [one for one in [payloads.read_event(body, US, {DESK})] if one])
        for event in (SAID, RICH, EDITED, DELETED, REACTED)
    ),
    (PRESSED, payloads.read_presses),
    ({**PRESSED, "actions": [MENU]}, payloads.read_presses),
    (SHORTCUT, lambda body: [payloads.read_shortcut(body)]),
    (SUBMITTED, lambda body: [payloads.read_submission(body, NOW)]),
    (SUBMITTED, lambda body: [payloads.read_question(body, NOW)]),
]  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a payload."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*at, key)
        yield from places(child, (*at, key))


@st.composite
def bent(draw: st.DrawFn) -> tuple[dict[str, Any], Callable[[dict[str, Any]], list[DeskEvent]]]:
    """A real payload with one or two of its parts replaced."""
    body, read = draw(st.sampled_from(READERS))
    body = deepcopy(body)
    for _ in range(draw(st.integers(1, 2))):
        *way, key = draw(st.sampled_from(list(places(body))))
        owner = body
        for step in way:
            owner = owner[step]
        owner[key] = draw(JSON)
    return body, read


@settings(max_examples=150)
@given(bent())
def test_a_bent_payload_is_unreadable_or_an_event_that_can_be_kept(
    case: tuple[dict[str, Any], Callable[[dict[str, Any]], list[DeskEvent]]],
) -> None:
    body, read = case
    try:
        events = read(body)
    except Unreadable:
        return
    for event in events:
        kept = json.dumps(event.to_payload(), ensure_ascii=False).encode()
        assert b"\\u0000" not in kept
        assert "\x00" not in event.lane + event.external_id
        assert event.ticket is None or 0 <= event.ticket < 10**9
        assert DeskEvent.from_payload(json.loads(kept)).lane == event.lane


@settings(max_examples=50)
@given(bent(), st.sampled_from([SHOP, "D0ANNA", "G0TEAM"]))
def test_no_event_of_a_customers_channel_is_ever_the_desks(
    case: tuple[dict[str, Any], Callable[[dict[str, Any]], list[DeskEvent]]], channel: str
) -> None:
    body, _ = case
    body = json.loads(json.dumps(body).replace(DESK, channel))
    if body.get("type") != "event_callback":
        return
    try:
        assert payloads.read_event(body, US, {DESK}) is None
    except Unreadable:
        return


@pytest.mark.parametrize(
    "about",
    ["", "[", "[" * 3_000, "[1]", "null", '{"ticket": true}', '{"ticket": 1e3}', '{"ticket": "7"}',
     '{"ticket": 99999999999999999999}', '{"ticket": -3}'],
)  # fmt: skip
def test_forged_metadata_names_no_ticket(about: str) -> None:
    assert payloads.read_submission({**SUBMITTED, "view": {**VIEW, "private_metadata": about}}, NOW).ticket is None
