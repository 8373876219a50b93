"""What to do with a reading: act on it, ask "did you mean …?", or say that it was not understood.

The borders are measured per language on held-out text (`supportbot nlu test --write-thresholds`), never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from handlers.errors import SupportError
from handlers.nlu import ParsedMessage

OUT_OF_SCOPE = "out_of_scope"
MOST_MISFIT = 0.1  # less than that is chance


class ThresholdsError(SupportError):
    """The thresholds are missing or wrong; the text says which."""


class Band(Enum):
    """How sure the reading is, as the conversation needs to know it."""

    ACT = "act"  # right often enough to be acted upon
    ASK = "ask"  # the right reading is probably among the first two
    UNSURE = "unsure"  # no reading is worth offering
    OUT_OF_SCOPE = "out_of_scope"  # nothing a shop's support can be asked


@dataclass(frozen=True)
class Bands:
    """Confidence from `act` up is acted upon, from `ask` up it is asked about. 0 ≤ ask ≤ act ≤ 1."""

    act: float
    ask: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.ask <= self.act <= 1.0:
            raise ThresholdsError(f"thresholds must be 0 ≤ ask ≤ act ≤ 1, not ask {self.ask} and act {self.act}")


@dataclass(frozen=True)
class Thresholds:
    """Bands by language ("pl", "en")."""

    by_language: Mapping[str, Bands]

    def __post_init__(self) -> None:
        if not self.by_language:
            raise ThresholdsError("there are thresholds for no language at all")

    def of(self, language: str | None) -> Bands:
        """The bands of `language`; for an unknown one the strictest of all."""
        if language is not None and language in self.by_language:
            return self.by_language[language]
        bands = self.by_language.values()
        return Bands(act=max(band.act for band in bands), ask=max(band.ask for band in bands))

    @classmethod
    def from_mapping(cls, data: Any) -> Thresholds:
        """From `{"pl": {"act": 0.8, "ask": 0.4}, …}`. Raises ThresholdsError for anything else."""
        try:
            bands = {str(name): Bands(float(pair["act"]), float(pair["ask"])) for name, pair in data.items()}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ThresholdsError(f"thresholds need a language with `act` and `ask` each: {error}") from error
        return cls(bands)


def misfits(used: Thresholds, measured: Mapping[str, Mapping[str, float]]) -> list[tuple[str, str, float, float]]:
    """Borders (language, `act` or `ask`, as used, as measured on a model) that are too far off to fit it."""
    pairs = [
        (language, border, getattr(used.of(language), border), value)
        for language, borders in measured.items()
        for border, value in borders.items()
    ]
    return [pair for pair in pairs if abs(pair[2] - pair[3]) > MOST_MISFIT]


def band_of(parsed: ParsedMessage, thresholds: Thresholds) -> Band:
    """The band of the best reading. No reading at all is UNSURE; `out_of_scope` ranked first is said so at once."""
    best = parsed.best
    if best is None:
        return Band.UNSURE
    if best.name == OUT_OF_SCOPE:
        return Band.OUT_OF_SCOPE
    bands = thresholds.of(parsed.language)
    if best.confidence >= bands.act:
        return Band.ACT
    return Band.ASK if best.confidence >= bands.ask else Band.UNSURE
