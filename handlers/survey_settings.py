"""How customers are asked, as an admin sets it in `surveys.yml`; its quiet hours are those of `rhythm.yml`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from handlers.surveys import SURVEYS


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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
        if sorted(self.kinds) != sorted(SURVEYS):
            given = {"value": ", ".join(SURVEYS)}
            raise PydanticCustomError("survey_kinds", "kinds: these there are, each once: {value}", given)
        for name, kind in self.kinds.items():
            if kind.low is not None and kind.low not in SURVEYS[name].scores[:-1]:
                told = "kinds: {name}: low: {value} is not below the best of its scores"
                raise PydanticCustomError("survey_low", told, {"name": name, "value": kind.low})
            if kind.remind_after_hours and kind.remind_after_hours >= 24 * self.window_days:
                told = "kinds: {name}: the reminder comes when the window is over"
                raise PydanticCustomError("survey_reminder", told, {"name": name})
        return self

    @property
    def quiet(self) -> timedelta:
        return timedelta(minutes=self.quiet_minutes)
