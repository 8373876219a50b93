"""A run's progress on the terminal: one line that changes; where there is no terminal, a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

SELDOM_SECONDS = 20.0


class ProgressLine:
    """Written to stderr, so that stdout has the results only."""

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._told_at = -SELDOM_SECONDS

    def of(self, name: str) -> Callable[[str], None]:
        """For one of several runs."""
        return lambda words: self(f"{name}: {words}")

    def __call__(self, words: str) -> None:
        if self._is_terminal:
            print(f"\r\x1b[K{words[:110]}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._told_at >= SELDOM_SECONDS:
            self._told_at = time.monotonic()
            print(words, file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._is_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
