"""Updates that wait for the bot: https://core.telegram.org/bots/api#getting-updates

An update waits until it is confirmed or until its life is over.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

from bot.sandbox.telegram.json_types import Clock, Json

DAY = timedelta(hours=24)
CALLBACK_LIFE = timedelta(seconds=150)
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KINDS = frozenset(
    {
        "message", "edited_message", "channel_post", "edited_channel_post", "business_connection", "business_message",
        "edited_business_message", "deleted_business_messages", "message_reaction", "message_reaction_count",
        "inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query",
        "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request",
        "chat_boost", "removed_chat_boost",
    }
)  # fmt: skip

Lane = tuple[str, int]
"""What is delivered in order: a chat's messages, a user's button presses, a chat's memberships."""


@dataclass(frozen=True)
class Update:
    id: int
    kind: str
    body: Json
    lane: Lane
    expires: datetime

    def json(self) -> Json:
        return {"update_id": self.id, self.kind: self.body}


@dataclass
class UpdateQueue:
    """`allowed` None: all but the kinds that must be asked for. `on_new` is called after each new update."""

    clock: Clock
    next_id: int
    allowed: frozenset[str] | None = None
    on_new: Callable[[], None] = lambda: None
    _waiting: dict[int, Update] = field(default_factory=dict)
    _lanes: dict[Lane, deque[Update]] = field(default_factory=dict)
    _soonest: datetime | None = None

    def __len__(self) -> int:
        self.expire()
        return len(self._waiting)

    def allow(self, names: object) -> None:
        """Remembers `allowed_updates`; None leaves all as it was, an empty list is the default again."""
        if isinstance(names, list):
            known = frozenset(str(name).lower() for name in names) & KINDS
            self.allowed = known or None

    def takes(self, kind: str) -> bool:
        return kind not in NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed

    def add(self, kind: str, body: Json, lane: Lane, life: timedelta = DAY) -> Update | None:
        """None when the bot did not ask for this kind: then it never learns of it."""
        if not self.takes(kind):
            return None
        update = Update(self.next_id, kind, body, lane, self.clock() + life)
        self.next_id += 1
        self._soonest = min(self._soonest or update.expires, update.expires)
        self._waiting[update.id] = update
        self._lanes.setdefault(lane, deque()).append(update)
        self.on_new()
        return update

    def take(self, offset: int, limit: int) -> list[Update]:
        """Confirms what is below `offset`, and gives the next. A negative one keeps only so many from the end.

        An offset beyond the next id is not believed: nothing is confirmed and all is given.
        """
        if offset < 0:
            self.forget(list(self._waiting)[:offset])
        elif 0 < offset <= self.next_id:
            self.forget([number for number in self._waiting if number < offset])
        self.expire()
        return list(islice(self._waiting.values(), limit))

    def heads(self) -> list[Update]:
        """The next update of each lane."""
        self.expire()
        return [lane[0] for lane in self._lanes.values()]

    def forget(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            update = self._waiting.pop(number, None)
            if update is None:
                continue
            lane = self._lanes[update.lane]
            lane.remove(update)
            if not lane:
                del self._lanes[update.lane]

    def expire(self) -> None:
        """Forgets whose life is over; looks through them only when there is one."""
        now = self.clock()
        if self._soonest is None or now <= self._soonest:
            return
        self.forget([update.id for update in self._waiting.values() if update.expires < now])
        self._soonest = min((update.expires for update in self._waiting.values()), default=None)

    def drop_all(self) -> None:
        self._waiting.clear()
        self._lanes.clear()
