"""Every request and every delivery, in order: the proof of "exactly these posts, in this order"."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime

from bot.sandbox.slack.json_types import Json


@dataclass
class Call:
    """One request to the stand-in. `status` 0: the connection was cut or left without an answer.

    `how` tells where the arguments stood (`json`, `form`, `query`, `multipart`); tokens are not kept.
    """

    method: str
    arguments: Json
    at: datetime
    verb: str
    how: str
    status: int | None = None
    answer: Json | str | None = None
    fault: str = ""

    @property
    def ok(self) -> bool:
        return isinstance(self.answer, dict) and bool(self.answer.get("ok"))

    @property
    def error(self) -> str:
        return str(self.answer.get("error", "")) if isinstance(self.answer, dict) else ""


@dataclass
class Delivery:
    """One attempt to hand an event or interaction to the app. `outcome` is `ok` or Slack's retry reason."""

    payload: Json
    at: datetime
    transport: str
    attempt: int
    envelope_id: str = ""
    outcome: str = ""
    status: int | None = None
    answer: Json | str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def event_id(self) -> str:
        return str(self.payload.get("event_id", ""))

    @property
    def event_type(self) -> str:
        event = self.payload.get("event")
        return str(event.get("type")) if isinstance(event, dict) else str(self.payload.get("type", ""))


class Journal:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []

    def record(self, call: Call) -> Call:
        call.arguments = deepcopy(call.arguments)
        self.calls.append(call)
        return call

    def of(self, *methods: str) -> list[Call]:
        return [call for call in self.calls if call.method in methods]

    def clear(self) -> None:
        self.calls.clear()
        self.deliveries.clear()
