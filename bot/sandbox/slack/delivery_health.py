"""When Slack stops delivering: too many events in an hour, or too many that failed.

https://docs.slack.dev/apis/events-api (rate limiting, failure limits)
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

HOUR = timedelta(minutes=60)
MOST_PER_HOUR = 30_000
EXEMPT_BELOW = 1_000
FAILED_SHARE = 0.95


class DeliveryHealth:
    """Counts deliveries of the last hour, retries included. A person has to `enable` a disabled subscription."""

    def __init__(self) -> None:
        self.is_disabled = False
        self.most_per_hour = MOST_PER_HOUR
        self.exempt_below = EXEMPT_BELOW
        self._done: deque[tuple[datetime, bool]] = deque()
        self._failed = 0
        self._limited_minute = 0

    def may_deliver(self, now: datetime) -> bool:
        self._forget(now)
        return not self.is_disabled and len(self._done) < self.most_per_hour

    def first_refusal_of_minute(self, now: datetime) -> int:
        """The minute (epoch seconds) to tell of in `app_rate_limited`, 0 when it has been told."""
        minute = int(now.timestamp()) // 60 * 60
        if self.is_disabled or minute == self._limited_minute:
            return 0
        self._limited_minute = minute
        return minute

    def count(self, now: datetime, *, was_taken: bool) -> None:
        self._done.append((now, was_taken))
        self._failed += not was_taken
        self._forget(now)
        if len(self._done) >= self.exempt_below and self._failed > FAILED_SHARE * len(self._done):
            self.is_disabled = True

    def enable(self) -> None:
        self.is_disabled = False
        self._done.clear()
        self._failed = 0

    def _forget(self, now: datetime) -> None:
        while self._done and self._done[0][0] <= now - HOUR:
            _, was_taken = self._done.popleft()
            self._failed -= not was_taken
