"""Multinomial logistic regression, solved in the span of the examples.

The optimum W of the penalised problem is a combination of the examples, W = XᵀA, so A is sought instead and only
products with the Gram matrix K = XXᵀ are needed. With K at hand one iteration is one dense float32 product, the line
search costs no product at all, and the folds of a cross-validation are sub-matrices of the same K. That is what makes
out-of-fold scores affordable each time an admin adds an example.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

Product = Callable[[np.ndarray], np.ndarray]

DENSE_GRAM_LIMIT = 9_000  # examples; 324 MB of float32. Above it, X(Xᵀ·) is used: slower, same optimum.
_MEMORY = 12  # pairs of steps L-BFGS remembers
_LINE_STEPS = 6


@dataclass(frozen=True)
class Stop:
    """When to stop: after `iterations`, or when the gradient has shrunk to `tolerance` of what it was at zero."""

    iterations: int = 80
    tolerance: float = 2e-3


def gram(features: sparse.csr_matrix) -> np.ndarray:
    """K = XXᵀ in float32, plus one: a constant feature that serves as the intercept."""
    dense: np.ndarray = (features @ features.T).toarray().astype(np.float32, copy=False)
    dense += 1
    return dense


def product_with(features: sparse.csr_matrix) -> Product:
    """v → (XXᵀ + 1)v without ever building XXᵀ."""
    transposed = features.T.tocsr()

    def product(vector: np.ndarray) -> np.ndarray:
        result: np.ndarray = features @ (transposed @ vector) + vector.sum(axis=0)
        return result

    return product


def balanced_weights(labels: np.ndarray, classes: int) -> np.ndarray:
    """Each class weighs the same in sum, however many examples it has."""
    counts = np.bincount(labels, minlength=classes)
    present = (counts > 0).sum()
    weights: np.ndarray = (len(labels) / (present * np.maximum(counts, 1)))[labels].astype(np.float32)
    return weights


def softmax(scores: np.ndarray) -> np.ndarray:
    """Row-wise; never overflows, and never so small that the processor slows down on denormal numbers."""
    shifted = np.exp(np.maximum(scores - scores.max(axis=1, keepdims=True), -50))
    result: np.ndarray = shifted / shifted.sum(axis=1, keepdims=True)
    return result


def _dot(left: np.ndarray, right: np.ndarray) -> float:
    return float(np.vdot(left, right))


@dataclass(frozen=True)
class _Point:
    """Coefficients in the span of the examples, with their product with K."""

    span: np.ndarray
    image: np.ndarray

    def plus(self, factor: float, other: _Point) -> _Point:
        step = np.float32(factor)
        return _Point(self.span + step * other.span, self.image + step * other.image)

    def times(self, factor: float) -> _Point:
        return _Point(np.float32(factor) * self.span, np.float32(factor) * self.image)

    def inner(self, other: _Point) -> float:
        """The inner product of the two weight matrices XᵀA."""
        return _dot(self.span, other.image)


class _History:
    """The last steps and gradient changes, from which L-BFGS guesses the curvature."""

    def __init__(self) -> None:
        self._pairs: deque[tuple[_Point, _Point, float]] = deque(maxlen=_MEMORY)

    def add(self, step: _Point, change: _Point) -> None:
        curvature = step.inner(change)
        if curvature > 0:
            self._pairs.append((step, change, curvature))

    def direction(self, gradient: _Point) -> _Point:
        current = gradient
        factors = []
        for step, change, curvature in reversed(self._pairs):
            factor = step.inner(current) / curvature
            factors.append(factor)
            current = current.plus(-factor, change)
        if self._pairs:
            _, change, curvature = self._pairs[-1]
            current = current.times(curvature / change.inner(change))
        for (step, change, curvature), factor in zip(self._pairs, reversed(factors), strict=True):
            current = current.plus(factor - change.inner(current) / curvature, step)
        return current.times(-1)


class _Problem:
    """The loss: C·Σ wᵢ·cross-entropy + ½|W|²."""

    def __init__(self, labels: np.ndarray, classes: int, weights: np.ndarray, c: float) -> None:
        self.targets = np.zeros((len(labels), classes), dtype=np.float32)
        self.targets[np.arange(len(labels)), labels] = 1
        self.weights = (np.float32(c) * weights).astype(np.float32)[:, None]

    def residual(self, scores: np.ndarray) -> np.ndarray:
        result: np.ndarray = self.weights * (softmax(scores) - self.targets)
        return result

    def step_length(self, at: _Point, along: _Point) -> float:
        """The lowest point on the line, near enough; its derivatives need no further product with K.

        Newton's method kept inside a bracket: the loss is convex along the line and falls at its beginning, so where
        its slope is still negative the lowest point is further on, and where it is positive it is nearer.
        """
        linear, square = at.inner(along), along.inner(along)
        low, high, length = 0.0, np.inf, 1.0
        for _ in range(_LINE_STEPS):
            chances = softmax(at.image + np.float32(length) * along.image)
            slope = _dot(self.weights * (chances - self.targets), along.image) + linear + length * square
            if slope < 0:
                low = length
            else:
                high = length
            mean = (chances * along.image).sum(axis=1, keepdims=True)
            spread = _dot(self.weights * chances, (along.image - mean) ** 2) + square
            better = length - slope / spread if spread > 0 else np.inf
            # Outside the bracket Newton is not to be trusted; nor is a leap to more than four times as far.
            better = min(better, 4 * length)
            if not low < better < high:
                better = (low + high) / 2 if np.isfinite(high) else 4 * length
            if abs(better - length) < 0.05 * length:
                return float(better)
            length = better
        return float(length)


def solve(
    product: Product,
    labels: np.ndarray,
    classes: int,
    weights: np.ndarray,
    c: float,
    stop: Stop,
) -> np.ndarray:
    """Coefficients A (examples x classes)."""
    problem = _Problem(labels, classes, weights, c)
    zero = np.zeros((len(labels), classes), dtype=np.float32)
    point = _Point(zero, zero)
    reference = problem.residual(zero)
    limit = stop.tolerance**2 * _dot(reference, product(reference))
    history = _History()
    previous: tuple[_Point, _Point] | None = None
    for _ in range(stop.iterations):
        residual = problem.residual(point.image)
        gradient = _Point(residual + point.span, product(residual) + point.image)
        if gradient.inner(gradient) <= limit:
            break
        if previous is not None:
            step, old = previous
            history.add(step, gradient.plus(-1, old))
        direction = history.direction(gradient)
        step = direction.times(problem.step_length(point, direction))
        point = point.plus(1, step)
        previous = (step, gradient)
    return point.span
