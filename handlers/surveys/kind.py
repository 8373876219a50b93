"""What makes one kind of survey."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from handlers.plain_text import readable

_SCORE = re.compile(r"(?P<score>[0-9]{1,2})(?: ?/ ?(?P<best>[0-9]{1,2}))?\W*")

Scores = Mapping[int, int]
"""Score → how many gave it; at least one did."""


class Occasion(StrEnum):
    """After what it is offered: a ticket was closed, or the bot settled a case alone."""

    CLOSING = "closing"
    BOT_ANSWER = "bot_answer"


@dataclass(frozen=True)
class SurveyKind:
    """`key`: the question's text. `figure` makes one number of all scores, as `formula` says in words. `faces` stand
    beside the scores on the buttons."""

    name: str
    key: str
    lowest: int
    highest: int
    occasion: Occasion
    formula: str
    figure: Callable[[Scores], float]
    faces: Mapping[int, str] = field(default_factory=dict)

    @property
    def scores(self) -> range:
        return range(self.lowest, self.highest + 1)

    def label(self, score: int) -> str:
        return f"{score} {self.faces.get(score, '')}".strip()

    def read(self, text: str) -> int | None:
        """A score that was typed, or came with a button: "4", "4/5", "4 😀"; None for anything else."""
        found = _SCORE.fullmatch(readable(text))
        if found is None or (found["best"] and int(found["best"]) != self.highest):
            return None
        score = int(found["score"])
        return score if score in self.scores else None


def share(scores: Scores, wanted: range) -> float:
    """How many of a hundred answers are among the wanted ones."""
    return 100 * sum(count for score, count in scores.items() if score in wanted) / sum(scores.values())
