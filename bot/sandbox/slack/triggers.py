"""What an interaction hands out: a trigger for one view, a response URL for five answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.json_types import Clock
from bot.sandbox.slack.refusal import Refused

TRIGGER_LIFE = timedelta(seconds=3)
RESPONSE_URL_LIFE = timedelta(minutes=30)
MOST_RESPONSES = 5


@dataclass
class Trigger:
    id: str
    user: str
    made_at: datetime
    is_used: bool = False


class Triggers:
    """Each is good for 3 s and for one view."""

    def __init__(self, ids: Identifiers, clock: Clock) -> None:
        self._ids, self._clock = ids, clock
        self._made: dict[str, Trigger] = {}

    def make(self, user: str) -> str:
        trigger = Trigger(f"{self._ids.new('')}.{self._ids.new('')}", user, self._clock())
        self._made[trigger.id] = trigger
        return trigger.id

    def use(self, trigger: str) -> str:
        """The user whose interaction it was. Raises Refused when unknown, used or older than 3 s."""
        known = self._made.get(trigger)
        if known is None:
            raise Refused("invalid_trigger_id")
        if known.is_used:
            raise Refused("exchanged_trigger_id")
        if self._clock() - known.made_at > TRIGGER_LIFE:
            raise Refused("expired_trigger_id")
        known.is_used = True
        return known.user


@dataclass
class ResponseUrl:
    """Where an interaction can be answered: the message it came from, if any, may be replaced or deleted."""

    path: str
    channel: str
    user: str
    message_ts: str | None
    made_at: datetime
    uses: int = 0


class ResponseUrls:
    def __init__(self, ids: Identifiers, clock: Clock) -> None:
        self._ids, self._clock = ids, clock
        self._made: dict[str, ResponseUrl] = {}

    def make(self, kind: str, team: str, channel: str, user: str, message_ts: str | None) -> str:
        """`kind` is `actions` or `commands`, as in Slack's own addresses. Answers the path."""
        path = f"/{kind}/{team}/{self._ids.new('')}/{self._ids.new('')}"
        self._made[path] = ResponseUrl(path, channel, user, message_ts, self._clock())
        return path

    def use(self, path: str) -> ResponseUrl:
        """Counts one use. Raises Refused `used_url` after five, `expired_url` after 30 minutes."""
        known = self._made.get(path)
        if known is None or self._clock() - known.made_at > RESPONSE_URL_LIFE:
            raise Refused("expired_url")
        if known.uses >= MOST_RESPONSES:
            raise Refused("used_url")
        known.uses += 1
        return known
