"""The outbox: every word that leaves the building, written in the transaction of the facts it tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, Text, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage import lanes
from storage.conversations import Conversation, Message, locked
from storage.database import Base, database_time, insert_into
from storage.lanes import Claim, Lane, LaneLost, Queue


class Delivery(StrEnum):
    """Where an outgoing message stands. `UNKNOWN`: the provider may or may not have it; `WITHHELD`: an agent had
    taken the conversation over before it left; `WITHDRAWN`: its author took it back before it left."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"
    DEAD = "dead"


class OutKind(StrEnum):
    """Something new is said, or what was said (the same `message_id`) is changed or taken away."""

    SAY = "say"
    EDIT = "edit"
    DELETE = "delete"


class OutboxMessage(Base):
    """One outgoing message of a chat. `payload` is a `Reply`; `author` tells bot, agent and system words apart.
    `held_until`: it must not leave earlier, so that its author can still take it back.

    What is too long for one message of the provider goes out in parts: `provider_ids` are those sent so far.
    `started_at` is when the sending of the current part was first tried, `booked`: it has its turn in the provider's
    pace. `bulk`: it is one of many alike, everything else goes first. `resent_as`: this one failed and was put in line
    again under that `dedupe`.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_status", "status", "created_at"),)

    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dedupe: Mapped[str] = mapped_column(unique=True)
    correlation_id: Mapped[str]
    channel: Mapped[str]
    chat_id: Mapped[str]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    author: Mapped[str]
    kind: Mapped[str] = mapped_column(default=OutKind.SAY)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    held_until: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(default=Delivery.WAITING)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    provider_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    thread: Mapped[str | None]
    booked: Mapped[bool] = mapped_column(default=False)
    bulk: Mapped[bool] = mapped_column(default=False)
    resent_as: Mapped[str | None]
    started_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class SendBudget(Base):
    """A pace that several chats share, by its key: the next free turn, the same for all workers, kept over restarts."""

    __tablename__ = "send_budget"

    provider: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


async def enqueue(session: AsyncSession, row: OutboxMessage, no_hurry: timedelta = timedelta()) -> None:
    """Puts `row` at the end of its chat's lane. A `dedupe` key used before is refused by the database: the caller's
    transaction, and all that it tells, rolls back. `no_hurry`: it may leave so much later."""
    key = f"{row.channel}:{row.chat_id}"
    row.lane_id, row.seq = await lanes.append(session, Queue.OUT, key, no_hurry=no_hurry)
    session.add(row)
    await session.flush()


async def enqueue_all(session: AsyncSession, rows: Mapping[str, tuple[OutboxMessage, timedelta]]) -> None:
    """As `enqueue`, of several chats by their lanes' keys, each with its `no_hurry`; their conversations are locked."""
    taken = await lanes.append_all(session, Queue.OUT, {key: no_hurry for key, (_, no_hurry) in rows.items()})
    for key, (row, _) in rows.items():
        row.lane_id, row.seq = taken[key]
        session.add(row)
    await session.flush()


@dataclass(frozen=True)
class Next:
    """What a lane is to send next; `message` is what it says, changes or takes away."""

    row: OutboxMessage
    conversation: Conversation
    message: Message


async def next_to_send(session: AsyncSession, held: Claim) -> Next:
    """The lane's next message. Its conversation is locked before it, as by whoever takes a conversation over or a
    message back: what they have committed is seen here, and nothing of theirs comes in between.

    Raises `LaneLost` when the lane is no longer held: whoever has it now may have sent the message.
    """
    is_next = (OutboxMessage.lane_id == held.lane_id, OutboxMessage.seq == held.head + 1)
    conversation_id = (await session.scalars(select(OutboxMessage.conversation_id).where(*is_next))).one_or_none()
    if conversation_id is None:
        raise LaneLost(held.key)
    conversation = await locked(session, conversation_id)
    look = (
        select(OutboxMessage, Message)
        .join(Message, Message.id == OutboxMessage.message_id)
        .join(Lane, Lane.id == OutboxMessage.lane_id)
        .where(*is_next, Lane.owner == held.owner, Lane.fence == held.fence)
        .with_for_update(of=OutboxMessage)
        .execution_options(populate_existing=True)
    )
    found = (await session.execute(look)).one_or_none()
    if found is None:
        raise LaneLost(held.key)
    return Next(found[0], conversation, found[1])


