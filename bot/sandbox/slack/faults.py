"""Failures on request: how often, for which method, and whether the request took effect first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    RATE_LIMIT = "429 with Retry-After"
    ERROR = "200 with ok:false"
    SERVER_ERROR = "500"
    UNAVAILABLE = "503"
    HTML = "200 with HTML"
    RESET = "connection reset"
    SLOW = "answered late"
    DROP = "never answered"


@dataclass
class Fault:
    """`method` is a Web API method, `upload`, `download`, `response_url` or `*`.

    `times` counts it down, None is for ever; `probability` draws from the faults' seeded dice. `after_storing`: the
    request takes effect and only its answer is lost. `seconds`: of `Retry-After`, or of the delay. `channel` narrows
    it to posts there.
    """

    method: str
    kind: Kind
    times: int | None = 1
    probability: float = 1.0
    after_storing: bool = False
    error: str = "internal_error"
    seconds: float = 30
    channel: str | None = None

    def matches(self, method: str, channel: str | None) -> bool:
        return self.method in {method, "*"} and self.channel in {None, channel}


class Faults:
    def __init__(self, seed: int = 1) -> None:
        self._dice = Random(seed)  # noqa: S311 - repeatable on purpose
        self._planned: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        self._planned.append(fault)
        return fault

    def seed(self, seed: int) -> None:
        self._dice.seed(seed)

    def clear(self) -> None:
        self._planned.clear()

    def draw(self, method: str, channel: str | None = None) -> Fault | None:
        """The fault of this request, the earliest added one first."""
        for fault in self._planned:
            if not fault.matches(method, channel) or self._dice.random() >= fault.probability:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._planned.remove(fault)
            return fault
        return None
