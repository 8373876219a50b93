"""When codes are not looked at, because too many were wrong: pure rules.

With five guesses an hour at some 10^11 codes of which a few are valid, each for ten minutes, nobody finds one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

MOST_WRONG = 5
MOST_WRONG_BY_ALL = 300
WITHIN = timedelta(hours=1)
PAUSE = timedelta(hours=1)


def paused_until(wrong: Sequence[datetime], now: datetime) -> datetime | None:
    """Until when no code of somebody is looked at whose latest wrong codes, newest first, were these; None: it is.

    While it lasts nothing is counted, so that it ends.
    """
    if len(wrong) < MOST_WRONG or wrong[0] - wrong[MOST_WRONG - 1] >= WITHIN:
        return None
    until = wrong[0] + PAUSE
    return until if until > now else None


def are_too_many(wrong_by_all: int) -> bool:
    """Whether so many were wrong within `WITHIN`, by everybody together, that somebody guesses with many accounts."""
    return wrong_by_all >= MOST_WRONG_BY_ALL
