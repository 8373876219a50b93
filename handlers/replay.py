"""What the bot would do with a past message if a model read it so; nothing is said or done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from handlers.answers import is_expired
from handlers.bands import OUT_OF_SCOPE, Band, Thresholds, band_of
from handlers.content import Content
from handlers.intents import FORMS, INTENTS
from handlers.masking import mask
from handlers.nlu import ParsedMessage
from handlers.release_gate import Read, Verdict, verdict
from storage.conversations import Message

FOR_PEOPLE = frozenset({"human_handoff", "escalate"})


def read_as(parsed: ParsedMessage, content: Content, thresholds: Thresholds, now: datetime) -> Read:
    """As `handlers.readings.act` would take it, in an otherwise empty chat."""
    band, best = band_of(parsed, thresholds), parsed.best
    if best is None:
        return Read(None, 0.0, band.value, "unsure")
    reply = "unsure"
    if band is Band.ACT:
        reply = _act(best.name, content, now)
    elif band is Band.ASK:
        offers = [one.name for one in parsed.intents if one.name != OUT_OF_SCOPE]
        reply = f"ask:{','.join(offers[:2])}"
    return Read(best.name, round(best.confidence, 4), band.value, reply)


def _act(intent: str, content: Content, now: datetime) -> str:
    if intent in FOR_PEOPLE or is_expired(content, intent, now):
        return f"person:{intent}"
    if intent in FORMS:
        return f"form:{intent}"
    if intent in content.answers:
        return f"answer:{intent}"
    return f"does:{intent}" if intent in INTENTS else f"person:{intent}"


def masked_texts(messages: Sequence[Message]) -> list[str]:
    return [mask(message.text) for message in messages]


def replay(
    messages: Sequence[Message], before: Sequence[Read], after: Sequence[Read], labels: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Rows of `ReplayedMessage`, in the order of `messages`."""
    return [
        {
            "message_id": message.id,
            "text": text,
            "language": message.language,
            "before": asdict(was),
            "after": {**asdict(now), "label": labels.get(message.id)},
            "verdict": verdict(was, now, labels.get(message.id)),
        }
        for message, text, was, now in zip(messages, masked_texts(messages), before, after, strict=True)
    ]


def counted(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    counts = Counter(row["verdict"] for row in rows)
    return {one.value: counts[one] for one in Verdict}
