"""How long a ticket took, and whose time that was (R29 R88). Pure functions over its event log.

Each moment since it was opened is booked on whoever had to act then, so that the parts add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from handlers.calendars import Calendar, open_time
from handlers.case_history import Event, Holder, Spell, spells_of, steps_of
from handlers.sla import Span, spans_of
from storage.sla_clocks import Target


class Party(StrEnum):
    """`NOBODY`: the ticket was settled, until it was opened again."""

    US = "us"
    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    NOBODY = "nobody"


PARTIES = {
    Holder.TEAM: Party.US,
    Holder.BOT: Party.US,
    Holder.CUSTOMER: Party.CUSTOMER,
    Holder.THIRD_PARTY: Party.THIRD_PARTY,
    Holder.NOBODY: Party.NOBODY,
}


def parties(events: Iterable[Event], now: datetime, calendar: Calendar | None = None) -> dict[Party, timedelta]:
    """The time since the ticket was opened, by whose it was; with a `calendar` only that in which we were open."""
    booked = dict.fromkeys(Party, timedelta())
    spells = spells_of(steps_of(events))
    if not spells:
        return booked
    end = max(now, spells[-1].since)
    for spell in spells:
        booked[PARTIES[spell.holder]] += _length(spell.within(spells[0].since, end), calendar)
    return booked


@dataclass(frozen=True)
class Taken:
    """How long something took: time of people of ours, of the bot, and waiting for the customer or a third party."""

    team: timedelta
    bot: timedelta
    waiting: timedelta

    @property
    def total(self) -> timedelta:
        return self.team + self.bot + self.waiting


@dataclass(frozen=True)
class HumanTimes:
    """Of what is over. `first_response` is None where nobody of ours ever answered; `resolutions`: one per time that
    the ticket was settled."""

    first_response: Taken | None
    next_responses: tuple[Taken, ...]
    resolutions: tuple[Taken, ...]


def human_times(events: Iterable[Event], calendar: Calendar | None = None) -> HumanTimes:
    """With a `calendar` only the time in which we were open counts."""
    met = [span for span in spans_of(steps_of(events)) if span.is_met]
    return HumanTimes(
        first_response=next(iter(_taken(met, Target.FIRST_RESPONSE, calendar)), None),
        next_responses=_taken(met, Target.NEXT_RESPONSE, calendar),
        resolutions=_taken(met, Target.RESOLUTION, calendar),
    )


def _taken(spans: Sequence[Span], target: Target, calendar: Calendar | None) -> tuple[Taken, ...]:
    return tuple(_of(span, span.ended_at, calendar) for span in spans if span.target is target and span.ended_at)


def _of(span: Span, ended_at: datetime, calendar: Calendar | None) -> Taken:
    took = dict.fromkeys(Holder, timedelta())
    for spell in span.spells:
        took[spell.holder] += _length(spell.within(span.started_at, ended_at), calendar)
    return Taken(took[Holder.TEAM], took[Holder.BOT], took[Holder.CUSTOMER] + took[Holder.THIRD_PARTY])


def _length(spell: Spell, calendar: Calendar | None) -> timedelta:
    if calendar is None or spell.until is None:
        return spell.length
    return open_time(calendar, spell.since, spell.until)