async def record(session: AsyncSession, held: Claim, status: Delivery, **values: Any) -> None:
    """How the lane's next message stands now."""
    await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.lane_id == held.lane_id, OutboxMessage.seq == held.head + 1)
        .values(status=status, **values)
        .execution_options(synchronize_session=False)
    )


async def now_stands_as(session: AsyncSession, row: OutboxMessage, provider_ids: Iterable[str]) -> None:
    """What `row` said stands at the provider under these ids now."""
    await session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.lane_id == row.lane_id, OutboxMessage.seq == row.seq)
        .values(provider_ids=list(provider_ids))
        .execution_options(synchronize_session=False)
    )


def among_many(provider: str) -> str:
    """The budget by which those that are sent the same come one after the other."""
    return f"{provider}:many"


@dataclass(frozen=True)
class Booking:
    """How long to wait for the next free turn (zero: none at all), and whether it was booked."""

    wait: timedelta
    is_booked: bool = True


async def book(
    session: AsyncSession, provider: str, per_second: float, at_most: timedelta | None = None, count: int = 1
) -> Booking:
    """Books the next free turn in the provider's budget, or `count` of them, unless it is further away than
    `at_most`."""
    look = select(SendBudget, database_time(session)).where(SendBudget.provider == provider).with_for_update()
    row = (await session.execute(look)).one_or_none()
    if row is None:
        values = {"provider": provider, "next_at": database_time(session)}
        await session.execute(insert_into(session, SendBudget).values(values).on_conflict_do_nothing())
        row = (await session.execute(look)).one()
    budget, now = row
    turn = max(budget.next_at, now)
    wait: timedelta = turn - now
    if at_most is not None and wait > at_most:
        return Booking(wait, is_booked=False)
    budget.next_at = turn + timedelta(seconds=count / per_second)
    return Booking(wait)


async def bulk_waiting(session: AsyncSession) -> int:
    """How many of those that were sent to many have not been tried yet."""
    look = select(func.count()).where(
        OutboxMessage.status == Delivery.WAITING, OutboxMessage.bulk, OutboxMessage.attempts == 0
    )
    return (await session.scalars(look)).one()


async def count_by_status(session: AsyncSession) -> dict[Delivery, int]:
    counts = await session.execute(select(OutboxMessage.status, func.count()).group_by(OutboxMessage.status))
    return {Delivery(status): count for status, count in counts.all()}


@dataclass(frozen=True)
class Failed:
    """A message that did not reach its customer, or perhaps did not."""

    row: OutboxMessage
    conversation: Conversation


async def failed(session: AsyncSession, statuses: Iterable[Delivery], limit: int) -> list[Failed]:
    """The newest `limit` messages that ended so and have not been put in line again, oldest first."""
    look = (
        select(OutboxMessage, Conversation)
        .join(Conversation, Conversation.id == OutboxMessage.conversation_id)
        .where(OutboxMessage.status.in_(tuple(statuses)), OutboxMessage.resent_as.is_(None))
        .order_by(OutboxMessage.created_at.desc())
        .limit(limit)
    )
    return [Failed(row[0], row[1]) for row in reversed((await session.execute(look)).all())]


async def numbered(session: AsyncSession, lane_id: int, seq: int) -> OutboxMessage | None:
    """The message, locked for this transaction."""
    return await session.get(OutboxMessage, (lane_id, seq), with_for_update=True)


async def send_again(session: AsyncSession, row: OutboxMessage, now: datetime) -> OutboxMessage:
    """Puts what is left of `row` at the end of its chat's line under a new key; the old row names it."""
    conversation = await session.get_one(Conversation, row.conversation_id)
    again = OutboxMessage(
        dedupe=f"again:{row.lane_id}-{row.seq}",
        correlation_id=row.correlation_id,
        channel=row.channel,
        chat_id=conversation.chat_id,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        author=row.author,
        kind=row.kind,
        payload=row.payload,
        bulk=row.bulk,
        status=Delivery.WAITING,
        provider_ids=row.provider_ids,
        thread=row.thread,
        created_at=now,
    )
    row.resent_as = again.dedupe
    await enqueue(session, again)
    return again


