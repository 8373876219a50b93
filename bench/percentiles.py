"""p50, p95, p99 of what was measured."""

from __future__ import annotations

import math
from collections.abc import Collection


def percentile(values: Collection[float], percent: float) -> float:
    """The smallest value that is not below `percent` of all (nearest rank); NaN where nothing was measured."""
    ordered = sorted(values)
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]
