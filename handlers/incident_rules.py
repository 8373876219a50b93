"""How incidents, spikes and notices are dealt with, as an admin sets it in `incidents.yml`."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Share = Annotated[float, Field(ge=0, le=1)]


class SpikeRules(Strict):
    """`minimum`, `floor`: chats an hour; see `handlers.spikes`."""

    weeks: Annotated[int, Field(ge=1, le=52)] = 8
    least_weeks: Annotated[int, Field(ge=1)] = 3
    minimum: Annotated[int, Field(ge=1)] = 10
    factor: Annotated[float, Field(gt=1)] = 3
    spread: Annotated[float, Field(gt=0)] = 5
    floor: Annotated[int, Field(ge=1)] = 60
    least_confidence: Share = 0.4
    again_after_hours: Annotated[int, Field(ge=1)] = 6
    ignore: frozenset[str] = frozenset()

    @property
    def again_after(self) -> timedelta:
        return timedelta(hours=self.again_after_hours)


class IncidentRules(Strict):
    quiet_hours: str
    remind_minutes: Annotated[int, Field(ge=1)]
    again_minutes: Annotated[int, Field(ge=5)]
    at_once: Annotated[int, Field(ge=1, le=5_000)]
    per_second: dict[str, Annotated[float, Field(gt=0)]] = {}
    spikes: SpikeRules = SpikeRules()

    @field_validator("quiet_hours")
    @classmethod
    def _an_interval(cls, value: str) -> str:
        try:
            _interval(value)
        except ValueError as error:
            raise ValueError(f'not an interval like "22:00-7:00": {value}') from error
        return value

    def is_quiet(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether customers are not to be written to unasked. The interval may go over midnight."""
        start, end = _interval(self.quiet_hours)
        clock = now.astimezone(zone).time()
        return start <= clock < end if start <= end else clock >= start or clock < end

    def loud_again(self, now: datetime, zone: ZoneInfo) -> datetime:
        """When the quiet hours are over; `now` itself outside them."""
        if not self.is_quiet(now, zone):
            return now
        local, (_, end) = now.astimezone(zone), _interval(self.quiet_hours)
        day = local.date() if local.time() < end else local.date() + timedelta(days=1)
        return datetime.combine(day, end, zone).astimezone(now.tzinfo)

    @property
    def remind_before(self) -> timedelta:
        return timedelta(minutes=self.remind_minutes)

    @property
    def again_after(self) -> timedelta:
        return timedelta(minutes=self.again_minutes)


def _interval(text: str) -> tuple[time, time]:
    start, end = (datetime.strptime(part.strip(), "%H:%M").time() for part in text.split("-"))  # noqa: DTZ007
    return start, end
