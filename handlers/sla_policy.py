"""By when a customer hears from a person and has their case settled, as an admin sets it in `sla.yml`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from handlers.calendars import END_OF_DAY, Calendar, NeverOpen, after_open_time, open_time
from handlers.desk_rules import Strict, Tier
from storage.sla_clocks import Target
from storage.tickets import Status

Waiting = Literal["waiting_customer", "waiting_third_party"]
PER_POLICY = (Target.FIRST_RESPONSE, Target.NEXT_RESPONSE, Target.RESOLUTION)
LIVE = "live"
MOST_WEEKS = 26


class Limit(Strict):
    """`working`: only while we are open; `clock`: day and night."""

    minutes: Annotated[int, Field(ge=1)]
    time: Literal["working", "clock"] = "working"

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def elapsed(self, calendar: Calendar, since: datetime, until: datetime) -> timedelta:
        """How much of its time passes between the two."""
        return open_time(calendar, since, until) if self.time == "working" else max(until - since, timedelta())

    def after(self, calendar: Calendar, since: datetime, length: timedelta) -> datetime | None:
        """When `length` of its time has passed; None where that never is."""
        if self.time == "clock":
            return since + length
        try:
            return after_open_time(calendar, since, length)
        except NeverOpen:
            return None


class Policy(Strict):
    """The limits of the tickets that fit all that is named; what is not named fits every ticket."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    tiers: tuple[Tier, ...] = ()
    categories: tuple[str, ...] = ()
    first_response: Limit | None = None
    next_response: Limit | None = None
    resolution: Limit | None = None

    def fits(self, tier: str, category: str) -> bool:
        wanted = ((self.tiers, tier), (self.categories, category))
        return all(not allowed or value in allowed for allowed, value in wanted)

    def limit(self, target: Target) -> Limit | None:
        named = {
            Target.FIRST_RESPONSE: self.first_response,
            Target.NEXT_RESPONSE: self.next_response,
            Target.RESOLUTION: self.resolution,
        }
        return named.get(target)


class Pauses(Strict):
    """In which states a target's clock stands still."""

    first_response: tuple[Waiting, ...] = ("waiting_customer",)
    next_response: tuple[Waiting, ...] = ("waiting_customer",)
    resolution: tuple[Waiting, ...] = ("waiting_customer", "waiting_third_party")

    def of(self, target: Target) -> frozenset[Status]:
        named: dict[Target, tuple[Waiting, ...]] = {
            Target.FIRST_RESPONSE: self.first_response,
            Target.NEXT_RESPONSE: self.next_response,
            Target.RESOLUTION: self.resolution,
        }
        return frozenset(Status(name) for name in named.get(target, ()))


@dataclass(frozen=True)
class Rule:
    """What holds for one target of one ticket: the policy it comes from, its limit, and the states that pause it.
    `warn_after`: so much of the limit's time; None: nobody is warned beforehand."""

    policy: str
    limit: Limit
    pauses: frozenset[Status]
    warn_after: timedelta | None


class SlaRules(Strict):
    warn_share: Annotated[float, Field(gt=0, lt=1)] = 0.75
    live_wait_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    pauses: Pauses = Pauses()
    policies: Annotated[tuple[Policy, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _each_ticket_has_each_target(self) -> SlaRules:
        names = [policy.name for policy in self.policies]
        for name in names:
            if names.count(name) > 1 or name == LIVE:
                raise PydanticCustomError("policy_taken", "policies: the name {value} is taken", {"value": name})
        last = self.policies[-1]
        if last.tiers or last.categories or not all(last.limit(target) for target in PER_POLICY):
            told = "policies: the last one, {value}, has to fit every ticket and name every target"
            raise PydanticCustomError("policy_last", told, {"value": last.name})
        for policy in self.policies[:-1]:
            if not (policy.tiers or policy.categories):
                told = "policies: {value} fits every ticket, so it has to be the last one"
                raise PydanticCustomError("policy_early", told, {"value": policy.name})
        return self

    def rule(self, target: Target, tier: str, category: str) -> Rule:
        if target is Target.LIVE_WAIT:
            return Rule(LIVE, Limit(minutes=self.live_wait_minutes), frozenset(), None)
        for policy in self.policies:
            limit = policy.limit(target)
            if limit is not None and policy.fits(tier, category):
                return Rule(policy.name, limit, self.pauses.of(target), limit.length * self.warn_share)
        raise LookupError(f"no policy names {target}")

    @property
    def categories(self) -> frozenset[str]:
        """All that are named anywhere."""
        return frozenset(category for policy in self.policies for category in policy.categories)

    def too_long(self, calendar: Calendar) -> Limit | None:
        """A limit that is not over within half a year of opening hours, as a mistake in the file would be."""
        weekly = sum(_minutes(end) - _minutes(start) for times in calendar.hours.values() for start, end in times)
        limits = [limit for policy in self.policies for target in PER_POLICY if (limit := policy.limit(target))]
        most = {"working": MOST_WEEKS * weekly, "clock": MOST_WEEKS * 7 * 24 * 60}
        return next((limit for limit in limits if limit.minutes > most[limit.time]), None)

    def digest(self, calendar: Calendar) -> str:
        """Changes when, and only when, the rules or our hours do."""
        hours = sorted((day, [f"{start}-{end}" for start, end in times]) for day, times in calendar.hours.items())
        told = (self.model_dump_json(), calendar.zone.key, calendar.country, hours, sorted(map(str, calendar.closed)))
        return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


def _minutes(at: time) -> int:
    """Since midnight."""
    return 24 * 60 if at == END_OF_DAY else at.hour * 60 + at.minute
