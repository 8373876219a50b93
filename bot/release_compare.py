"""A candidate beside the live model: the same held-out texts and past messages asked of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.nlu_score import Answered, measure_bands
from bot.nlu_sets import LANGUAGES, LabelledText, read_sets
from bot.nlu_trial import make_noisy, never_trained_on
from handlers.desk import Desk
from handlers.nlu import ParsedMessage
from handlers.release_gate import Metrics, Reason, accuracies, faults
from handlers.replay import counted, masked_texts, read_as, replay
from storage.conversations import Message

ALWAYS_READ = "human_handoff"
NOISY_EVERY = 3  # thresholds are measured on one held-out text in three, as it stands and with slips


@dataclass(frozen=True)
class Questions:
    """What both are asked. `held_out` are those of intents that are still taught, and whose words were not trained on;
    `noisy`: some of them with slips; `labels`: what people have said the messages mean."""

    held_out: Sequence[LabelledText]
    noisy: Sequence[LabelledText]
    messages: Sequence[Message]
    labels: dict[int, str]
    taught: frozenset[str]

    @property
    def texts(self) -> list[str]:
        return [*(one.text for one in (*self.held_out, *self.noisy)), *masked_texts(self.messages)]

    @classmethod
    def on(cls, content: Path, messages: Sequence[Message], labels: dict[int, str]) -> Questions:
        """About a model of this content. Reads many files."""
        taught = frozenset(path.stem for path in (content / "intents").glob("*.yml"))
        held_out = [one for one in never_trained_on(read_sets([]), content) if one.intent in taught]
        return cls(held_out, make_noisy(held_out[::NOISY_EVERY]), messages, labels, taught)


@dataclass(frozen=True)
class Comparison:
    """`metrics` and `rows` as they are stored (`Release.metrics`, `ReplayedMessage`)."""

    metrics: dict[str, Any]
    rows: list[dict[str, Any]]
    counts: dict[str, int]
    blocked: list[Reason]


def compare(
    questions: Questions, before: Sequence[ParsedMessage], after: Sequence[ParsedMessage], desk: Desk, now: datetime
) -> Comparison:
    """`before` and `after`: the answers to `questions.texts`."""
    was, is_now = _scored(questions, before), _scored(questions, after)
    start = len(questions.held_out) + len(questions.noisy)
    read = [[read_as(one, desk.content, desk.thresholds, now) for one in part[start:]] for part in (before, after)]
    rows = replay(questions.messages, read[0], read[1], questions.labels)
    counts = counted(rows)
    mandatory = {answer.intent for answer in desk.content.answers.values() if answer.mandatory} | {ALWAYS_READ}
    blocked = faults(was, is_now, counts, mandatory, questions.taught)
    metrics = {
        "before": was.as_json(),
        "after": is_now.as_json(),
        "texts": len(questions.held_out),
        "thresholds": _thresholds(questions, after),
    }
    return Comparison(metrics, rows, counts, blocked)


def _scored(questions: Questions, answers: Sequence[ParsedMessage]) -> Metrics:
    return accuracies(
        (one.language, one.intent, parsed.best is not None and parsed.best.name == one.intent)
        for one, parsed in zip(questions.held_out, answers, strict=False)
    )


def _thresholds(questions: Questions, answers: Sequence[ParsedMessage]) -> dict[str, dict[str, float]]:
    """The borders that keep what the bands promise, measured on this model, by language."""
    clean = [Answered(*pair) for pair in zip(questions.held_out, answers, strict=False)]
    noisy = [Answered(*pair) for pair in zip(questions.noisy, answers[len(clean) :], strict=False)]
    asked = [*clean[::NOISY_EVERY], *noisy]
    by_language = {name: [one for one in asked if one.example.language == name] for name in LANGUAGES}
    bands = {name: measure_bands(part) for name, part in by_language.items() if part}
    return {name: {"act": one.act, "ask": one.ask} for name, one in bands.items()}
