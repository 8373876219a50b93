"""What a person sees in a Slack conversation, computed from the stand-in's messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.sandbox.emoji import glyph
from bot.sandbox.moments import clock_time, day_label
from bot.sandbox.mrkdwn_html import unescape
from bot.sandbox.read_marks import ReadMarks
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.screen import visible
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.slack_blocks import Part, parts_of, text_part
from bot.sandbox.slack_reader import Reader

CONNECTED_SECONDS = 300
"""Messages of one person that follow each other so soon stand under one name."""
EVENTS = frozenset({"channel_join", "channel_leave", "channel_name", "group_name", "assistant_app_thread"})

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
MOST_PICTURE_BYTES = 500_000


@dataclass(frozen=True)
class Reaction:
    name: str
    glyph: str
    count: int
    is_mine: bool


@dataclass(frozen=True)
class FileChip:
    """`picture`: the id of a file that can be shown."""

    name: str
    picture: str = ""


@dataclass(frozen=True)
class Thread:
    """What stands under a message that was answered: how often, by whom, when last, and whether something is new."""

    replies: int
    writers: tuple[str, ...]
    latest: str
    is_new: bool


@dataclass(frozen=True)
class Post:
    """`heading` False: it stands under the name of the one before. `written` is its text as one would edit it."""

    ts: str
    thread_ts: str
    author: str
    is_bot: bool
    is_mine: bool
    is_event: bool
    is_edited: bool
    is_gone: bool
    is_only_for_you: bool
    heading: bool
    time: str
    day: str
    parts: tuple[Part, ...]
    files: tuple[FileChip, ...]
    reactions: tuple[Reaction, ...]
    thread: Thread | None
    written: str


@dataclass(frozen=True)
class Look:
    """Who looks, what of the threads they have read, and what they see no longer though it is there."""

    space: Workspace
    viewer: Person
    reader: Reader
    marks: ReadMarks
    dismissed: frozenset[tuple[str, str]] = frozenset()

    def sees(self, channel: Channel) -> list[Message]:
        seen = visible(self.space, channel.id, self.viewer.id)
        return [message for message in seen if (channel.id, message.ts) not in self.dismissed]


def posts(look: Look, channel: Channel) -> list[Post]:
    """A channel, oldest first: of a thread only what begins it and what was also sent to the channel."""
    seen = look.sees(channel)
    known = {message.ts for message in seen}
    shown = [one for one in seen if not one.is_reply or one.subtype == "thread_broadcast" or one.thread_ts not in known]
    replies: dict[str, list[Message]] = {}
    for message in seen:
        if message.is_reply and message.only_for is None:
            replies.setdefault(str(message.thread_ts), []).append(message)
    return _in_a_row(shown, look, {ts: _thread(ts, said, look) for ts, said in replies.items()})


def thread_posts(look: Look, channel: Channel, ts: str) -> list[Post]:
    """What begins the thread, and the replies; nothing once the first is gone."""
    seen = [one for one in look.sees(channel) if ts in {one.ts, one.thread_ts}]
    return _in_a_row(seen, look, {}) if seen and seen[0].ts == ts else []


def find(space: Workspace, channel: Channel, viewer: Person, ts: str) -> Message:
    """A message this person sees, ephemeral ones too. Raises LookupError."""
    for message in visible(space, channel.id, viewer.id):
        if message.ts == ts:
            return message
    raise LookupError(ts)


def said_to(space: Workspace, channel: Channel, viewer: Person, thread: str = "") -> int:
    """How many messages of others this person sees there, or in one thread of it."""
    seen = visible(space, channel.id, viewer.id)
    return sum(one.author != viewer.id and (not thread or (one.is_reply and one.thread_ts == thread)) for one in seen)


def _thread(ts: str, said: Sequence[Message], look: Look) -> Thread:
    writers = dict.fromkeys(one.author for one in said)
    latest = _at(said[-1])
    today = look.reader.now.astimezone(look.reader.zone).date()
    day = latest.astimezone(look.reader.zone).date()
    time = clock_time(latest, look.reader.zone)
    of_others = sum(one.author != look.viewer.id for one in said)
    return Thread(
        replies=len(said),
        writers=tuple(look.reader.name(one) for one in writers),
        latest=time if day == today else f"{day_label(day, today, look.reader.texts)}, {time}",
        is_new=look.marks.unread(look.viewer.id, (said[-1].channel, ts), of_others) > 0,
    )


def _in_a_row(messages: Sequence[Message], look: Look, threads: Mapping[str, Thread]) -> list[Post]:
    before: Message | None = None
    row: list[Post] = []
    for message in messages:
        row.append(_post(message, before, threads.get(message.ts), look))
        before = message
    return row


def _post(message: Message, before: Message | None, thread: Thread | None, look: Look) -> Post:
    space, reader = look.space, look.reader
    author = space.users.get(message.author)
    is_gone = message.subtype == "tombstone"
    return Post(
        ts=message.ts,
        thread_ts=message.thread_ts or message.ts,
        author="" if is_gone else author.name if author else space.app.name,
        is_bot="bot_id" in message.body,
        is_mine=message.author == look.viewer.id and not is_gone,
        is_event=message.subtype in EVENTS,
        is_edited=message.edited is not None,
        is_gone=is_gone,
        is_only_for_you=message.only_for is not None,
        heading=before is None or not _continues(message, before, reader.zone),
        time=clock_time(_at(message), reader.zone),
        day=_day(message, before, reader),
        parts=() if is_gone else _parts(message, look),
        files=tuple(_file(one, look) for one in message.body.get("files") or []),
        reactions=tuple(
            Reaction(name, glyph(name), len(users), look.viewer.id in users)
            for name, users in message.reactions.items()
        ),
        thread=thread,
        written=unescape(message.text.replace(f"<@{space.app.bot_user}>", f"@{space.app.name}")),
    )


def _parts(message: Message, look: Look) -> tuple[Part, ...]:
    """People's own blocks say the same as their text; of an app's message the blocks are what is shown."""
    blocks = message.body.get("blocks") or []
    if blocks and ("bot_id" in message.body or not message.text):
        return parts_of(blocks, look.reader, message.typed.get(look.viewer.id))
    return (text_part(message.text, look.reader),) if message.text else ()


def _file(file: dict[str, object], look: Look) -> FileChip:
    """In shared channels a message only hints at its file."""
    known = look.space.files.find(str(file.get("id", "")))
    if known is None:
        return FileChip(str(file.get("name", look.reader.texts("demo.file.document"))))
    is_picture = known.mimetype in PICTURES and 0 < len(known.content or b"") <= MOST_PICTURE_BYTES
    return FileChip(known.title or known.name, known.id if is_picture else "")


def _continues(message: Message, before: Message, zone: ZoneInfo) -> bool:
    return (
        message.author == before.author
        and "bot_id" not in message.body  # an app's posts are too long to run into each other
        and message.is_reply == before.is_reply
        and (message.is_reply or message.thread_ts is None)
        and message.only_for == before.only_for
        and {message.subtype, before.subtype}.isdisjoint(EVENTS | {"tombstone"})
        and _at(message).astimezone(zone).date() == _at(before).astimezone(zone).date()
        and float(message.ts) - float(before.ts) < CONNECTED_SECONDS
    )


def _day(message: Message, before: Message | None, reader: Reader) -> str:
    day = _at(message).astimezone(reader.zone).date()
    if before is not None and _at(before).astimezone(reader.zone).date() == day:
        return ""
    return day_label(day, reader.now.astimezone(reader.zone).date(), reader.texts)


def _at(message: Message) -> datetime:
    return datetime.fromtimestamp(float(message.ts), UTC)
