"""What happened at the desk, as it lies in the inbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from handlers.attachments import Attachment
from handlers.plain_text import storable

LANE = "desk"
TEXT_CHARACTERS = 12_000


class DeskKind(StrEnum):
    """`PRESSED`: a button, a shortcut, a menu; `SUBMITTED`: a form; `LOST`: the card and its thread are gone."""

    SAID = "said"
    EDITED = "edited"
    DELETED = "deleted"
    REACTED = "reacted"
    UNREACTED = "unreacted"
    PRESSED = "pressed"
    SUBMITTED = "submitted"
    LOST = "lost"


@dataclass(frozen=True)
class DeskEvent:
    """`ts` is the message concerned and `thread` the parent of its thread, both in `channel`; empty for what was done
    on the Home tab. `action` names what to do, `argument` with what, `ticket` the number that came along with it (a
    hint: who may do what is decided by who acts). `values` are a form's fields by name."""

    kind: DeskKind
    external_id: str
    team: str
    user: str
    at: datetime
    channel: str = ""
    thread: str = ""
    ts: str = ""
    text: str = ""
    action: str = ""
    argument: str = ""
    ticket: int | None = None
    values: dict[str, str] = field(default_factory=dict)
    files: tuple[Attachment, ...] = ()

    @property
    def lane(self) -> str:
        """What is done in one thread is worked in order."""
        if self.thread:
            return f"{LANE}:{self.channel}:{self.thread}"
        return f"{LANE}:ticket:{self.ticket}" if self.ticket is not None else f"{LANE}:user:{self.user}"

    @property
    def is_on_home(self) -> bool:
        """Pressed on the Home tab, or sent from a form that was opened there."""
        return self.kind in {DeskKind.PRESSED, DeskKind.SUBMITTED} and not self.channel

    def to_payload(self) -> dict[str, Any]:
        return {
            "desk": self.kind,
            "external_id": self.external_id,
            "team": self.team,
            "user": self.user,
            "at": self.at.isoformat(),
            "channel": self.channel,
            "thread": self.thread,
            "ts": self.ts,
            "text": storable(self.text)[:TEXT_CHARACTERS],
            "action": self.action,
            "argument": storable(self.argument)[:200],
            "ticket": self.ticket,
            "values": {name: storable(value)[:TEXT_CHARACTERS] for name, value in self.values.items()},
            "files": [file.to_payload() for file in self.files],
        }

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> DeskEvent:
        rest = {name: value for name, value in payload.items() if name != "desk"}
        read = {
            "kind": DeskKind(payload["desk"]),
            "at": datetime.fromisoformat(payload["at"]),
            "files": tuple(Attachment.from_payload(file) for file in payload["files"]),
        }
        return cls(**{**rest, **read})
