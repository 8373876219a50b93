"""From scores to a confidence that means something: the measured chance that the best reading is right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

OUT_OF_SCOPE = "out_of_scope"
_RIDGE = 1e-2
_NEWTON_STEPS = 30


def folds(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """A fold number for each example, each class spread evenly over the folds."""
    order = np.random.default_rng(seed).permutation(len(labels))
    result = np.empty(len(labels), dtype=np.int64)
    by_class = order[np.argsort(labels[order], kind="stable")]
    result[by_class] = np.arange(len(labels)) % count
    return result


def margins(scores: np.ndarray, out_of_scope: int | None) -> tuple[np.ndarray, np.ndarray]:
    """The best in-scope class of each row, and what its confidence is judged by.

    Two numbers per row: how far the best in-scope class is ahead of `out_of_scope` (0 without such a class),
    and how far ahead of the next in-scope class.
    """
    inside = scores.copy()
    if out_of_scope is not None:
        inside[:, out_of_scope] = -np.inf
    rows = np.arange(len(scores))
    best = inside.argmax(axis=1)
    top = inside[rows, best]
    inside[rows, best] = -np.inf
    runner_up = inside.max(axis=1) if scores.shape[1] - (out_of_scope is not None) > 1 else top
    outside = scores[:, out_of_scope] if out_of_scope is not None else top
    return best, np.stack([top - outside, top - runner_up], axis=1)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    result: np.ndarray = 1 / (1 + np.exp(-np.clip(values, -40, 40)))
    return result


@dataclass(frozen=True)
class Calibration:
    """Chance of being right = sigmoid(weights · margins + bias)."""

    weights: tuple[float, ...]
    bias: float

    @classmethod
    def fit(cls, evidence: np.ndarray, right: np.ndarray) -> Calibration:
        """Logistic fit by Newton's method; lightly penalised, so that it exists when all answers are right."""
        design = np.column_stack([evidence, np.ones(len(evidence))]).astype(np.float64)
        truth = right.astype(np.float64)
        solution = np.zeros(design.shape[1])
        for _ in range(_NEWTON_STEPS):
            chances = _sigmoid(design @ solution)
            slope = design.T @ (chances - truth) + _RIDGE * solution
            curvature = (design * (chances * (1 - chances))[:, None]).T @ design
            move = np.linalg.solve(curvature + _RIDGE * np.eye(len(solution)), slope)
            solution -= np.clip(move, -5, 5)
            if np.abs(move).max() < 1e-6:
                break
        # More margin never means less confidence: the ranking and the chance must not disagree.
        return cls(tuple(float(max(weight, 0.0)) for weight in solution[:-1]), float(solution[-1]))

    def chance(self, evidence: np.ndarray) -> np.ndarray:
        return _sigmoid(evidence @ np.asarray(self.weights) + self.bias)


def confidences(
    scores: np.ndarray, chance: float, best: int, out_of_scope: int | None
) -> tuple[list[int], list[float]]:
    """The classes of one message in the order of their scores, and a confidence for each.

    The best in-scope class gets `chance`, `out_of_scope` what is left, and each other class its share of the best
    one's; but none more than the one before it.
    """
    sure = chance * np.exp(np.clip(scores - scores[best], -40, 0))
    if out_of_scope is not None:
        sure[out_of_scope] = 1 - chance
        if scores[out_of_scope] >= scores[best]:
            # Where it is ahead by a hair, the chance of the other may still be above one half; the order is kept.
            sure[out_of_scope] = max(1 - chance, chance)
    order = np.argsort(-scores, kind="stable")
    return order.tolist(), np.minimum.accumulate(sure[order]).tolist()
