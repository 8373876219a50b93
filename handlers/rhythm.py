"""When customers hear from us unasked, as an admin sets it in `rhythm.yml`. Pure functions of their arguments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from handlers.calendars import LOOK_AHEAD_DAYS, Calendar, NeverOpen, after_working_time


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _clock(value: object) -> time:
    try:
        return datetime.strptime(str(value), "%H:%M").time()  # noqa: DTZ007 - a time of day
    except ValueError as error:
        raise PydanticCustomError("time", 'not a time like "8:00": {value}', {"value": str(value)}) from error


Clock = Annotated[time, BeforeValidator(_clock)]
Positive = Annotated[int, Field(ge=1)]


class Updates(StrEnum):
    """How often a customer wants to hear of an open ticket unasked."""

    RARELY = "rarely"
    NORMAL = "normal"
    OFTEN = "often"


class Quiet(Strict):
    """From the one wall-clock time until the other, over midnight where the first is the later one."""

    since: Annotated[Clock, Field(alias="from")]
    until: Clock

    @model_validator(mode="after")
    def _lasts(self) -> Quiet:
        if self.since == self.until:
            raise PydanticCustomError(
                "quiet", "quiet hours begin and end at the same time: all day nothing could be sent"
            )
        return self

    def covers(self, at: time) -> bool:
        if self.since < self.until:
            return self.since <= at < self.until
        return at >= self.since or at < self.until


class Minutes(Strict):
    """Working minutes, by how often the customer wants to hear something."""

    rarely: Positive
    normal: Positive
    often: Positive

    @model_validator(mode="after")
    def _in_order(self) -> Minutes:
        if not self.rarely >= self.normal >= self.often:
            raise PydanticCustomError("rarely", "rarely is not more often than normal, nor normal than often")
        return self


class Deed(StrEnum):
    REMIND = "remind"
    CLOSE = "close"


class FollowUp(Strict):
    """What happens after so many working days without a word from the customer."""

    after_days: Positive
    do: Deed


class TimesOfDay(Strict):
    """By when something is that was promised for "the morning"."""

    morning: Clock
    noon: Clock
    afternoon: Clock
    evening: Clock


class PromiseRules(Strict):
    warn_minutes: Positive
    same_talk_minutes: Annotated[int, Field(ge=0)]
    times: TimesOfDay

    @property
    def same_talk(self) -> timedelta:
        return timedelta(minutes=self.same_talk_minutes)


class Phrases(Strict):
    pl: tuple[str, ...]
    en: tuple[str, ...]


class ChasingRules(Strict):
    asks: Positive
    within_hours: Positive
    phrases: Phrases

    @property
    def within(self) -> timedelta:
        return timedelta(hours=self.within_hours)


class RhythmFile(Strict):
    quiet: Quiet
    updates: Minutes
    draft_minutes: Positive
    follow_ups: Annotated[tuple[FollowUp, ...], Field(min_length=1)]
    third_party_days: Positive
    promises: PromiseRules
    chasing: ChasingRules
    card_seconds: Positive

    @model_validator(mode="after")
    def _ends(self) -> RhythmFile:
        """Waiting for a customer always ends, and with a warning before it does."""
        for before, after in pairwise(self.follow_ups):
            if after.after_days <= before.after_days:
                given = {"name": "follow_ups", "after": after.after_days, "before": before.after_days}
                raise PydanticCustomError("order", "{name}: {after} days come after {before}", given)
        *before_last, last = [one.do for one in self.follow_ups]
        if last is not Deed.CLOSE or Deed.CLOSE in before_last:
            raise PydanticCustomError("close_last", "follow_ups: the last step closes the ticket, and no other does")
        if not before_last:
            raise PydanticCustomError(
                "remind_first", "follow_ups: the customer is reminded at least once before the ticket is closed"
            )
        return self


@dataclass(frozen=True)
class Rhythm:
    """The rules with our hours and zone, by which they are meant."""

    rules: RhythmFile
    calendar: Calendar

    def in_quiet_hours(self, now: datetime) -> bool:
        """Whether nobody is to be disturbed."""
        return self.rules.quiet.covers(now.astimezone(self.calendar.zone).time())

    def next_allowed(self, now: datetime) -> datetime:
        """When something may be sent unasked: `now`, or when the quiet hours are over."""
        if not self.in_quiet_hours(now):
            return now
        zone, until = self.calendar.zone, self.rules.quiet.until
        day = now.astimezone(zone).date()
        ends = (datetime.combine(day + timedelta(days=after), until, zone).astimezone(now.tzinfo) for after in (0, 1))
        return next(end for end in ends if end > now)

    def next_word_at(self, updates: str, now: datetime) -> datetime:
        """By when a customer with this wish hears something again."""
        return self.next_allowed(after_working_time(self.calendar, now, self.minutes(updates)))

    def minutes(self, updates: str) -> int:
        """A wish that is none any more counts as the usual one."""
        known = updates if updates in set(Updates) else Updates.NORMAL
        return int(getattr(self.rules.updates, known))

    def draft_horizon(self, now: datetime) -> datetime:
        """What is due until then is near."""
        return after_working_time(self.calendar, now, self.rules.draft_minutes)

    def warning_horizon(self, now: datetime) -> datetime:
        """Promises due until then are near."""
        return after_working_time(self.calendar, now, self.rules.promises.warn_minutes)

    def after_working_days(self, now: datetime, days: int) -> datetime:
        """The same time of day so many working days later, never in the quiet hours. Raises `NeverOpen`."""
        local = now.astimezone(self.calendar.zone)
        day, left = local.date(), days
        for _ in range(LOOK_AHEAD_DAYS):
            day += timedelta(days=1)
            left -= bool(self.calendar.intervals_on(day))
            if not left:
                at = datetime.combine(day, local.time(), self.calendar.zone).astimezone(now.tzinfo)
                return self.next_allowed(at)
        raise NeverOpen
