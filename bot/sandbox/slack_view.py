"""What a person sees in a Slack conversation, computed from the stand-in's messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from bot.sandbox.emoji import glyph
from bot.sandbox.moments import clock_time, day_label
from bot.sandbox.mrkdwn_html import unescape
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.screen import visible
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.slack_blocks import Part, parts_of, text_part
from handlers.texts import Texts

CONNECTED_SECONDS = 300
"""Messages of one person that follow each other so soon stand under one name."""
EVENTS = frozenset({"channel_join", "channel_leave", "assistant_app_thread"})


@dataclass(frozen=True)
class Reaction:
    name: str
    glyph: str
    count: int
    is_mine: bool


@dataclass(frozen=True)
class Post:
    """`heading` False: it stands under the name of the one before. `written` is its text as one would edit it."""

    ts: str
    author: str
    is_bot: bool
    is_mine: bool
    is_reply: bool
    is_event: bool
    is_edited: bool
    is_gone: bool
    is_only_for_you: bool
    heading: bool
    time: str
    day: str
    parts: tuple[Part, ...]
    files: tuple[str, ...]
    reactions: tuple[Reaction, ...]
    written: str


@dataclass(frozen=True)
class _Around:
    """What the posts of one look share."""

    space: Workspace
    viewer: str
    texts: Texts
    now: datetime
    zone: ZoneInfo


def posts(
    space: Workspace, channel: Channel, viewer: Person, texts: Texts, now: datetime, zone: ZoneInfo
) -> list[Post]:
    """Oldest first, replies under the message they belong to."""
    around = _Around(space, viewer.id, texts, now, zone)
    views: list[Post] = []
    before: Message | None = None
    for message in _threaded(visible(space, channel.id, viewer.id)):
        views.append(_post(message, before, around))
        before = message
    return views


def find(space: Workspace, channel: Channel, viewer: Person, ts: str) -> Message:
    """A message this person sees, ephemeral ones too. Raises LookupError."""
    for message in visible(space, channel.id, viewer.id):
        if message.ts == ts:
            return message
    raise LookupError(ts)


def said_to(space: Workspace, channel: Channel, viewer: Person) -> int:
    """How many messages of others this person sees there."""
    return sum(message.author != viewer.id for message in visible(space, channel.id, viewer.id))


def names_in(space: Workspace) -> Callable[[str], str]:
    """The name of a user or channel by its id, the id itself where nobody has it."""

    def name(one: str) -> str:
        if one in space.users:
            return space.users[one].name
        return space.channels[one].name if one in space.channels else one

    return name


def _threaded(messages: Sequence[Message]) -> list[Message]:
    starts = {message.ts for message in messages if not message.is_reply}

    def place(message: Message) -> tuple[str, str]:
        """A reply whose parent is gone stands by itself."""
        is_under = message.is_reply and message.thread_ts in starts
        return (message.thread_ts or "" if is_under else message.ts, message.ts)

    return sorted(messages, key=place)


def _post(message: Message, before: Message | None, around: _Around) -> Post:
    author = around.space.users.get(message.author)
    is_gone = message.subtype == "tombstone"
    at = _at(message)
    return Post(
        ts=message.ts,
        author="" if is_gone else author.name if author else around.space.app.name,
        is_bot="bot_id" in message.body,
        is_mine=message.author == around.viewer and not is_gone,
        is_reply=message.is_reply,
        is_event=message.subtype in EVENTS,
        is_edited=message.edited is not None,
        is_gone=is_gone,
        is_only_for_you=message.only_for is not None,
        heading=before is None or not _continues(message, before, around.zone),
        time=clock_time(at, around.zone),
        day=_day(message, before, around),
        parts=() if is_gone else _parts(message, around.space),
        files=tuple(_file_name(one, around) for one in message.body.get("files") or []),
        reactions=tuple(
            Reaction(name, glyph(name), len(users), around.viewer in users) for name, users in message.reactions.items()
        ),
        written=unescape(message.text.replace(f"<@{around.space.app.bot_user}>", f"@{around.space.app.name}")),
    )


def _parts(message: Message, space: Workspace) -> tuple[Part, ...]:
    """People's own blocks say the same as their text; of an app's message the blocks are what is shown."""
    name = names_in(space)
    blocks = message.body.get("blocks") or []
    if blocks and ("bot_id" in message.body or not message.text):
        return parts_of(blocks, name)
    return (text_part(message.text, name),) if message.text else ()


def _file_name(file: dict[str, object], around: _Around) -> str:
    """In shared channels a message only hints at its file."""
    known = around.space.files.find(str(file.get("id", "")))
    return known.title or known.name if known else str(file.get("name", around.texts("demo.file.document")))


def _continues(message: Message, before: Message, zone: ZoneInfo) -> bool:
    return (
        message.author == before.author
        and "bot_id" not in message.body  # an app's posts are too long to run into each other
        and message.is_reply == before.is_reply
        and (message.thread_ts == before.thread_ts if message.is_reply else message.thread_ts is None)
        and message.only_for == before.only_for
        and {message.subtype, before.subtype}.isdisjoint(EVENTS | {"tombstone"})
        and _at(message).astimezone(zone).date() == _at(before).astimezone(zone).date()
        and float(message.ts) - float(before.ts) < CONNECTED_SECONDS
    )


def _day(message: Message, before: Message | None, around: _Around) -> str:
    """Replies stand under their parent whatever the day, so only what begins a thread tells it."""
    day = _at(message).astimezone(around.zone).date()
    day_before: date | None = _at(before).astimezone(around.zone).date() if before else None
    if day == day_before or message.is_reply:
        return ""
    return day_label(day, around.now.astimezone(around.zone).date(), around.texts)


def _at(message: Message) -> datetime:
    return datetime.fromtimestamp(float(message.ts), UTC)
