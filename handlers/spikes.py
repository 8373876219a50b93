"""Whether a topic is asked about far more often than usual (R46). Pure functions over counts of chats per hour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from handlers.incident_rules import SpikeRules

NORMAL = 1.4826  # the median deviation of normal noise, in standard deviations


def is_spike(count: int, history: Sequence[int], rules: SpikeRules) -> bool:
    """`history`: the same hour of the weeks before, of those that there is a record of."""
    if len(history) < rules.least_weeks:
        return count >= rules.floor
    return count >= rules.minimum and count > limit(history, rules)


def limit(history: Sequence[int], rules: SpikeRules) -> float:
    """More than this is unusual: beyond the factor, and beyond what weeks differ by anyway.

    Median and median deviation, so that an outage or a holiday among the weeks does not count; where the weeks are all
    alike, the deviation is that of chance (Poisson).
    """
    usual = usually(history)
    deviation = NORMAL * median(abs(one - usual) for one in history)
    return max(rules.factor * usual, usual + rules.spread * max(deviation, math.sqrt(usual)))


def usually(history: Sequence[int]) -> float:
    return float(median(history)) if history else 0.0


def hour_of(now: datetime) -> datetime:
    """The beginning of the hour."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def same_hours_before(hour: datetime, weeks: int, zone: ZoneInfo) -> list[datetime]:
    """The same hour by the wall clock on the same weekday, latest first: an hour's habits go by the clock, also across
    its changes."""
    local = hour.astimezone(zone).replace(tzinfo=None)
    return [(local - timedelta(weeks=back)).replace(tzinfo=zone).astimezone(UTC) for back in range(1, weeks + 1)]
