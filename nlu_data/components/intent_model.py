"""The intent model without Rasa: fit on texts, rank intents, save and load plain numbers and names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from components import solver
from components.calibration import OUT_OF_SCOPE, Calibration, confidences, folds, margins
from components.concepts import Lexicon
from components.features import MARKS, BlockSettings, Features, Scaling
from components.reading import Reader, Reading, Utterance
from components.typos import TypoMapper

NUMBERS_FILE = "intents.npz"
NAMES_FILE = "intents.json"


@dataclass(frozen=True)
class IntentSettings:
    """The knobs of config.yml; the defaults are the measured ones."""

    c: float = 100.0
    char_ngrams: tuple[int, int] = (1, 4)
    word_ngrams: tuple[int, int] = (1, 2)
    min_count: int = 1
    idf_power: float = 1.0
    norm_power: float = 1.0
    # Of the block of marks (shapes and concepts) beside the n-grams: as strong as they are, a message typed with slips
    # reads worse, because it loses its marks first.
    mark_weight: float = 0.15
    mark_norm_power: float = 0.5
    mark_idf_power: float = 0.5
    # Added to the score of `out_of_scope`: a shop's question refused is asked again, nonsense acted upon is a ticket.
    # Measured: +1 catches 5 more of 100 strays, and costs 1 of 100 of the shop's own questions.
    out_of_scope_bonus: float = 1.0
    iterations: int = 50
    fold_iterations: int = 25
    folds: int = 3
    seed: int = 1

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> IntentSettings:
        """Unknown keys are left alone: Rasa adds some of its own."""
        known = {name: config[name] for name in cls.__dataclass_fields__ if name in config}
        for name in ("char_ngrams", "word_ngrams"):
            if name in known:
                known[name] = tuple(known[name])
        return cls(**known)

    @property
    def blocks(self) -> list[BlockSettings]:
        ngrams = Scaling(self.idf_power, self.norm_power)
        marks = Scaling(self.mark_idf_power, self.mark_norm_power, self.mark_weight)
        return [
            BlockSettings("char_wb", *self.char_ngrams, min_count=self.min_count, scaling=ngrams),
            BlockSettings("word", *self.word_ngrams, min_count=self.min_count, scaling=ngrams),
            BlockSettings(MARKS, 1, 1, min_count=self.min_count, scaling=marks),
        ]


@dataclass(frozen=True)
class Ranking:
    """Intents of one message, best first, each with its confidence (never rising along the list)."""

    names: list[str]
    confidences: list[float]


def _views(readings: Sequence[Reading], blocks: Sequence[BlockSettings]) -> list[list[str]]:
    """The side of the readings that each block looks at."""
    literal, marked = [reading.literal for reading in readings], [reading.marked for reading in readings]
    return [marked if block.analyzer == MARKS else literal for block in blocks]


class _Training:
    """The examples of one training, and the scores they get from models that have not seen them."""

    def __init__(self, features: sparse.csr_matrix, labels: np.ndarray, classes: int, settings: IntentSettings) -> None:
        self.features = features
        self.labels = labels
        self.classes = classes
        self.settings = settings
        self.gram = solver.gram(features) if features.shape[0] <= solver.DENSE_GRAM_LIMIT else None

    def _solve(self, rows: np.ndarray, stop: solver.Stop) -> np.ndarray:
        if self.gram is None:
            product = solver.product_with(self.features[rows])
        else:
            square = self.gram if len(rows) == len(self.labels) else self.gram[np.ix_(rows, rows)]
            product = square.__matmul__
        labels = self.labels[rows]
        weights = solver.balanced_weights(labels, self.classes)
        return solver.solve(product, labels, self.classes, weights, self.settings.c, stop)

    def solve(self) -> np.ndarray:
        return self._solve(np.arange(len(self.labels)), solver.Stop(self.settings.iterations))

    def scores_unseen(self) -> np.ndarray:
        """Each example scored by a model trained without it.

        From zero: begun from the whole model less the fold's own part, it took longer to get as far.
        """
        fold_of = folds(self.labels, self.settings.folds, self.settings.seed)
        scores = np.zeros((len(self.labels), self.classes), dtype=np.float32)
        for fold in range(self.settings.folds):
            seen, unseen = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
            if len(seen) == 0 or len(unseen) == 0:
                continue
            part = self._solve(seen, solver.Stop(self.settings.fold_iterations))
            scores[unseen] = self._apply(unseen, seen, part)
        return scores

    def _apply(self, rows: np.ndarray, seen: np.ndarray, span: np.ndarray) -> np.ndarray:
        if self.gram is not None:
            result: np.ndarray = self.gram[np.ix_(rows, seen)] @ span
        else:
            result = self.features[rows] @ (self.features[seen].T @ span) + span.sum(axis=0)
        return result


class IntentModel:
    """Ranks intents for a text."""

    def __init__(
        self,
        intents: Sequence[str],
        reader: Reader,
        features: Features,
        weights: np.ndarray,
        bias: np.ndarray,
        calibration: Calibration,
    ) -> None:
        self.intents = list(intents)
        self._reader = reader
        self._features = features
        self._weights = weights.astype(np.float32)
        self._bias = bias.astype(np.float32)
        self._calibration = calibration
        self._out_of_scope = self.intents.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in self.intents else None

    @classmethod
    def fit(
        cls,
        utterances: Sequence[Utterance],
        intents: Sequence[str],
        settings: IntentSettings,
        lexicon: Lexicon | None = None,
    ) -> IntentModel:
        """Train. Raises ValueError when there are fewer than two intents or no readable text."""
        names = sorted(set(intents))
        if len(names) < 2:
            raise ValueError("at least two intents are needed to tell them apart")
        lexicon = lexicon or Lexicon({})
        readings = [Reader(lexicon).read(utterance) for utterance in utterances]
        # Without a single mark there is nothing for their block to learn.
        blocks = [block for block in settings.blocks if block.analyzer != MARKS or any(one.marked for one in readings)]
        views = _views(readings, blocks)
        features = Features.fit(views, blocks)
        labels = np.array([names.index(intent) for intent in intents])
        training = _Training(features.transform(views), labels, len(names), settings)
        span = training.solve()
        bonus = np.array([settings.out_of_scope_bonus if name == OUT_OF_SCOPE else 0.0 for name in names])
        out_of_scope = names.index(OUT_OF_SCOPE) if OUT_OF_SCOPE in names else None
        best, evidence = margins(training.scores_unseen() + bonus, out_of_scope)
        calibration = Calibration.fit(evidence, best == labels)
        # Half precision halves the model and moves no score by more than a hundredth.
        weights = np.asarray(training.features.T @ span).astype(np.float16)
        reader = Reader(lexicon, TypoMapper.fit([reading.literal for reading in readings]))
        return cls(names, reader, features, weights, span.sum(axis=0) + bonus, calibration)

    def scores(self, utterances: Sequence[Utterance]) -> np.ndarray:
        """Raw scores, one row per text, one column per intent of `intents`."""
        readings = [self._reader.read(utterance) for utterance in utterances]
        matrix = self._features.transform(_views(readings, [block.settings for block in self._features.blocks]))
        result: np.ndarray = matrix @ self._weights + self._bias
        return result

    def rank(self, utterances: Sequence[Utterance]) -> list[Ranking]:
        """All intents of each text, best first."""
        if not utterances:
            return []
        scores = self.scores(utterances)
        best, evidence = margins(scores, self._out_of_scope)
        chances = self._calibration.chance(evidence)
        return [self._ranking(*row) for row in zip(scores, chances, best, strict=True)]

    def _ranking(self, scores: np.ndarray, chance: float, best: int) -> Ranking:
        order, sure = confidences(scores, float(chance), int(best), self._out_of_scope)
        return Ranking([self.intents[index] for index in order], sure)

    def save(self, folder: Path) -> None:
        """Two files in `folder`, numbers and names; no pickle, so loading a model runs no code from it."""
        numbers = {"idf": self._features.idf, "weights": self._weights.astype(np.float16), "bias": self._bias}
        np.savez(folder / NUMBERS_FILE, **numbers)  # Rasa compresses the whole model
        names = {
            "intents": self.intents,
            "features": self._features.to_json(),
            "reader": self._reader.to_json(),
            "calibration": {"weights": list(self._calibration.weights), "bias": self._calibration.bias},
        }
        (folder / NAMES_FILE).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> IntentModel:
        """Raises FileNotFoundError where nothing was saved."""
        names = json.loads((folder / NAMES_FILE).read_text(encoding="utf-8"))
        with np.load(folder / NUMBERS_FILE, allow_pickle=False) as numbers:
            features = Features.from_json(names["features"], numbers["idf"])
            weights, bias = numbers["weights"], numbers["bias"]
        calibration = Calibration(tuple(names["calibration"]["weights"]), names["calibration"]["bias"])
        return cls(names["intents"], Reader.from_json(names["reader"]), features, weights, bias, calibration)
