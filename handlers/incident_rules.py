"""How incidents, spikes and notices are dealt with, as an admin sets it in `incidents.yml`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


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
    remind_minutes: Annotated[int, Field(ge=1)]
    again_minutes: Annotated[int, Field(ge=5)]
    at_once: Annotated[int, Field(ge=1, le=5_000)]
    per_second: dict[str, Annotated[float, Field(gt=0)]] = {}
    spikes: SpikeRules = SpikeRules()

    @property
    def remind_before(self) -> timedelta:
        return timedelta(minutes=self.remind_minutes)

    @property
    def again_after(self) -> timedelta:
        return timedelta(minutes=self.again_minutes)
