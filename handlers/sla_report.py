"""How often we were in time, and whether the figures on record are those that the events give (R28)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.calendars import Calendar
from handlers.case_history import Event, steps_of
from handlers.desk_rules import Tier
from handlers.sla import Clock, clock_of, spans_of
from handlers.sla_policy import SlaRules
from storage import sla_clocks
from storage.tickets import events_of


class Timed(Protocol):
    """A row on record, or a clock computed from events."""

    @property
    def target(self) -> str: ...
    @property
    def tier(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def met_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class Figures:
    """Of one target, tier and category. `met` in time, `late` (met or not), `dropped`: not asked for any more, and not
    late by then; `running`: neither over nor late."""

    met: int = 0
    late: int = 0
    dropped: int = 0
    running: int = 0

    @property
    def total(self) -> int:
        return self.met + self.late + self.dropped + self.running

    @property
    def share_met(self) -> float | None:
        """Of those of which it is known how they went."""
        return self.met / (self.met + self.late) if self.met + self.late else None


Key = tuple[str, str, str]
"""Target, tier, category."""


def report(clocks: Iterable[Timed], now: datetime) -> dict[Key, Figures]:
    counts: dict[Key, dict[str, int]] = {}
    for clock in clocks:
        counted = counts.setdefault((clock.target, clock.tier, clock.category), {})
        outcome = _outcome(clock, now)
        counted[outcome] = counted.get(outcome, 0) + 1
    return {key: Figures(**counted) for key, counted in sorted(counts.items())}


def _outcome(clock: Timed, now: datetime) -> str:
    if clock.due_at is not None and (clock.ended_at or now) >= clock.due_at:
        return "late"
    if clock.ended_at is None:
        return "running"
    return "met" if clock.met_at is not None else "dropped"


@dataclass(frozen=True)
class InForce:
    """The policies and hours that held from then on."""

    since: datetime
    rules: SlaRules
    calendar: Calendar


def recompute(events: Iterable[Event], in_force: Sequence[InForce], tier: str = Tier.MASS) -> tuple[Clock, ...]:
    """A ticket's clocks from its raw events, each by what held as it ended, or holds now. `in_force`: oldest first."""
    computed = []
    for span in spans_of(steps_of(events, tier)):
        held = [one for one in in_force if span.ended_at is None or one.since <= span.ended_at]
        one = held[-1] if held else in_force[0]
        computed.append(clock_of(span, one.rules, one.calendar))
    return tuple(computed)


@dataclass(frozen=True)
class Mismatch:
    """A clock that is on record in another way than the events say, or only in one of the two (None)."""

    ticket_id: int
    event_id: int
    target: str
    stored: tuple[datetime | None, ...] | None
    computed: tuple[datetime | None, ...] | None


async def mismatches(
    session: AsyncSession, in_force: Sequence[InForce], since: datetime, until: datetime
) -> list[Mismatch]:
    """Of all tickets opened between the two. To be asked when the job has worked everything that is due."""
    found = []
    for ticket_id, tier in await sla_clocks.tickets_opened(session, since, until):
        events = await events_of(session, ticket_id)
        rows = await sla_clocks.clocks_of(session, ticket_id)
        stored = {(row.event_id, str(row.target)): _times(row) for row in rows}
        computed = {(clock.event_id, clock.target.value): _times(clock) for clock in recompute(events, in_force, tier)}
        found += [
            Mismatch(ticket_id, *key, stored.get(key), computed.get(key))
            for key in sorted(stored.keys() | computed.keys())
            if stored.get(key) != computed.get(key)
        ]
    return found


def _times(clock: Timed) -> tuple[datetime | None, ...]:
    return clock.due_at, clock.met_at, clock.ended_at
