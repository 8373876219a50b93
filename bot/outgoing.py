"""What a row of the outbox still asks of the provider: one call at a time, each recorded before the next.

A message goes out in as many parts as the provider needs. Changing it edits the parts that are there; where its text
has more parts by now, the rest is sent, where it has fewer, the surplus is taken away. Its files stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.channels.base import Address, Channel
from handlers.messages import Reply
from storage.conversations import Conversation
from storage.outbox import Delivery, OutboxMessage, OutKind

NOTHING = Reply("")


class Deed(StrEnum):
    """`EDIT` and `DELETE` may be done again at will, `SEND` may not."""

    SEND = "send"
    EDIT = "edit"
    DELETE = "delete"


@dataclass(frozen=True)
class Step:
    """One call. `provider_id`: of what is changed or taken away. `part`: which of the parts it is about, from 0."""

    deed: Deed
    reply: Reply = NOTHING
    provider_id: str = ""
    part: int = 0


@dataclass(frozen=True)
class Original:
    """Under which ids a message stands at the provider, and the row that keeps them. `is_whole`: all of it was sent."""

    row: OutboxMessage
    texts: tuple[str, ...]
    files: tuple[str, ...]
    is_whole: bool

    @property
    def ids(self) -> tuple[str, ...]:
        return (*self.texts, *self.files)


@dataclass(frozen=True)
class Outgoing:
    """One call to the provider, read off so that no transaction is open while it is made.

    `key` is the same in every attempt; `done` are the ids this row has done with already. `original`: what a change
    is made to. `is_last`: nothing is left after it. `look_since`: its fate is unknown, look for it after that time.
    """

    channel: Channel
    conversation_id: int
    message_id: int
    author: str
    kind: OutKind
    to: Address
    parts: tuple[Reply, ...]
    step: Step
    key: str
    correlation_id: str
    done: tuple[str, ...]
    original: Original | None
    look_since: datetime | None

    def after(self, provider_id: str) -> After:
        """How things stand once the call has succeeded; `provider_id` is what it was about."""
        original = self.original and _changed(self.original, self.step, provider_id)
        done = self.done if self.step.deed is Deed.DELETE else (*self.done, provider_id)
        return After(done, original, next_step(self.kind, self.parts, done, original) is None)


@dataclass(frozen=True)
class After:
    """What is to be recorded after a call."""

    done: tuple[str, ...]
    original: Original | None
    is_last: bool


def original_of(rows: Sequence[OutboxMessage], channel: Channel) -> Original | None:
    """`rows` are a message's, oldest first. None where nothing of it ever reached the provider, as far as we know."""
    row = next((row for row in reversed(rows) if row.kind == OutKind.SAY and row.provider_ids), None)
    if row is None:
        return None
    ids, is_whole = tuple(row.provider_ids), row.status == Delivery.SENT
    parts = channel.split(Reply.from_payload(row.payload))
    texts = len(_texts(parts))
    if is_whole:
        # Files come last and all are there; of texts there may be more or fewer, where it was changed before.
        texts = len(ids) - (len(parts) - texts)
    return Original(row, ids[:texts], ids[texts:], is_whole)


def _texts(parts: Sequence[Reply]) -> tuple[Reply, ...]:
    return tuple(part for part in parts if part.text.strip() or not part.files)


def outgoing(
    row: OutboxMessage, conversation: Conversation, channel: Channel, original: Original | None
) -> Outgoing | None:
    """None: nothing is left to be done."""
    kind, reply = OutKind(row.kind), Reply.from_payload(row.payload)
    parts = channel.split(reply) if kind is OutKind.SAY else _texts(channel.split(replace(reply, files=())))
    done = tuple(row.provider_ids)
    step = next_step(kind, parts, done, original)
    if step is None:
        return None
    return Outgoing(
        channel=channel,
        conversation_id=conversation.id,
        message_id=row.message_id,
        author=row.author,
        kind=kind,
        to=Address(conversation.chat_id, row.thread),
        parts=parts,
        step=step,
        key=row.dedupe if len(parts) == 1 else f"{row.dedupe}#{step.part + 1}",
        correlation_id=row.correlation_id,
        done=done,
        original=original,
        look_since=row.started_at or row.created_at,
    )


def next_step(kind: OutKind, parts: Sequence[Reply], done: Sequence[str], original: Original | None) -> Step | None:
    """The next call for a row that has `done` so much; None: it has done all."""
    number = len(done)
    if kind is OutKind.SAY:
        return Step(Deed.SEND, parts[number], part=number) if number < len(parts) else None
    if original is None:
        return None
    if kind is OutKind.DELETE:
        return Step(Deed.DELETE, provider_id=original.ids[-1]) if original.ids else None
    if number < min(len(parts), len(original.texts)):
        return Step(Deed.EDIT, parts[number], original.texts[number], number)
    if not original.is_whole:
        return None  # the rest of it never came, and does not come now
    if number < len(parts):
        return Step(Deed.SEND, parts[number], part=number)
    if len(original.texts) > len(parts):
        return Step(Deed.DELETE, provider_id=original.texts[-1])
    return None


def _changed(original: Original, step: Step, provider_id: str) -> Original:
    match step.deed:
        case Deed.SEND:
            return replace(original, texts=(*original.texts, provider_id))
        case Deed.DELETE:
            return replace(
                original,
                texts=tuple(one for one in original.texts if one != provider_id),
                files=tuple(one for one in original.files if one != provider_id),
            )
        case Deed.EDIT:
            return original
