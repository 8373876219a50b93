"""The inbox: what a channel was told "ok" for. Each event is worked once, in its conversation's order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage import lanes
from storage.database import Base, database_time, insert_into
from storage.lanes import AT_ONCE, Claim, DuplicateMessage, Gathering, Lane, Queue

FORGET_AMONG = 500


class Outcome(StrEnum):
    """How an accepted event ended; `WAITING` is the only state that is not an end. `NOTED`: put on record (an edit, a
    block), and nothing was to be said."""

    WAITING = "waiting"
    ANSWERED = "answered"
    TICKETED = "ticketed"
    RELAYED = "relayed"
    NOTED = "noted"
    IGNORED = "ignored"
    DEAD = "dead"


class InboundEvent(Base):
    """One accepted event. `dedupe` is the provider's id for it: a webhook sent again finds it taken."""

    __tablename__ = "inbound_event"
    __table_args__ = (Index("ix_inbound_outcome", "outcome", "received_at"),)

    lane_id: Mapped[int] = mapped_column(ForeignKey("lane.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    dedupe: Mapped[str] = mapped_column(unique=True)
    correlation_id: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    received_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default=Outcome.WAITING)
    reason: Mapped[str | None]


@dataclass(frozen=True)
class Received:
    """An event as a channel hands it over."""

    key: str
    dedupe: str
    correlation_id: str
    payload: dict[str, Any]


async def record(session: AsyncSession, event: Received, gathering: Gathering = AT_ONCE) -> None:
    """Puts the event into its conversation's lane. Raises `DuplicateMessage`: then the transaction must roll back."""
    lane_id, seq = await lanes.append(session, Queue.IN, event.key, gathering)
    row = {
        "lane_id": lane_id,
        "seq": seq,
        "dedupe": event.dedupe,
        "correlation_id": event.correlation_id,
        "payload": event.payload,
        "received_at": database_time(session),
        "outcome": Outcome.WAITING,
    }
    inserted = await session.execute(
        insert_into(session, InboundEvent).values(row).on_conflict_do_nothing().returning(InboundEvent.seq)
    )
    if inserted.scalar_one_or_none() is None:
        raise DuplicateMessage(event.dedupe)


async def waiting(session: AsyncSession, held: Claim, limit: int) -> list[InboundEvent]:
    """The lane's next events in order, at most `limit`."""
    look = (
        select(InboundEvent)
        .where(InboundEvent.lane_id == held.lane_id, InboundEvent.seq > held.head)
        .order_by(InboundEvent.seq)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def finish(session: AsyncSession, held: Claim, count: int, outcome: Outcome, reason: str | None = None) -> None:
    """The first `count` waiting events have ended so; the lane moves on. Raises `LaneLost`."""
    await lanes.advance(session, held, count)
    await session.execute(
        update(InboundEvent)
        .where(
            InboundEvent.lane_id == held.lane_id, InboundEvent.seq > held.head, InboundEvent.seq <= held.head + count
        )
        .values(outcome=outcome, reason=reason, finished_at=database_time(session))
        .execution_options(synchronize_session=False)
    )


async def reconcile(session: AsyncSession) -> dict[Outcome, int]:
    """Received = answered + ticketed + relayed + noted + ignored + dead + waiting: the counts of each."""
    counts = await session.execute(select(InboundEvent.outcome, func.count()).group_by(InboundEvent.outcome))
    return {Outcome(outcome): count for outcome, count in counts.all()}


async def oldest_waiting(session: AsyncSession) -> datetime | None:
    """When the longest waiting event came in: the health page's measure of being behind."""
    look = select(func.min(InboundEvent.received_at)).where(InboundEvent.outcome == Outcome.WAITING)
    return (await session.scalars(look)).one()


async def forget_words(session: AsyncSession, key: str, about: str) -> None:
    """Takes the words of a message that its author has deleted out of the events of its lane."""
    for event in await _latest(session, key):
        if event.payload.get("about") == about:
            event.payload = {**event.payload, "text": "", "attachments": []}


async def about_post(session: AsyncSession, key: str, ts: str) -> list[InboundEvent]:
    """The events of a desk lane about one post, in the order they came in."""
    return [event for event in reversed(await _latest(session, key)) if event.payload.get("ts") == ts]


async def reword(session: AsyncSession, key: str, change: Callable[[str], str]) -> None:
    """Changes texts and actions in the latest events of a lane."""
    for event in await _latest(session, key):
        written = {name: event.payload.get(name) for name in ("text", "action")}
        changed = {name: change(words) for name, words in written.items() if words}
        if any(written[name] != words for name, words in changed.items()):
            event.payload = {**event.payload, **changed}


async def _latest(session: AsyncSession, key: str) -> Sequence[InboundEvent]:
    look = (
        select(InboundEvent)
        .join(Lane, Lane.id == InboundEvent.lane_id)
        .where(Lane.queue == Queue.IN, Lane.key == key)
        .order_by(InboundEvent.seq.desc())
        .limit(FORGET_AMONG)
    )
    return (await session.scalars(look)).all()


async def dead(session: AsyncSession, limit: int) -> list[InboundEvent]:
    """The newest `limit` events that could not be worked, oldest first."""
    look = (
        select(InboundEvent)
        .where(InboundEvent.outcome == Outcome.DEAD)
        .order_by(InboundEvent.received_at.desc())
        .limit(limit)
    )
    return list(reversed((await session.scalars(look)).all()))


async def work_again(session: AsyncSession, lane_id: int, seq: int) -> bool:
    """Puts a copy of a dead event at the end of its lane; False where there is none, or it cannot be read, or it was
    put in line before."""
    event = await session.get(InboundEvent, (lane_id, seq), with_for_update=True)
    if event is None or event.outcome != Outcome.DEAD or "unreadable" in event.payload:
        return False
    lane = await session.get_one(Lane, lane_id)
    # Without its id: under that one it is on record already, and would be taken for said before.
    payload = {**event.payload, "about": None if event.payload.get("kind") == "said" else event.payload.get("about")}
    again = Received(lane.key, f"again:{lane_id}-{seq}", event.correlation_id + "-again", payload)
    try:
        await record(session, again)
    except DuplicateMessage:
        return False
    return True
