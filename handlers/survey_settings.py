"""How customers are asked, as an admin sets it in `surveys.yml`."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from handlers.calendars import Calendar
from handlers.surveys import SURVEYS


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _clock(value: object) -> time:
    try:
        return datetime.strptime(str(value), "%H:%M").time()  # noqa: DTZ007 - a time of day
    except ValueError as error:
        raise ValueError(f'not a time like "8:00": {value}') from error


Clock = Annotated[time, BeforeValidator(_clock)]
Positive = Annotated[int, Field(ge=1)]


class KindRules(Strict):
    """`share` of the occasions are asked about; a score of at most `low` opens a recovery."""

    after_minutes: Annotated[int, Field(ge=0)]
    share: Annotated[float, Field(ge=0, le=1)] = 1
    low: int | None = None
    remind_after_hours: Positive | None = None
    every_days: Annotated[int, Field(ge=0)] = 0

    @property
    def after(self) -> timedelta:
        return timedelta(minutes=self.after_minutes)

    def is_low(self, score: int) -> bool:
        return self.low is not None and score <= self.low


class SurveyRules(Strict):
    send_from: Clock
    send_until: Clock
    quiet_minutes: Positive
    stale_hours: Positive
    fatigue_days: Annotated[int, Field(ge=0)]
    window_days: Positive
    comment_minutes: Positive
    recovery_minutes: Positive
    not_after: tuple[str, ...]
    kinds: dict[str, KindRules]
    minimum_answers: Positive
    fcr_days: Positive

    @model_validator(mode="after")
    def _makes_sense(self) -> SurveyRules:
        if self.send_from >= self.send_until:
            raise ValueError(f"send_until ({self.send_until:%H:%M}) is not after send_from ({self.send_from:%H:%M})")
        if sorted(self.kinds) != sorted(SURVEYS):
            raise ValueError(f"kinds: these there are, each once: {', '.join(SURVEYS)}")
        for name, kind in self.kinds.items():
            if kind.low is not None and kind.low not in SURVEYS[name].scores[:-1]:
                raise ValueError(f"kinds: {name}: low: {kind.low} is not below the best of its scores")
            if kind.remind_after_hours and kind.remind_after_hours >= 24 * self.window_days:
                raise ValueError(f"kinds: {name}: the reminder comes when the window is over")
        return self

    @property
    def quiet(self) -> timedelta:
        return timedelta(minutes=self.quiet_minutes)

    def times(self, zone: ZoneInfo) -> Calendar:
        """When customers may be asked: each day, holidays too."""
        return Calendar(zone, dict.fromkeys(range(7), ((self.send_from, self.send_until),)), country=None)
