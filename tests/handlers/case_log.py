"""Event logs as they are told: who did what when, in Warsaw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from storage.tickets import Status

WARSAW = ZoneInfo("Europe/Warsaw")
AGENT = "agent:Ola"

PLAIN = {
    "is handed over": ("handed_over", "bot"),
    "writes": ("customer_wrote", "customer"),
    "chases": ("chased", "customer"),
    "asks again": ("asked_again", "customer"),
    "goes back": ("back_to_bot", "customer"),
    "edits": ("customer_edited", "customer"),
    "takes": ("taken", AGENT),
    "notes": ("noted", AGENT),
    "hands back": ("handed_back", AGENT),
    "releases": ("released", AGENT),
}
TO_STATUS = {
    "waits for customer": (Status.WAITING_CUSTOMER, AGENT, {"reason": "Proszę o zdjęcie."}),
    "waits wordless": (Status.WAITING_CUSTOMER, AGENT, {}),
    "waits for third party": (Status.WAITING_THIRD_PARTY, AGENT, {"reason": "Czekamy na kuriera."}),
    "goes on": (Status.OPEN, AGENT, {}),
    "resolves": (Status.RESOLVED, AGENT, {"cause": "solved"}),
    "settles": (Status.RESOLVED, "customer", {}),
    "lapses": (Status.CLOSED, "bot", {}),
    "spam": (Status.CLOSED, AGENT, {"cause": "spam"}),
    "merges": (Status.CLOSED, AGENT, {"cause": "duplicate"}),
    "reopens": (Status.OPEN, "customer", {}),
    "agent reopens": (Status.OPEN, AGENT, {}),
}


@dataclass(frozen=True)
class Happened:
    id: int
    at: datetime
    kind: str
    actor: str
    data: Mapping[str, Any] = field(default_factory=dict)


def warsaw(text: str) -> datetime:
    """A wall-clock time in Warsaw, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW).astimezone(UTC)


def log(*told: tuple[str, str] | tuple[str, str, Mapping[str, Any]], tier: str = "mass", category: str = "get_invoice",
        year: str = "2026") -> list[Happened]:  # fmt: skip
    """(time, what) or (time, what, data); a time is "11-23 12:00"."""
    events: list[Happened] = []
    status = Status.NEW
    for number, (at, what, *more) in enumerate(told, start=1):
        data: dict[str, Any] = dict(more[0]) if more else {}
        if what == "opened":
            kind, actor, data = what, "bot", {"category": category, "tier": tier, **data}
        elif what == "replies":
            kind, actor, data = "agent_replied", AGENT, {"message_ids": [number], **data}
        elif what == "takes it back":
            kind, actor, data = "agent_deleted", AGENT, {"message_id": number - 1, "withdrawn": True, **data}
        elif what in TO_STATUS:
            after, actor, said = TO_STATUS[what]
            kind, data = "status", {"before": status, "after": after, **said, **data}
            status = after
        elif what in PLAIN:
            kind, actor = PLAIN[what]
        else:
            kind, actor = what, AGENT
        events.append(Happened(number, warsaw(f"{year}-{at}"), kind, actor, data))
    return events
