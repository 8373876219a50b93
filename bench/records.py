"""What the product has on record, and what its providers have: the two sides that a run compares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from bench.customers import Said
from bench.stand_ins import StandIns
from storage.conversations import Author, Conversation, Message
from storage.database import Database
from storage.inbound import InboundEvent, Outcome
from storage.outbox import Delivery, OutboxMessage

Key = tuple[str, str, str]
"""Messenger, place, and the message's id there."""


@dataclass(frozen=True)
class Event:
    """An inbox row of something said."""

    key: Key
    lane_id: int
    seq: int
    outcome: str
    reason: str | None


@dataclass(frozen=True)
class Sent:
    """An outbox row. `chat` is its lane; `place` is where the provider has it."""

    messenger: str
    chat: str
    seq: int
    dedupe: str
    correlation_id: str
    status: str
    provider_ids: tuple[str, ...]
    last_error: str | None = None

    @property
    def place(self) -> str:
        return self.chat.partition(":")[0]


@dataclass(frozen=True)
class Post:
    """A message of the bot's as the provider has it. `outbox_key`: from its metadata, where there is one (Slack)."""

    messenger: str
    place: str
    id: str
    at: float
    outbox_key: str | None = None


@dataclass(frozen=True)
class Records:
    """`turns`: the correlation id under which something said was worked. `rows`: the outbox, by lane and seq."""

    events: list[Event]
    turns: dict[Key, str]
    rows: list[Sent]


async def read_records(database: Database) -> Records:
    return Records(await _events(database), await _turns(database), await _rows(database))


async def unfinished(database: Database) -> int:
    """Inbox events and outbox rows without an end state."""
    waiting = select(func.count()).select_from(InboundEvent).where(InboundEvent.outcome == Outcome.WAITING)
    unsent = (
        select(func.count())
        .select_from(OutboxMessage)
        .where(OutboxMessage.status.in_([Delivery.WAITING, Delivery.SENDING]))
    )
    async with database.reading() as session:
        return (await session.scalars(waiting)).one() + (await session.scalars(unsent)).one()


async def _events(database: Database) -> list[Event]:
    async with database.reading() as session:
        rows = (await session.scalars(select(InboundEvent).order_by(InboundEvent.lane_id, InboundEvent.seq))).all()
    return [
        Event(
            (row.payload["channel"], _place(row.payload["chat_id"]), str(row.payload["about"])),
            row.lane_id,
            row.seq,
            row.outcome,
            row.reason,
        )
        for row in rows
        if row.payload.get("kind") == "said"
    ]


async def _turns(database: Database) -> dict[Key, str]:
    look = (
        select(Conversation.channel, Conversation.chat_id, Message.external_id, Message.correlation_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.author == Author.CUSTOMER, Message.external_id.is_not(None))
    )
    async with database.reading() as session:
        rows = (await session.execute(look)).all()
    return {(channel, _place(chat), str(own_id)): correlation for channel, chat, own_id, correlation in rows}


async def _rows(database: Database) -> list[Sent]:
    async with database.reading() as session:
        look = select(OutboxMessage).order_by(OutboxMessage.lane_id, OutboxMessage.seq)
        rows = (await session.scalars(look)).all()
    return [
        Sent(
            row.channel,
            row.chat_id,
            row.seq,
            row.dedupe,
            row.correlation_id,
            row.status,
            tuple(row.provider_ids),
            row.last_error,
        )
        for row in rows
    ]


def posts(stand_ins: StandIns, said: list[Said]) -> list[Post]:
    """What the bot has said where anybody has said something, each place in the provider's own order."""
    places = dict.fromkeys((one.messenger, one.place) for one in said)
    return [post for messenger, place in places for post in _posts_in(stand_ins, messenger, place)]


def _posts_in(stand_ins: StandIns, messenger: str, place: str) -> list[Post]:
    if messenger == "telegram":
        world = stand_ins.telegram.world
        messages = [one for one in world.messages(world.chats[int(place)]) if one.sender.is_bot]
        return [Post(messenger, place, str(one.id), _epoch(one.at)) for one in messages]
    space = stand_ins.slack.space
    return [
        Post(messenger, place, one.ts, float(one.ts), (one.metadata or {}).get("event_payload", {}).get("outbox_id"))
        for one in space.talk.of(place)
        if one.body.get("app_id") == space.app.app_id
    ]


def _epoch(at: datetime) -> float:
    return at.timestamp()


def _place(chat_id: str) -> str:
    """A thread's chat id is the channel's with the thread behind it."""
    return chat_id.partition(":")[0]
