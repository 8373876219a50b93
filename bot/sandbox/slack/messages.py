"""What has been said. A message keeps who wrote it, and whether it is seen by one person only."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from itertools import takewhile

from bot.sandbox.slack.fields import Typed
from bot.sandbox.slack.json_types import Json


@dataclass
class Message:
    """`body` is everything that is the same in events, answers and history: user, text, blocks, files, bot_id …
    `typed`: by user, what they have chosen in it without its being redrawn."""

    channel: str
    ts: str
    body: Json
    thread_ts: str | None = None
    subtype: str | None = None
    metadata: Json | None = None
    edited: Json | None = None
    only_for: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    is_removed: bool = False
    typed: dict[str, Typed] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return str(self.body.get("text") or "")

    @property
    def author(self) -> str:
        return str(self.body.get("user", ""))

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    def wire(self, *, with_metadata: bool = False, with_thread: Json | None = None) -> Json:
        """As it stands in an answer or an event. `metadata` without being asked for is only hinted at."""
        told: Json = {"type": "message", **deepcopy(self.body), "ts": self.ts}
        if self.subtype:
            told["subtype"] = self.subtype
        if self.thread_ts:
            told["thread_ts"] = self.thread_ts
        if self.edited:
            told["edited"] = dict(self.edited)
        if self.metadata:
            event_type = {"event_type": self.metadata["event_type"]}
            told["metadata"] = deepcopy(self.metadata) if with_metadata else event_type
        if self.reactions:
            told["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)} for name, users in self.reactions.items()
            ]
        return told | (with_thread or {})


class Conversations:
    """The messages of all channels, each in the order of `ts`."""

    def __init__(self) -> None:
        self._by_channel: dict[str, dict[str, Message]] = {}

    def add(self, message: Message) -> Message:
        self._by_channel.setdefault(message.channel, {})[message.ts] = message
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        """None also for what was removed and for ephemeral ones, which no method can reach."""
        message = self._by_channel.get(channel, {}).get(ts)
        return None if message is None or message.is_removed or message.only_for else message

    def of(self, channel: str) -> list[Message]:
        """Everything ever said, removed and ephemeral ones included, oldest first."""
        return sorted(self._by_channel.get(channel, {}).values(), key=lambda message: message.ts)

    def after(self, channel: str, ts: str) -> list[Message]:
        """As `of`, only what was said later than `ts`: a long channel is not read from its beginning for it."""
        newest = takewhile(lambda message: message.ts > ts, reversed(self._by_channel.get(channel, {}).values()))
        return sorted(newest, key=lambda message: message.ts)

    def ephemeral(self) -> list[Message]:
        """Whatever only one person sees, in all channels."""
        return [one for said in self._by_channel.values() for one in said.values() if one.only_for]

    def standing(self, channel: str) -> list[Message]:
        """What `conversations.history` can tell of, replies included."""
        return [message for message in self.of(channel) if not message.is_removed and not message.only_for]

    def replies(self, channel: str, ts: str) -> list[Message]:
        return [one for one in self.standing(channel) if one.is_reply and one.thread_ts == ts]

    def move(self, old: str, new: str) -> None:
        """A channel has got another id."""
        for message in self._by_channel.get(old, {}).values():
            message.channel = new
        self._by_channel[new] = self._by_channel.pop(old, {})