async def rows_of(session: AsyncSession, message_id: int) -> list[OutboxMessage]:
    """All that went or is to go out for one message: said, put in line again, changed, taken away; oldest first."""
    look = (
        select(OutboxMessage)
        .where(OutboxMessage.message_id == message_id)
        .order_by(OutboxMessage.created_at, OutboxMessage.lane_id, OutboxMessage.seq)
    )
    return list((await session.scalars(look)).all())


async def _locked_rows_of(session: AsyncSession, message_id: int) -> list[OutboxMessage]:
    """As `rows_of`, kept from changing; their conversations are locked first, as `next_to_send` does it."""
    look = select(OutboxMessage.conversation_id).where(OutboxMessage.message_id == message_id).distinct()
    for conversation_id in sorted((await session.scalars(look)).all()):
        await locked(session, conversation_id)
    rows = (
        select(OutboxMessage)
        .where(OutboxMessage.message_id == message_id)
        .order_by(OutboxMessage.created_at, OutboxMessage.lane_id, OutboxMessage.seq)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(rows)).all())


async def withdraw(session: AsyncSession, message_id: int) -> bool:
    """Takes back whatever of the message is not being sent yet. True: nothing of it has left or may have left."""
    rows = await _locked_rows_of(session, message_id)
    for row in rows:
        if row.status == Delivery.WAITING and row.kind != OutKind.DELETE:
            row.status, row.last_error = Delivery.WITHDRAWN, "taken back by its author"
    await session.flush()
    return not any(_may_have_left(row) for row in rows)


async def reword_waiting(session: AsyncSession, message_id: int, payload: dict[str, Any]) -> bool:
    """The message reads so from the start, also where it is put in line again; its files stay. False, and nothing is
    changed: something of it has left or may have left."""
    said = [row for row in await _locked_rows_of(session, message_id) if row.kind == OutKind.SAY]
    if not said or any(_may_have_left(row) for row in said):
        return False
    for row in said:
        row.payload = {**payload, "files": row.payload.get("files", [])}
    await session.flush()
    return True


def _may_have_left(row: OutboxMessage) -> bool:
    if row.kind != OutKind.SAY:
        return False
    return bool(row.provider_ids) or row.status in {Delivery.SENDING, Delivery.SENT, Delivery.UNKNOWN}


async def forget_words(session: AsyncSession, message_id: int) -> None:
    """Deleted by its author, a message keeps no text here either, except where it is still under way."""
    for row in await _locked_rows_of(session, message_id):
        if row.status not in {Delivery.WAITING, Delivery.SENDING}:
            row.payload = {"text": "", "buttons": [], "files": []}
    await session.flush()


async def message_sent_as(session: AsyncSession, conversation_id: int, provider_id: str) -> int | None:
    """The id of our message that the provider shows under `provider_id` in this conversation."""
    look = (
        select(OutboxMessage.message_id, OutboxMessage.provider_ids)
        .where(OutboxMessage.conversation_id == conversation_id)
        .order_by(OutboxMessage.created_at.desc())
        .limit(200)
    )
    rows = (await session.execute(look)).all()
    return next((message_id for message_id, sent in rows if provider_id in sent), None)


async def readdress(session: AsyncSession, old_conversation_id: int, new_conversation_id: int) -> None:
    """What waits for one conversation is sent to another one's chat: the provider says that they are the same."""
    await session.execute(
        update(OutboxMessage)
        .where(
            OutboxMessage.conversation_id == old_conversation_id,
            OutboxMessage.status.in_((Delivery.WAITING, Delivery.SENDING)),
        )
        .values(conversation_id=new_conversation_id)
        .execution_options(synchronize_session=False)
    )


async def reword(
    session: AsyncSession, conversation_id: int, message_ids: Iterable[int], change: Callable[[str], str]
) -> None:
    """Changes the texts of these messages where they stand to be sent, or to be sent again."""
    look = select(OutboxMessage).where(
        OutboxMessage.conversation_id == conversation_id, OutboxMessage.message_id.in_(tuple(message_ids))
    )
    for row in (await session.scalars(look)).all():
        row.payload = {**row.payload, "text": change(row.payload["text"])}
