from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from handlers.awaiting import (
    Action,
    Awaiting,
    AwaitingChoice,
    AwaitingConfirm,
    AwaitingField,
    AwaitingNote,
    AwaitingTicket,
    Draft,
    button,
    dump,
    load,
    parse_action,
)
from handlers.buttons import ACTION_BYTES
from handlers.content import Content
from handlers.intents import INTENTS

TOKEN = "a1b2c3"
DRAFT = Draft(
    form="complaint",
    subject="Zażółć\n„gęślą”",
    facts={"order_number": "ZAM-20481"},
    skipped=("product",),
    asked=2,
    reasked=("order_number",),
)


@pytest.mark.parametrize(
    "state",
    [
        AwaitingField(token=TOKEN, draft=DRAFT, field="what_happened"),
        AwaitingConfirm(token=TOKEN, draft=DRAFT),
        AwaitingConfirm(token=TOKEN, draft=DRAFT, editing=True),
        AwaitingChoice(token=TOKEN, options=("get_refund", "track_refund"), words="zwrot", found={"amount": "5"}),
        AwaitingTicket(token=TOKEN, purpose="reopen", numbers=(1001, 1002)),
        AwaitingNote(token=TOKEN, number=1001, words="jeszcze coś"),
    ],
)
def test_a_state_comes_back_from_the_database_as_it_was(state: Awaiting) -> None:
    assert load(json.loads(json.dumps(dump(state)))) == state


def test_nothing_awaited_is_loaded_as_nothing() -> None:
    assert load(None) is None


def test_a_state_of_a_later_release_is_read_by_what_is_known_of_it() -> None:
    row = dump(AwaitingNote(token=TOKEN, number=1, words="a")) | {"added_later": True}
    assert load(row) == AwaitingNote(token=TOKEN, number=1, words="a")


@pytest.mark.parametrize("row", [{}, {"kind": "survey", "token": TOKEN}, {"kind": "note", "token": TOKEN}])
def test_a_row_that_is_no_state_is_refused(row: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        load(row)


def test_a_fact_given_after_all_is_no_longer_skipped() -> None:
    assert DRAFT.with_fact("product", "lampa").skipped == ()
    assert DRAFT.with_fact("product", "lampa").facts == {"order_number": "ZAM-20481", "product": "lampa"}
    assert DRAFT.with_skipped("what_happened").skipped == ("product", "what_happened")
    assert DRAFT.without("order_number").facts == {}
    assert DRAFT.facts == {"order_number": "ZAM-20481"}


@pytest.mark.parametrize(
    ("verb", "argument", "token", "action"),
    [
        ("human", "", "", "human"),
        ("do", "get_refund", "", "do:get_refund"),
        ("do", "get_refund", TOKEN, f"do:get_refund:{TOKEN}"),
        ("skip", "", TOKEN, f"skip::{TOKEN}"),
    ],
)
def test_a_pressed_button_says_what_it_was_made_with(verb: str, argument: str, token: str, action: str) -> None:
    made = button("Etykieta", verb, argument, token)
    assert made.action == action
    assert made.label == "Etykieta"
    assert parse_action(action) == Action(verb=verb, argument=argument, token=token)


@pytest.mark.parametrize(
    ("action", "verb", "argument", "token"),
    [("", "", "", ""), (":::", "", "", ""), ("do:a:b:c:d", "do", "a", "b"), ("żółć", "żółć", "", "")],
)
def test_an_action_that_was_tampered_with_is_still_read(action: str, verb: str, argument: str, token: str) -> None:
    assert parse_action(action) == Action(verb=verb, argument=argument, token=token)


def test_every_intents_button_fits_a_telegram_button() -> None:
    actions = [button("x", "do", intent, TOKEN).action for intent in INTENTS]
    assert [action for action in actions if len(action.encode()) > ACTION_BYTES] == []


def test_every_fields_button_fits_a_telegram_button(content: Content) -> None:
    actions = [button("x", "edit", field, TOKEN).action for field in content.fields]
    assert [action for action in actions if len(action.encode()) > ACTION_BYTES] == []


def test_the_longest_ticket_number_fits_a_telegram_button() -> None:
    assert len(button("x", "ticket", "9" * 12, TOKEN).action.encode()) <= ACTION_BYTES


def test_a_state_nobody_can_read_any_more_does_not_tell_the_customers_words() -> None:
    row = {**dump(AwaitingField(token=TOKEN, draft=DRAFT, field="product")), "kind": "gone"}
    with pytest.raises(ValidationError) as raised:
        load(row)
    assert "gęślą" not in str(raised.value)
