"""How well the model fits what customers write now: pure figures of one language's day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import mean

from handlers.audit import STEM_CHARACTERS
from handlers.plain_text import fold

LEAST_MESSAGES = 20
LEAST_TIMES = 5
"""So many unsure messages have to share a word before it is a topic."""
MUCH_MORE = 5.0
MOST_TOPICS = 5
WORSE_BY = 0.15
SHORT = 3


@dataclass(frozen=True)
class Reading:
    """One message as the model read it."""

    text: str
    confidence: float
    is_fallback: bool


@dataclass(frozen=True)
class Drift:
    """`topics`: clusters of words that unsure messages share and the training data hardly knows, most frequent
    first."""

    messages: int
    fallbacks: int
    confidence: float
    topics: tuple[tuple[str, ...], ...]

    @property
    def rate(self) -> float:
        return self.fallbacks / self.messages if self.messages else 0.0


def of_day(readings: Sequence[Reading], known: Iterable[str]) -> Drift:
    """`known` are the texts that the model was taught."""
    confidence = mean(one.confidence for one in readings) if readings else 0.0
    unsure = [one.text for one in readings if one.is_fallback]
    return Drift(len(readings), len(unsure), confidence, new_topics(unsure, known))


def new_topics(unsure: Iterable[str], known: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Words that stand together in the same messages are one topic."""
    said = [stems(text) for text in unsure]
    counts = Counter(stem for words in said for stem in words)
    taught = [stems(text) for text in known]
    usual = Counter(stem for words in taught for stem in words)
    found = [
        stem
        for stem, count in counts.most_common()
        if count >= LEAST_TIMES and _is_new(count, len(said), usual[stem], len(taught))
    ]
    topics: list[list[str]] = []
    for stem in found:
        home = next((topic for topic in topics if _go_together(topic[0], stem, said)), None)
        topics.append([stem]) if home is None else home.append(stem)
    return tuple(tuple(topic) for topic in topics[:MOST_TOPICS])


def _is_new(count: int, of: int, usual: int, of_usual: int) -> bool:
    """Whether it is over-represented: far more frequent than in what was taught."""
    return count / of > MUCH_MORE * (usual + 1) / (of_usual + 1)


def _go_together(one: str, other: str, said: Sequence[Collection[str]]) -> bool:
    both = sum(one in words and other in words for words in said)
    return 2 * both >= sum(other in words for words in said)


def stems(text: str) -> frozenset[str]:
    return frozenset(word[:STEM_CHARACTERS] for word in fold(text).split() if len(word) > SHORT and not word.isdigit())


def is_worse(day: Drift, before: Sequence[Drift]) -> bool:
    """Whether the language drifts: far more is not understood than usually, or something new is asked about."""
    if day.messages < LEAST_MESSAGES:
        return False
    usual = [one for one in before if one.messages >= LEAST_MESSAGES]
    rate = mean(one.rate for one in usual) if usual else None
    return bool(day.topics) or (rate is not None and day.rate >= rate + WORSE_BY)
