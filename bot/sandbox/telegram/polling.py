"""`getUpdates`, with its long wait and its quarrels: one poller at a time.

https://core.telegram.org/bots/api#getupdates
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.telegram.json_types import Clock, Json
from bot.sandbox.telegram.refusal import Refused, conflict, restarting
from bot.sandbox.telegram.updates import UpdateQueue

LONGEST_WAIT = 50
MOST_BYTES = 1 << 22
SAME_AGAIN = timedelta(seconds=3)
SAME_AT_ONCE = timedelta(seconds=0.5)
NEXT_CONFLICT = timedelta(seconds=3)

OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_IS_SET = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
WEBHOOK_CAME = "terminated by setWebhook request"


@dataclass
class _Wait:
    offset: int
    limit: int
    until: datetime
    answer: asyncio.Future[list[Json]]


@dataclass
class _Held:
    due: datetime
    refusal: Refused
    answer: asyncio.Future[list[Json]]


@dataclass
class Polling:
    """Waits end by a new update, or when `tick()` finds their time over on the clock."""

    clock: Clock
    updates: UpdateQueue
    _wait: _Wait | None = None
    _held: list[_Held] = field(default_factory=list)
    _last_offset: int | None = None
    _last_at: datetime | None = None
    _next_conflict: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether a poller is connected and waits."""
        return self._wait is not None

    async def ask(self, offset: int, limit: int, seconds: int) -> list[Json]:
        """Who asks again with the same offset is slowed down: within 0.5 s one update, within 3 s a wait of 3 s."""
        now = self.clock()
        if offset == self._last_offset and self._last_at is not None:
            seconds = max(seconds, 3) if now < self._last_at + SAME_AGAIN else seconds
            limit = 1 if now < self._last_at + SAME_AT_ONCE else limit
        self._last_offset, self._last_at = offset, now
        found = self._take(offset, limit)
        if found or seconds == 0:
            return found
        self.interrupt(conflict(OTHER_POLLER))
        answer: asyncio.Future[list[Json]] = asyncio.get_running_loop().create_future()
        self._wait = _Wait(offset, limit, now + timedelta(seconds=seconds), answer)
        return await answer

    def wake(self) -> None:
        """A new update is there."""
        wait = self._wait
        if wait is None:
            return
        found = self._take(wait.offset, wait.limit)
        if found:
            self._end(found)

    def tick(self) -> None:
        now = self.clock()
        if self._wait is not None and now >= self._wait.until:
            self._end(self._take(self._wait.offset, self._wait.limit))
        due = [held for held in self._held if held.due <= now]
        self._held = [held for held in self._held if held.due > now]
        for held in due:
            _refuse(held.answer, held.refusal)

    async def refuse(self, refusal: Refused) -> list[Json]:
        """A conflict for the caller itself: at once, or after 3 s when there was one less than 3 s ago."""
        answer: asyncio.Future[list[Json]] = asyncio.get_running_loop().create_future()
        self._quarrel(answer, refusal)
        return await answer

    def interrupt(self, refusal: Refused) -> None:
        """Ends the wait of the poller that is there, if one is."""
        if self._wait is not None:
            answer, self._wait = self._wait.answer, None
            self._quarrel(answer, refusal)

    def close(self) -> None:
        """Nobody waits any longer."""
        for answer in [held.answer for held in self._held] + ([self._wait.answer] if self._wait else []):
            _refuse(answer, restarting())
        self._held, self._wait = [], None

    def _quarrel(self, answer: asyncio.Future[list[Json]], refusal: Refused) -> None:
        now = self.clock()
        if self._next_conflict is None or now >= self._next_conflict:
            _refuse(answer, refusal)
            self._next_conflict = now + NEXT_CONFLICT
        else:
            self._held.append(_Held(now + NEXT_CONFLICT, refusal, answer))

    def _end(self, found: list[Json]) -> None:
        if self._wait is not None and not self._wait.answer.done():
            self._wait.answer.set_result(found)
        self._wait = None

    def _take(self, offset: int, limit: int) -> list[Json]:
        """As many as fit into one answer of 4 MiB."""
        fitting: list[Json] = []
        room = MOST_BYTES
        for update in self.updates.take(offset, limit):
            told = update.json()
            room -= 50 + len(json.dumps(told, ensure_ascii=False).encode())
            if room <= 0:
                break
            fitting.append(told)
        return fitting


def _refuse(answer: asyncio.Future[list[Json]], refusal: Refused) -> None:
    if not answer.done():
        answer.set_exception(refusal)
