"""How fast Slack lets an app call: a method's tier per minute, and posts per channel."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from dataclasses import dataclass, field

from bot.sandbox.slack.json_types import Clock

MINUTE_SECONDS = 60
POSTS = frozenset({"chat.postMessage", "chat.meMessage"})
TIERS = {
    "apps.connections.open": 1,
    "chat.startStream": 20,
    "conversations.list": 20,
    "conversations.create": 20,
    "users.list": 20,
    "reactions.remove": 20,
    "chat.update": 50,
    "chat.delete": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "conversations.info": 50,
    "conversations.open": 50,
    "conversations.join": 50,
    "conversations.invite": 50,
    "reactions.add": 50,
    "team.info": 50,
    "files.list": 50,
}
OTHERS_PER_MINUTE = 100


@dataclass
class Pace:
    """Calls per method and minute (tiers are lower bounds: `apps.connections.open` is let through 20 times), posts
    about 1/s per channel after a short burst, some hundreds per minute in the workspace. The burst is our assumption.

    `is_kept` False lets everything pass; `per_minute` overrides a method's tier, as Slack did in 2025 with
    `conversations.history` for apps sold outside its Marketplace (1/min).
    """

    clock: Clock
    is_kept: bool = True
    post_burst: int = 20
    posts_per_channel_second: float = 1.0
    posts_per_minute: int = 600
    per_minute: dict[str, int] = field(default_factory=dict)
    _calls: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait(self, method: str, channel: str | None) -> int:
        """Seconds of `Retry-After`, 0 when the call may pass; a refused call does not count."""
        if not self.is_kept:
            return 0
        now = self.clock().timestamp()
        if method in POSTS:
            seconds = self._channel_wait(channel or "", now)
            return seconds or self._window_wait(method, self.posts_per_minute, now)
        tier = TIERS.get(method, OTHERS_PER_MINUTE)
        return self._window_wait(method, self.per_minute.get(method, max(20, tier)), now)

    def _window_wait(self, method: str, most: int, now: float) -> int:
        calls = self._calls[method]
        while calls and calls[0] <= now - MINUTE_SECONDS:
            calls.popleft()
        if len(calls) >= most:
            return max(1, math.ceil(calls[0] + MINUTE_SECONDS - now))
        calls.append(now)
        return 0

    def _channel_wait(self, channel: str, now: float) -> int:
        left, at = self._buckets.get(channel, (float(self.post_burst), now))
        left = min(self.post_burst, left + (now - at) * self.posts_per_channel_second)
        if left < 1:
            self._buckets[channel] = (left, now)
            return max(1, math.ceil((1 - left) / self.posts_per_channel_second))
        self._buckets[channel] = (left - 1, now)
        return 0
