"""What became of one attempt to hand something to the app."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from bot.sandbox.slack.json_types import Json


@dataclass(frozen=True)
class Outcome:
    """`reason` is Slack's retry reason, empty when the app took it. `answer` is what it answered with, if anything."""

    reason: str = ""
    status: int | None = None
    answer: Json | str | None = None
    is_last: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_taken(self) -> bool:
        return not self.reason


@dataclass
class Parcel:
    """Something for the app. `kind` is `events_api`, `interactive` or `slash_commands`."""

    kind: str
    payload: Json
    envelope_id: str
    attempt: int = 0
    reason: str = ""


class Transport(Protocol):
    """The name goes into the journal; `send` waits for the app's answer for as long as it is allowed to run."""

    name: str

    async def send(self, parcel: Parcel) -> Outcome: ...
