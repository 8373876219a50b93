"""Pressed buttons and `/support` as we read them: PLATFORM's section 6.

Not here, and why: modals and their `trigger_id` (customers are shown none); two clicks on one button (two events, which
the handlers tell apart by the question's token); limits of blocks (`test_slack_text.py`).
"""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels.slack.facts import Unreadable, Us
from bot.channels.slack.interactions import read_command, read_press
from handlers.messages import Kind, Setting
from tests.bot_under_test import MONDAY_NOON

US = Us(frozenset({"UBOT"}))
TS, LATER, ROOT = "1795500000.000100", "1795500060.000200", "1795400000.000001"
Json = dict[str, Any]


def pressed(**more: Any) -> Json:
    button = {"type": "button", "action_id": "supportbot-0-1", "block_id": "b", "value": "do:help"}
    button |= {"text": {"type": "plain_text", "text": "Pomoc"}, "action_ts": LATER}
    return {
        "type": "block_actions",
        "user": {"id": "UANNA", "username": "anna", "team_id": "TOUR"},
        "team": {"id": "TOUR"},
        "api_app_id": "AOUR",
        "container": {"type": "message", "message_ts": TS, "channel_id": "D1", "is_ephemeral": False},
        "channel": {"id": "D1"},
        "message": {"ts": TS, "text": "?"},
        "actions": [button],
        **more,
    }


def test_a_press_is_its_value_by_the_same_person_as_their_words() -> None:
    [message] = read_press(pressed())
    assert (message.action, message.text, message.chat_id, message.about) == ("do:help", "Pomoc", "D1", TS)
    assert (message.kind, message.thread, message.external_id) == (Kind.SAID, None, f"press:{LATER}:UANNA")
    assert message.sender_id == "TOUR:UANNA", "as in `test_slack_events.test_a_direct_message`"


def test_a_stranger_presses_as_the_one_they_write_as() -> None:
    [message] = read_press(pressed(user={"id": "UANNA", "team_id": "TTHEIRS"}))
    assert message.sender_id == "TTHEIRS:UANNA"


def test_a_press_in_a_thread_belongs_there() -> None:
    container = {"type": "message", "message_ts": TS, "channel_id": "C1", "thread_ts": ROOT}
    [by_container] = read_press(pressed(container=container))
    del container["thread_ts"]
    [by_message] = read_press(pressed(container=container, message={"ts": TS, "thread_ts": ROOT}))
    assert by_container == by_message
    assert (by_message.chat_id, by_message.thread, by_message.setting) == (f"C1:{ROOT}", ROOT, Setting.THREAD)


def test_a_press_with_no_team_around_it() -> None:
    """`team` is null for people of an organisation without a workspace."""
    [message] = read_press(pressed(team=None))
    assert message.sender_id == "TOUR:UANNA"


def test_a_press_on_the_home_tab_acts_in_the_direct_messages_and_draws_the_page_anew() -> None:
    view = {"id": "V1", "type": "home", "private_metadata": "D1"}
    container = {"type": "view", "view_id": "V1"}
    press, redraw = read_press(pressed(container=container, view=view, channel=None, message=None))
    assert (press.chat_id, press.action, press.about) == ("D1", "do:help", None)
    assert (redraw.kind, redraw.chat_id, redraw.action) == (Kind.OPENED_HOME, "D1", None)
    assert press.external_id != redraw.external_id
    press, _ = read_press(pressed(container=container, view={**view, "private_metadata": ""}))
    assert press.chat_id == "", "to be asked for"


def test_presses_of_other_things_are_left_alone() -> None:
    others = [{"type": "button", "action_id": "desk-take", "action_ts": LATER}, {"type": "static_select"}, None]
    assert read_press(pressed(actions=others)) == []
    assert read_press(pressed(actions=None)) == []
    with pytest.raises(Unreadable):
        read_press(pressed(container=None))


# /support


@pytest.mark.parametrize(
    ("typed", "action", "text"),
    [
        ("", "do:help", "/support"),
        ("status", "do:ticket_status", "/support status"),
        ("HUMAN", "human", "/support HUMAN"),
        ("start k7", "start:k7", "/support start k7"),
        ("link me to my order", None, "link me to my order"),
        ("gdzie jest &lt;moja&gt; paczka", None, "gdzie jest <moja> paczka"),
        ("help me", None, "help me"),
    ],
)
def test_the_command_with_a_word_or_a_question(typed: str, action: str | None, text: str) -> None:
    form = {"command": "/support", "text": typed, "user_id": "UANNA", "team_id": "TOUR", "trigger_id": "1.2.a"}
    message = read_command(form, US, MONDAY_NOON)
    assert (message.action, message.text, message.chat_id) == (action, text, "")
    assert (message.sender_id, message.external_id) == ("TOUR:UANNA", "command:1.2.a")
