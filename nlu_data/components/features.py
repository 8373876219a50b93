"""Sparse features of a text: character n-grams inside words, words and word pairs, and marks that come ready made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

WORD_PATTERN = r"(?u)\b\w+\b"
MARKS = "marks"  # analyzer of a text whose features are written in it, split by spaces


@dataclass(frozen=True)
class Scaling:
    """`idf_power` softens the idf; `norm_power` 1 scales a block to length 1, 0 leaves it as it is.

    `weight` is how much the block then counts beside the others.
    """

    idf_power: float = 0.5
    norm_power: float = 0.7
    weight: float = 1.0


@dataclass(frozen=True)
class BlockSettings:
    """One block of features. `analyzer` is scikit-learn's, `char_wb` or `word`, or `MARKS`."""

    analyzer: str
    shortest: int
    longest: int
    min_count: int = 1
    scaling: Scaling = Scaling()

    def vectorizer(self, vocabulary: Sequence[str] | None = None) -> CountVectorizer:
        return CountVectorizer(
            analyzer=str.split if self.analyzer == MARKS else self.analyzer,
            ngram_range=(self.shortest, self.longest),
            token_pattern=WORD_PATTERN,
            lowercase=False,
            min_df=self.min_count,
            vocabulary=None if vocabulary is None else {term: index for index, term in enumerate(vocabulary)},
            dtype=np.float32,
        )


class FeatureBlock:
    """Turns texts into 1 + log(count) values, weighted by idf and scaled by the block's own length."""

    def __init__(self, settings: BlockSettings, vocabulary: list[str], idf: np.ndarray) -> None:
        self.settings = settings
        self.vocabulary = vocabulary
        self.idf = idf.astype(np.float32)
        self._vectorizer = settings.vectorizer(vocabulary)

    @classmethod
    def fit(cls, texts: Sequence[str], settings: BlockSettings) -> FeatureBlock:
        """Learn the vocabulary and idf of `texts`. Raises ValueError when they hold no term at all."""
        vectorizer = settings.vectorizer()
        counts = vectorizer.fit_transform(texts)
        documents = np.asarray((counts > 0).sum(axis=0)).ravel()
        idf = np.log((1 + len(texts)) / (1 + documents)) + 1
        return cls(settings, list(vectorizer.get_feature_names_out()), idf**settings.scaling.idf_power)

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        matrix = self._vectorizer.transform(texts).tocsr().astype(np.float32)
        matrix.data = (1 + np.log(matrix.data)) * self.idf[matrix.indices]
        squares = np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel()
        lengths = np.sqrt(squares) ** self.settings.scaling.norm_power
        lengths[lengths == 0] = 1
        matrix.data *= np.repeat(self.settings.scaling.weight / lengths, np.diff(matrix.indptr)).astype(np.float32)
        return matrix

    def to_json(self) -> dict[str, Any]:
        """Everything but the idf, which is saved with the weights."""
        block, scaling = self.settings, self.settings.scaling
        return {
            "analyzer": block.analyzer,
            "ngrams": [block.shortest, block.longest],
            "min_count": block.min_count,
            "idf_power": scaling.idf_power,
            "norm_power": scaling.norm_power,
            "weight": scaling.weight,
            "vocabulary": self.vocabulary,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any], idf: np.ndarray) -> FeatureBlock:
        shortest, longest = data["ngrams"]
        scaling = Scaling(data["idf_power"], data["norm_power"], data["weight"])
        settings = BlockSettings(data["analyzer"], shortest, longest, data["min_count"], scaling)
        return cls(settings, data["vocabulary"], idf)


class Features:
    """Several blocks side by side. Each reads a view of its own: the same texts, perhaps written otherwise."""

    def __init__(self, blocks: Sequence[FeatureBlock]) -> None:
        self.blocks = list(blocks)

    @classmethod
    def fit(cls, views: Sequence[Sequence[str]], blocks: Sequence[BlockSettings]) -> Features:
        """`views`: the texts as each of the `blocks` reads them."""
        return cls([FeatureBlock.fit(texts, block) for texts, block in zip(views, blocks, strict=True)])

    def transform(self, views: Sequence[Sequence[str]]) -> sparse.csr_matrix:
        """One row per text."""
        parts = [block.transform(texts) for texts, block in zip(views, self.blocks, strict=True)]
        return sparse.hstack(parts, format="csr")

    @property
    def idf(self) -> np.ndarray:
        return np.concatenate([block.idf for block in self.blocks])

    def to_json(self) -> list[dict[str, Any]]:
        return [block.to_json() for block in self.blocks]

    @classmethod
    def from_json(cls, data: list[dict[str, Any]], idf: np.ndarray) -> Features:
        ends = np.cumsum([len(block["vocabulary"]) for block in data])
        parts = np.split(idf, ends[:-1])
        return cls([FeatureBlock.from_json(block, part) for block, part in zip(data, parts, strict=True)])
