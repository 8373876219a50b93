"""Which customers a notice is for: what they have in common. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

MOST_DAYS = 365


@dataclass(frozen=True)
class Segment:
    """What is empty fits everybody. `category`: they have an open ticket of it; `intent`: they asked about it in the
    last `days`; without an intent: they wrote anything in that time (0: whenever)."""

    channels: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    category: str = ""
    intent: str = ""
    days: int = 0

    def since(self, now: datetime) -> datetime | None:
        return now - timedelta(days=self.days) if self.days else None

    def to_payload(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Segment:
        many = {name: tuple(payload.get(name, ())) for name in ("channels", "languages", "tiers")}
        return cls(**many, category=payload.get("category", ""), intent=payload.get("intent", ""),
                   days=int(payload.get("days", 0)))  # fmt: skip


def masked(name: str | None) -> str:
    """Enough to see that they are different people: "A… K."."""
    words = (name or "").split()
    if not words:
        return "…"
    return " ".join((f"{words[0][0]}…", *(f"{word[0]}." for word in words[1:2])))
