from __future__ import annotations

import pytest

from bot.bursts import gather
from handlers.messages import IncomingMessage
from storage.inbound import InboundEvent
from tests.bot_under_test import MONDAY_NOON


def event(number: int, sender: str, action: str | None) -> InboundEvent:
    message = IncomingMessage("local", "room", sender, f"m{number}", f"text {number}", MONDAY_NOON, action=action)
    return InboundEvent(seq=number, correlation_id=f"c{number}", payload=message.to_payload())


@pytest.mark.parametrize(
    ("waiting", "first_turn"),
    [
        ([("anna", None)], 1),
        ([("anna", None), ("anna", None), ("anna", None)], 3),
        ([("anna", None), ("anna", "human"), ("anna", None)], 1),
        ([("anna", "human"), ("anna", None)], 1),
        ([("anna", None), ("tom", None)], 1),
    ],
    ids=["one", "a burst is one turn", "a button ends it", "a button stands alone", "another person's words"],
)
def test_what_belongs_to_one_turn(waiting: list[tuple[str, str | None]], first_turn: int) -> None:
    events = [event(number, sender, action) for number, (sender, action) in enumerate(waiting, start=1)]
    gathered = gather(events)
    assert len(gathered.burst.messages) == gathered.events == first_turn
    assert gathered.burst.correlation_id == "c1"
