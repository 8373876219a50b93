"""Which language a message is written in: a linear model over characters, learnt from our own examples."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from components import solver
from components.features import BlockSettings, Features, Scaling
from components.normalise import fold_diacritics

NUMBERS_FILE = "languages.npz"
NAMES_FILE = "languages.json"
_SCALING = Scaling(idf_power=0.5, norm_power=1.0)
_BLOCKS = [
    BlockSettings("char_wb", 1, 3, min_count=2, scaling=_SCALING),
    BlockSettings("word", 1, 1, min_count=2, scaling=_SCALING),
]
_C = 10.0
_STOP = solver.Stop(iterations=40)


def _clean(text: str) -> str:
    """Letters only: a number, a link or an emoji says nothing about the language."""
    lowered = unicodedata.normalize("NFC", text).lower()
    return " ".join("".join(char if char.isalpha() else " " for char in lowered).split())


class LanguageModel:
    """Tags a text with one of the languages it was trained on."""

    def __init__(self, languages: Sequence[str], features: Features, weights: np.ndarray, bias: np.ndarray) -> None:
        self.languages = list(languages)
        self._features = features
        self._weights = weights.astype(np.float32)
        self._bias = bias.astype(np.float32)

    @classmethod
    def fit(cls, texts: Sequence[str], languages: Sequence[str]) -> LanguageModel:
        """Train on the texts and, again, on the texts without diacritics. Raises ValueError below two languages."""
        names = sorted(set(languages))
        if len(names) < 2:
            raise ValueError("at least two languages are needed to tell them apart")
        cleaned = [_clean(text) for text in texts]
        bare = [
            (fold_diacritics(text), tag)
            for text, tag in zip(cleaned, languages, strict=True)
            if fold_diacritics(text) != text
        ]
        everything = cleaned + [text for text, _ in bare]
        labels = np.array([names.index(tag) for tag in [*languages, *(tag for _, tag in bare)]])
        views = [everything] * len(_BLOCKS)
        features = Features.fit(views, _BLOCKS)
        matrix = features.transform(views)
        weights = solver.balanced_weights(labels, len(names))
        span = solver.solve(solver.product_with(matrix), labels, len(names), weights, _C, _STOP)
        return cls(names, features, np.asarray(matrix.T @ span).astype(np.float16), span.sum(axis=0))

    def tag(self, texts: Sequence[str]) -> list[tuple[str, float] | None]:
        """Of each text the likelier language and its probability; None when it has no letter of any known kind."""
        matrix = self._features.transform([[_clean(text) for text in texts]] * len(_BLOCKS))
        chances = solver.softmax(matrix @ self._weights + self._bias)
        known = np.diff(matrix.indptr) > 0
        return [
            (self.languages[best], float(row[best])) if is_known else None
            for row, best, is_known in zip(chances, chances.argmax(axis=1), known, strict=True)
        ]

    def save(self, folder: Path) -> None:
        numbers = {"idf": self._features.idf, "weights": self._weights.astype(np.float16), "bias": self._bias}
        np.savez(folder / NUMBERS_FILE, **numbers)  # Rasa compresses the whole model
        names = {"languages": self.languages, "features": self._features.to_json()}
        (folder / NAMES_FILE).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LanguageModel:
        """Raises FileNotFoundError where nothing was saved."""
        names = json.loads((folder / NAMES_FILE).read_text(encoding="utf-8"))
        with np.load(folder / NUMBERS_FILE, allow_pickle=False) as numbers:
            features = Features.from_json(names["features"], numbers["idf"])
            return cls(names["languages"], features, numbers["weights"], numbers["bias"])
