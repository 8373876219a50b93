"""Targets of a ticket and when they are due, as they follow from its event log. Pure functions.

A target's span is a fact of the log alone. Its clock adds what policy and calendar make of it: how long it may take,
when it stands still, when it is due. What has ended stays as it was, however the log goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.calendars import Calendar
from handlers.case_history import Event, Holder, Spell, Step, spells_of, steps_of
from handlers.desk_rules import Tier
from handlers.sla_policy import Limit, SlaRules
from storage.sla_clocks import Target
from storage.tickets import Status

RESPONSES = (Target.FIRST_RESPONSE, Target.NEXT_RESPONSE)
HOLDERS = {Status.WAITING_CUSTOMER: Holder.CUSTOMER, Status.WAITING_THIRD_PARTY: Holder.THIRD_PARTY}


@dataclass(frozen=True)
class Span:
    """From what asked for something to what met it, or made it needless (`is_met` False). `event_id`: what began it.
    `spells`: who had the ball since, over its end where there is more. `tier`, `category`: as at its end, or now."""

    target: Target
    event_id: int
    started_at: datetime
    ended_at: datetime | None
    is_met: bool
    tier: str
    category: str
    spells: tuple[Spell, ...]


@dataclass(frozen=True)
class Clock:
    """A span under a policy. `due_at` and `warn_at` are None where its time stands still with some of it left."""

    target: Target
    event_id: int
    tier: str
    category: str
    policy: str
    minutes: int
    started_at: datetime
    warn_at: datetime | None
    due_at: datetime | None
    paused_at: datetime | None
    met_at: datetime | None
    ended_at: datetime | None

    @property
    def is_running(self) -> bool:
        return self.ended_at is None

    def is_late(self, now: datetime) -> bool:
        """What takes the whole of its time is late."""
        return self.due_at is not None and (self.ended_at or now) >= self.due_at

    def is_nearly_late(self, now: datetime) -> bool:
        return self.warn_at is not None and (self.ended_at or now) >= self.warn_at and not self.is_late(now)


def clocks_of(events: Iterable[Event], rules: SlaRules, calendar: Calendar, tier: str = Tier.MASS) -> tuple[Clock, ...]:
    """All targets that the ticket ever had, in the order they began. `tier`: where the log does not tell it."""
    return tuple(clock_of(span, rules, calendar) for span in spans_of(steps_of(events, tier)))


def next_due(clocks: Iterable[Clock]) -> Clock | None:
    """Of those that run, the one that is due first."""
    running = [clock for clock in clocks if clock.is_running and clock.due_at is not None]
    return min(running, key=lambda clock: clock.due_at or clock.started_at, default=None)


def clock_of(span: Span, rules: SlaRules, calendar: Calendar) -> Clock:
    rule = rules.rule(span.target, span.tier, span.category)
    pauses = {HOLDERS[status] for status in rule.pauses}
    active = tuple(_active(span, pauses))
    current = span.spells[-1]
    is_paused = span.ended_at is None and current.holder in pauses
    return Clock(
        target=span.target,
        event_id=span.event_id,
        tier=span.tier,
        category=span.category,
        policy=rule.policy,
        minutes=rule.limit.minutes,
        started_at=span.started_at,
        warn_at=_used_up(rule.limit, rule.warn_after, active, calendar) if rule.warn_after is not None else None,
        due_at=_used_up(rule.limit, rule.limit.length, active, calendar),
        paused_at=current.since if is_paused else None,
        met_at=span.ended_at if span.is_met else None,
        ended_at=span.ended_at,
    )


def _active(span: Span, pauses: set[Holder]) -> Iterator[tuple[datetime, datetime | None]]:
    """When its time runs. Of an ended one also how it would have gone on, so that it keeps a time it was due."""
    for spell in span.spells:
        if spell.holder in pauses:
            continue
        yield spell.since, None if spell is span.spells[-1] else spell.until


def _used_up(
    limit: Limit, length: timedelta, active: Sequence[tuple[datetime, datetime | None]], calendar: Calendar
) -> datetime | None:
    """When `length` of the limit's time has run; None where it stands still before that."""
    left = length
    for since, until in active:
        if until is None:
            return limit.after(calendar, since, left)
        used = limit.elapsed(calendar, since, until)
        if used >= left:
            return limit.after(calendar, since, left)
        left -= used
    return None


def spans_of(steps: Sequence[Step]) -> tuple[Span, ...]:
    """What was asked of us, in the order it began."""
    running: dict[Target, Step] = {}
    ended: list[Span] = []
    spells = spells_of(steps)
    was_answered = False

    def end(targets: Iterable[Target], step: Step, *, met: bool) -> None:
        for target in targets:
            begun = running.pop(target, None)
            if begun is not None:
                ended.append(_span(target, begun, step, spells, has_ended=True, is_met=met))

    for step in steps:
        if step.settles:
            end((*RESPONSES, Target.LIVE_WAIT), step, met=step.answers)
            end((Target.RESOLUTION,), step, met=not step.is_gone)
            was_answered = was_answered or step.answers
            continue
        if step.holder is Holder.NOBODY:
            continue
        if step.answers:
            end((*RESPONSES, Target.LIVE_WAIT), step, met=True)
            was_answered = True
        if step.opens:
            running.setdefault(Target.RESOLUTION, step)
        if step.asks and not any(target in running for target in RESPONSES):
            running[Target.NEXT_RESPONSE if was_answered else Target.FIRST_RESPONSE] = step
        if not step.is_live:
            end((Target.LIVE_WAIT,), step, met=False)
        elif any(target in running for target in RESPONSES):
            running.setdefault(Target.LIVE_WAIT, step)
    going = [
        _span(target, begun, steps[-1], spells, has_ended=False, is_met=False) for target, begun in running.items()
    ]
    return tuple(sorted([*ended, *going], key=lambda span: (span.event_id, span.target)))


def _span(target: Target, begun: Step, last: Step, spells: Sequence[Spell], *, has_ended: bool, is_met: bool) -> Span:
    """`last`: its end, or the newest there is."""
    ended_at = last.at if has_ended else None
    mine = [
        Spell(spell.holder, max(spell.since, begun.at), spell.until)
        for spell in spells
        if (spell.until is None or spell.until > begun.at)
        and (ended_at is None or spell.since < ended_at or spell.since <= begun.at)
    ]
    return Span(
        target=target,
        event_id=begun.event_id,
        started_at=begun.at,
        ended_at=ended_at,
        is_met=is_met,
        tier=last.tier,
        category=last.category,
        spells=tuple(mine),
    )
