"""How fast a bot may post: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this

About 1 message/s to a chat with short bursts, 20 a minute to a group, 30/s altogether; over it 429.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.telegram.chats import Chat, Kind
from bot.sandbox.telegram.json_types import Clock
from bot.sandbox.telegram.refusal import too_many

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@dataclass
class Pace:
    """Limits in messages; `burst` is how many a chat takes at once after a pause."""

    clock: Clock
    is_kept: bool = True
    burst: int = 5
    per_group_minute: int = 20
    per_second: int = 30
    _all: deque[datetime] = field(default_factory=deque)
    _groups: dict[int, deque[datetime]] = field(default_factory=dict)
    _chats: dict[int, datetime] = field(default_factory=dict)

    def check(self, chat: Chat, count: int = 1) -> None:
        """Counts `count` messages to the chat, or raises 429 with the seconds to wait and counts none."""
        if not self.is_kept:
            return
        now = self.clock()
        group = self._groups.setdefault(chat.id, deque()) if chat.kind is not Kind.PRIVATE else None
        wait = max(
            _wait(self._all, SECOND, self.per_second, count, now),
            _wait(group, MINUTE, self.per_group_minute, count, now) if group is not None else 0.0,
            self._chat_wait(chat, count, now),
        )
        if wait > 0:
            raise too_many(max(1, math.ceil(wait)))
        self._all.extend([now] * count)
        if group is not None:
            group.extend([now] * count)
        self._chats[chat.id] = max(self._chats.get(chat.id, now), now) + SECOND * count

    def _chat_wait(self, chat: Chat, count: int, now: datetime) -> float:
        """`_chats` holds when the chat will be at rest again; it may lie as far ahead as a burst needs."""
        at_rest = max(self._chats.get(chat.id, now), now)
        room = max(self.burst, count)
        return (at_rest + SECOND * count - now - SECOND * room).total_seconds()


def _wait(times: deque[datetime], window: timedelta, most: int, count: int, now: datetime) -> float:
    while times and times[0] <= now - window:
        times.popleft()
    too_full = len(times) + count - most
    if too_full <= 0 or not times:
        return 0.0
    return (times[min(too_full, len(times)) - 1] + window - now).total_seconds()
