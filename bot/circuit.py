"""A circuit breaker: who keeps failing is left alone for a while. Pure; the clock's reading is handed in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Circuit:
    """Opens after `failures_to_open` failures in a row, for `open_seconds`; then one trial decides.

    `now` is any clock that never goes back, in seconds (`time.monotonic()`).
    """

    failures_to_open: int = 5
    open_seconds: float = 10.0
    _failures: int = 0
    _blocked_until: float | None = None

    def allows(self, now: float) -> bool:
        """Whether a call may be made. When the pause is over, the first to ask gets the one trial."""
        if self._blocked_until is None:
            return True
        if now < self._blocked_until:
            return False
        # Everybody else waits for the trial's outcome, or for another pause if it never reports one.
        self._blocked_until = now + self.open_seconds
        return True

    def succeeded(self) -> None:
        self._failures = 0
        self._blocked_until = None

    def failed(self, now: float) -> None:
        self._failures += 1
        if self._failures >= self.failures_to_open:
            self._blocked_until = now + self.open_seconds
