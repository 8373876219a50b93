"""What keeps a new model from customers, as rules: what a reading became, and which drops are too much."""

from __future__ import annotations

import pytest

from bot.nlu_share import is_in_share
from handlers.release_gate import Accuracy, Fault, Metrics, Read, Reason, Verdict, accuracies, faults, verdict
from handlers.replay import counted, replay
from storage.conversations import Message

RETURNS = Read("return_policy", 0.95, "act", "answer:return_policy")
SURER = Read("return_policy", 0.99, "act", "answer:return_policy")
PRICES = Read("pricing", 0.9, "act", "answer:pricing")
ASKS = Read("return_policy", 0.5, "ask", "ask:return_policy,pricing")
UNSURE = Read("return_policy", 0.1, "unsure", "unsure")
OUTSIDE = Read("out_of_scope", 0.9, "out_of_scope", "unsure")
PERSON = Read("human_handoff", 0.9, "act", "person:human_handoff")


@pytest.mark.parametrize(
    ("before", "after", "label", "wanted"),
    [
        (RETURNS, SURER, None, Verdict.SAME),
        (RETURNS, PRICES, None, Verdict.CHANGED),
        (RETURNS, ASKS, None, Verdict.CHANGED),
        (RETURNS, UNSURE, None, Verdict.WORSE),
        (RETURNS, OUTSIDE, None, Verdict.WORSE),
        (UNSURE, OUTSIDE, None, Verdict.SAME),
        (UNSURE, RETURNS, None, Verdict.CHANGED),
        (RETURNS, PERSON, None, Verdict.TO_HUMAN),
        (PERSON, PERSON, None, Verdict.SAME),
        (RETURNS, PRICES, "return_policy", Verdict.WORSE),
        (RETURNS, PRICES, "pricing", Verdict.BETTER),
        (RETURNS, PERSON, "human_handoff", Verdict.BETTER),
        (RETURNS, PERSON, "return_policy", Verdict.WORSE),
        (RETURNS, UNSURE, "return_policy", Verdict.WORSE),
        (RETURNS, OUTSIDE, "out_of_scope", Verdict.BETTER),
        (UNSURE, ASKS, "return_policy", Verdict.BETTER),
        (PRICES, RETURNS, "warranty_policy", Verdict.CHANGED),
    ],
)
def test_what_became_of_a_message(before: Read, after: Read, label: str | None, wanted: Verdict) -> None:
    assert verdict(before, after, label) is wanted


def metrics(polish: float = 0.95, returns: float = 0.9, texts: int = 20) -> Metrics:
    return Metrics({"pl": Accuracy(polish, 500)}, {"return_policy": Accuracy(returns, texts)})


def found(before: Metrics, after: Metrics, **counts: int) -> list[Fault]:
    return [reason.fault for reason in faults(before, after, counts, {"return_policy"}, {"return_policy"})]


def test_what_is_as_good_as_before_may_go_live() -> None:
    assert found(metrics(), metrics(0.94, 0.8), same=98, worse=2) == []
    assert found(metrics(), metrics()) == []


def test_each_drop_that_is_too_much_is_named() -> None:
    assert found(metrics(), metrics(0.939)) == [Fault.LANGUAGE]
    assert found(metrics(), metrics(returns=0.79)) == [Fault.INTENT]
    assert found(metrics(texts=9), metrics(returns=0.5, texts=9)) == []
    assert found(metrics(), metrics(), same=97, worse=3) == [Fault.REPLAY]
    assert found(metrics(), metrics(0.9, 0.5), same=1, worse=1) == [Fault.LANGUAGE, Fault.INTENT, Fault.REPLAY]


def test_what_must_always_be_answered_may_not_be_lost() -> None:
    assert found(metrics(texts=3), metrics(returns=0.0, texts=3)) == [Fault.MANDATORY]
    assert faults(metrics(), metrics(), {}, {"privacy_policy"}, {"return_policy"}) == [
        Reason(Fault.MANDATORY, "privacy_policy")
    ]


def test_accuracy_is_counted_by_language_and_by_intent() -> None:
    answers = [("pl", "pricing", True), ("pl", "pricing", False), ("en", "pricing", True), ("en", "greet", True)]
    counted = accuracies(answers)
    assert counted.languages == {"en": Accuracy(1.0, 2), "pl": Accuracy(0.5, 2)}
    assert counted.intents == {"greet": Accuracy(1.0, 1), "pricing": Accuracy(2 / 3, 3)}
    assert Metrics.from_json(counted.as_json()) == counted


def test_a_reason_on_record_is_the_same_when_it_is_read() -> None:
    for reason in (Reason(Fault.REPLAY, "", 0.0, 0.25), Reason(Fault.STALE, "c162395f88b5aa3f")):
        assert Reason.from_stored(reason.stored()) == reason


def test_a_share_of_the_chats_is_always_the_same_ones_and_grows() -> None:
    chats = [f"telegram:{number}" for number in range(2_000)]
    tenth = {chat for chat in chats if is_in_share(chat, 0.1)}
    half = {chat for chat in chats if is_in_share(chat, 0.5)}
    assert 140 <= len(tenth) <= 260
    assert tenth < half
    assert [chat for chat in chats if is_in_share(chat, 0.0)] == []
    assert all(is_in_share(chat, 1.0) for chat in chats)


def test_what_is_replayed_is_kept_masked_and_judged_by_what_people_have_said_it_means() -> None:
    said = Message(id=7, text="o której otwieracie? piszcie na anna@example.com", language="pl")
    hours, payment = (Read(name, 0.9, "act", f"answer:{name}") for name in ("opening_hours", "payment_methods"))
    [row] = replay([said], [hours], [payment], {7: "opening_hours"})
    assert "anna@example.com" not in row["text"]
    assert "o której otwieracie?" in row["text"]
    assert (row["message_id"], row["verdict"], row["after"]["label"]) == (7, Verdict.WORSE, "opening_hours")
    assert counted([row]) == {one: int(one is Verdict.WORSE) for one in Verdict}
