"""A ticket's event log, read for what it says of time: who asks, who answers, who has the ball. Pure.

Events are read in the order of their ids, in which they were written down. Clocks of machines differ: an event never
counts as earlier than the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Protocol

from handlers.desk_rules import Tier
from storage.tickets import OPEN_STATUSES, Status

NOT_SETTLED_BUT_GONE = frozenset({"spam", "duplicate"})
"""Causes of a closed ticket that nobody answered and nobody has to."""


class Event(Protocol):
    """A `storage.tickets.TicketEvent`."""

    @property
    def id(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


class Holder(StrEnum):
    """Who has to act next. `BOT`: a customer went back, or was handed back, to it; `NOBODY`: the ticket is settled."""

    TEAM = "team"
    BOT = "bot"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Step:
    """How it stands from an event on, and what that event was: `opens` (or opens again), `settles`, `asks` for a word
    of ours, `answers` with a person's. `is_live`: the customer's chat is with people."""

    event_id: int
    at: datetime
    status: Status
    holder: Holder
    is_live: bool
    tier: str
    category: str
    opens: bool = False
    settles: bool = False
    is_gone: bool = False
    asks: bool = False
    answers: bool = False


@dataclass(frozen=True)
class Spell:
    """A time in which one had the ball; `until` is None while they have it still."""

    holder: Holder
    since: datetime
    until: datetime | None

    def within(self, since: datetime, until: datetime) -> Spell:
        """What of it lies between the two; perhaps no time at all."""
        end = until if self.until is None else min(self.until, until)
        start = min(max(self.since, since), until)
        return Spell(self.holder, start, max(start, end))

    @property
    def length(self) -> timedelta:
        return self.until - self.since if self.until is not None else timedelta()


def steps_of(events: Iterable[Event], tier: str = Tier.MASS) -> tuple[Step, ...]:
    """One step per event. `tier`: the customer's, where the log does not tell it."""
    ordered = sorted(events, key=lambda event: event.id)
    if not ordered:
        return ()
    withdrawn = {int(event.data["message_id"]) for event in ordered if _withdraws(event)}
    last = _before(ordered, tier)
    steps = []
    for event in ordered:
        last = _after(last, event, withdrawn)
        steps.append(last)
    return tuple(steps)


def spells_of(steps: Sequence[Step]) -> tuple[Spell, ...]:
    """Who had the ball from when to when, without a gap; the last one is still at it."""
    if not steps:
        return ()
    changes = [steps[0], *(after for before, after in pairwise(steps) if after.holder is not before.holder)]
    ends = [*(step.at for step in changes[1:]), None]
    return tuple(Spell(step.holder, step.at, until) for step, until in zip(changes, ends, strict=True))


def _withdraws(event: Event) -> bool:
    """An agent's words that were taken back before they had left."""
    return event.kind == "agent_deleted" and bool(event.data.get("withdrawn"))


def _before(ordered: Sequence[Event], tier: str) -> Step:
    """How the first event finds it."""
    first = ordered[0]
    told = first.data.get("tier") or next((event.data.get("before") for event in ordered if event.kind == "tier"), None)
    return Step(first.id, first.at, Status.NEW, Holder.TEAM, False, str(told or tier), "")


def _after(last: Step, event: Event, withdrawn: set[int]) -> Step:
    step = replace(
        last, event_id=event.id, at=max(last.at, event.at),
        opens=False, settles=False, is_gone=False, asks=False, answers=False,
    )  # fmt: skip
    data = event.data
    match event.kind:
        case "opened":
            step = replace(step, opens=True, asks=True, category=str(data.get("category", "")))
        case "status":
            step = _status(step, event)
        case "customer_wrote":
            # With a `text`: words meant for the ticket that the bot was given.
            step = replace(step, asks=True, is_live=step.is_live or "text" not in data)
        case "handed_over":
            step = replace(step, asks=True, is_live=True)
        case "chased" | "asked_again":
            step = replace(step, asks=True)
        case "taken":
            step = replace(step, is_live=True)
        case "agent_replied":
            is_said = not withdrawn.issuperset(map(int, data.get("message_ids", ()))) or not data.get("message_ids")
            step = replace(step, answers=is_said, is_live=True)
        case "risk":
            step = replace(step, answers=bool(data.get("words")))
        case "back_to_bot" | "handed_back":
            step = replace(step, is_live=False)
        case "category":
            step = replace(step, category=str(data.get("after", "")))
        case "tier":
            step = replace(step, tier=str(data.get("after", "")))
    return replace(step, holder=_holder(last, step, event))


def _status(step: Step, event: Event) -> Step:
    """Settling is an answer where a person did it: an agent tells the customer, a customer confirms what they heard.
    An agent who waits says what for, in their own words."""
    before, after = (Status(str(event.data[name])) for name in ("before", "after"))
    by_agent, by_customer = event.actor.startswith("agent:"), event.actor == "customer"
    step = replace(step, status=after)
    if after not in OPEN_STATUSES:
        is_gone = event.data.get("cause") in NOT_SETTLED_BUT_GONE
        by_person = (by_agent or by_customer) and not is_gone
        return replace(step, settles=True, is_gone=is_gone, answers=by_person, is_live=False)
    if before not in OPEN_STATUSES:
        return replace(step, opens=True, asks=by_customer, is_live=by_customer)
    return replace(step, answers=by_agent and bool(event.data.get("reason")))


def _holder(last: Step, step: Step, event: Event) -> Holder:
    if step.status not in OPEN_STATUSES:
        return Holder.NOBODY
    if step.status is Status.WAITING_THIRD_PARTY:
        return Holder.THIRD_PARTY
    if step.status is Status.WAITING_CUSTOMER:
        # Their message ends the wait, whatever the status says, until we have answered it.
        was_customer = last.holder is Holder.CUSTOMER or last.status is not step.status
        is_theirs = step.answers or (was_customer and not step.asks)
        return Holder.CUSTOMER if is_theirs else Holder.TEAM
    if event.kind in {"back_to_bot", "handed_back"}:
        return Holder.BOT
    is_with_people = event.kind in {"handed_over", "taken", "agent_replied", "released", "status"} or step.is_live
    return Holder.BOT if last.holder is Holder.BOT and not is_with_people else Holder.TEAM
