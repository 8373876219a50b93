"""Ids and timestamps. An id's first letter tells its kind and nothing about privacy."""

from __future__ import annotations

from collections import defaultdict
from itertools import count

from bot.sandbox.slack.json_types import Clock

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MICROSECONDS = 1_000_000


class Identifiers:
    """Hands out ids that are unique in this workspace, the same ones in each run."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._number = count(1)
        self._last: dict[str, int] = defaultdict(int)

    def new(self, prefix: str) -> str:
        number, letters = next(self._number), ""
        while number:
            number, digit = divmod(number, len(ALPHABET))
            letters = ALPHABET[digit] + letters
        return f"{prefix}0{letters:0>9}"

    def ts(self, channel: str) -> str:
        """A message's timestamp: text, unique and increasing within its channel, not between channels."""
        now = int(self._clock().timestamp() * MICROSECONDS)
        self._last[channel] = max(now, self._last[channel] + 1)
        return as_ts(self._last[channel])

    def renamed(self, old: str, new: str) -> None:
        """The channel's messages go on from where they were."""
        self._last[new] = self._last[old]


def as_ts(microseconds: int) -> str:
    seconds, rest = divmod(microseconds, MICROSECONDS)
    return f"{seconds}.{rest:06}"
