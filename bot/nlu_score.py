"""Scores of a model on labelled texts: pure functions of what was asked and what was answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.nlu_sets import LabelledText
from handlers.bands import OUT_OF_SCOPE, Band, Bands, Thresholds, band_of
from handlers.nlu import ParsedMessage

RIGHT_TO_ACT = 0.97  # share of right answers among all that are acted upon
# Held-out sets flatter a model whose examples were mended after looking at them, so there is a floor: a reading that
# the model itself takes to be likelier wrong than right is not acted upon, whatever the sets say.
LEAST_TO_ACT = 0.5
LEAST_TO_ASK = 0.3
RIGHT_TO_ASK = 0.80  # share of questions whose two offers hold the right one
_STEPS = tuple(step / 20 for step in range(20))


@dataclass(frozen=True)
class Answered:
    """A labelled text with the reading it got."""

    example: LabelledText
    parsed: ParsedMessage

    @property
    def right(self) -> bool:
        return self.parsed.best is not None and self.parsed.best.name == self.example.intent

    @property
    def confidence(self) -> float:
        return self.parsed.best.confidence if self.parsed.best is not None else 0.0

    @property
    def said_out_of_scope(self) -> bool:
        return self.parsed.best is not None and self.parsed.best.name == OUT_OF_SCOPE

    @property
    def right_in_two(self) -> bool:
        """Whether "did you mean A or B?" would offer the right one."""
        offers = [intent.name for intent in self.parsed.intents if intent.name != OUT_OF_SCOPE]
        return self.example.intent in offers[:2]


@dataclass(frozen=True)
class CurvePoint:
    """What happens when everything from `confidence` up is acted upon, or asked about."""

    confidence: float
    share: float
    right: float
    right_in_two: float


@dataclass(frozen=True)
class Score:
    """Shares are 0…1. `refused` counts what is neither acted upon nor asked about with `bands`."""

    messages: int
    accuracy: float
    language_accuracy: float
    out_of_scope_recall: float
    false_alarms: float
    out_of_scope_refused: float
    in_scope_refused: float
    wrongly_acted: float
    bands: Bands
    curve: tuple[CurvePoint, ...]
    confused: tuple[tuple[str, str, int], ...]
    weakest: tuple[tuple[str, float], ...]


def share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def measure_bands(answered: Sequence[Answered]) -> Bands:
    """The lowest borders that keep the two promises above, not below their floors."""
    offered = sorted((one for one in answered if not one.said_out_of_scope), key=lambda one: -one.confidence)
    act = max(_lowest(offered, [one.right for one in offered], RIGHT_TO_ACT, default=1.0), LEAST_TO_ACT)
    # A stray has no right reading to offer; how many of them are asked about instead of refused is a figure of its own.
    below = [one for one in offered if one.confidence < act and one.example.intent != OUT_OF_SCOPE]
    ask = _lowest(below, [one.right_in_two for one in below], RIGHT_TO_ASK, default=act)
    return Bands(act=act, ask=min(max(ask, LEAST_TO_ASK), act))


def _lowest(ordered: Sequence[Answered], good: Sequence[bool], wanted: float, default: float) -> float:
    """The lowest confidence down to which the share of `good` is still `wanted`, rounded up to a thousandth."""
    found, count = default, 0
    for index, (one, fine) in enumerate(zip(ordered, good, strict=True), start=1):
        count += fine
        if count / index >= wanted:
            found = one.confidence
    return min(-(-found * 1000 // 1) / 1000, 1.0)


def curve(answered: Sequence[Answered]) -> tuple[CurvePoint, ...]:
    """For each confidence in steps of 0.05: how much is left above it, and how right it is."""
    offered = [one for one in answered if not one.said_out_of_scope]
    points = []
    for step in _STEPS:
        above = [one for one in offered if one.confidence >= step]
        right = sum(one.right for one in above)
        in_two = sum(one.right_in_two for one in above)
        size = len(above)
        points.append(CurvePoint(step, share(size, len(answered)), share(right, size), share(in_two, size)))
    return tuple(points)


def score(answered: Sequence[Answered], bands: Bands) -> Score:
    """Score the answers of one language."""
    thresholds = Thresholds({"any": bands})
    band_by_id = {id(one): band_of(one.parsed, thresholds) for one in answered}
    outside = [one for one in answered if one.example.intent == OUT_OF_SCOPE]
    inside = [one for one in answered if one.example.intent != OUT_OF_SCOPE]
    refusing = (Band.UNSURE, Band.OUT_OF_SCOPE)
    acted = [one for one in answered if band_by_id[id(one)] is Band.ACT]
    return Score(
        messages=len(answered),
        accuracy=share(sum(one.right for one in answered), len(answered)),
        language_accuracy=share(sum(one.parsed.language == one.example.language for one in answered), len(answered)),
        out_of_scope_recall=share(sum(one.said_out_of_scope for one in outside), len(outside)),
        false_alarms=share(sum(one.said_out_of_scope for one in inside), len(inside)),
        out_of_scope_refused=share(sum(band_by_id[id(one)] in refusing for one in outside), len(outside)),
        in_scope_refused=share(sum(band_by_id[id(one)] in refusing for one in inside), len(inside)),
        wrongly_acted=share(sum(not one.right for one in acted), len(answered)),
        bands=bands,
        curve=curve(answered),
        confused=confused(answered),
        weakest=weakest(answered),
    )


def confused(answered: Sequence[Answered]) -> tuple[tuple[str, str, int], ...]:
    """(wanted, got, how often), most often first."""
    pairs = Counter(
        (one.example.intent, one.parsed.best.name if one.parsed.best else "") for one in answered if not one.right
    )
    ordered = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((wanted, got, count) for (wanted, got), count in ordered)


def weakest(answered: Sequence[Answered]) -> tuple[tuple[str, float], ...]:
    """Each intent with its own accuracy, worst first."""
    total = Counter(one.example.intent for one in answered)
    right = Counter(one.example.intent for one in answered if one.right)
    shares = [(intent, right[intent] / count) for intent, count in total.items()]
    return tuple(sorted(shares, key=lambda pair: (pair[1], pair[0])))
