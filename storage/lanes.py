"""Lanes: ordered streams of work. A conversation's incoming events are one, a chat's outgoing messages another.

Append, claim, advance, fail: docs/decisions/0002 says why these are tables of ours. A claim is guarded by
(id, owner, fence): whoever lost the lane in between changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Integer, Row, UniqueConstraint, case, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, database_time, insert_into, is_postgres
from storage.wakeups import announce

LEASE_SECONDS = 60.0
SOON = timedelta(seconds=1)  # what is due later is seen by the workers' poll; waking them now would be for nothing
WORKER_LOCK_CLASS = 7_301  # first key of the advisory locks that say "worker N is alive"
EMPTY = {"head": 0, "tail": 0, "fence": 0, "attempts": 0, "patient": False}


class Queue(StrEnum):
    """`DESK`: what the agents' desk is told, a lane per ticket."""

    IN = "in"
    OUT = "out"
    DESK = "desk"


class LaneLost(Exception):
    """Somebody else holds the lane by now: roll back, the work is theirs."""


class DuplicateMessage(Exception):
    """The provider's id is on record already: the caller rolls back, nothing is to be done twice."""


class Lane(Base):
    """`head` messages are finished, `tail` are appended; `ready_at` is null while there is nothing to do.
    `patient`: only what is in no hurry waits here, so that all others are worked first."""

    __tablename__ = "lane"
    __table_args__ = (
        UniqueConstraint("queue", "key", name="uq_lane_queue_key"),
        Index("ix_lane_ready", "queue", "ready_at", postgresql_where=text("ready_at is not null"),
              sqlite_where=text("ready_at is not null")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    queue: Mapped[str]
    key: Mapped[str]
    head: Mapped[int] = mapped_column(default=0)
    tail: Mapped[int] = mapped_column(default=0)
    ready_at: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    owner: Mapped[int | None]
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    patient: Mapped[bool] = mapped_column(default=False)


@dataclass(frozen=True)
class Claim:
    """The right to work on a lane's next messages until the lease ends."""

    lane_id: int
    key: str
    head: int
    tail: int
    owner: int
    fence: int
    attempts: int


@dataclass(frozen=True)
class Gathering:
    """How long a lane is held back so that several quick messages become one turn: until nothing more has come
    for `quiet`, though never longer than `at_most` after the first."""

    quiet: timedelta = timedelta()
    at_most: timedelta = timedelta()


AT_ONCE = Gathering()


async def append(
    session: AsyncSession,
    queue: Queue,
    key: str,
    gathering: Gathering = AT_ONCE,
    *,
    no_hurry: timedelta = timedelta(),
) -> tuple[int, int]:
    """Takes the lane's next number: (lane id, seq). The lane's row lock makes seq order the commit order. `no_hurry`:
    in an empty lane it may wait so long, until something else comes."""
    lane, now = await _locked_lane(session, queue, key)
    if lane.head == lane.tail and no_hurry:
        gathering = Gathering(no_hurry, no_hurry)
    lane.patient = lane.head == lane.tail and bool(no_hurry)
    lane.ready_at = ready_at = ready_after_append(lane, now, gathering)
    if lane.head == lane.tail:
        lane.waiting_since = now
    lane.tail += 1
    await session.flush()
    if lane.owner is None and ready_at - now < SOON:
        await announce(session, queue)
    return lane.id, lane.tail


async def has_work(session: AsyncSession, queue: Queue, key: str) -> bool:
    """Whether something of this lane is not finished."""
    look = select(Lane.id).where(Lane.queue == queue, Lane.key == key, Lane.head < Lane.tail)
    return (await session.scalars(look)).one_or_none() is not None


async def append_all(
    session: AsyncSession, queue: Queue, no_hurry: Mapping[str, timedelta]
) -> dict[str, tuple[int, int]]:
    """As `append`, one message to each of these lanes, at once; the caller has locked what keeps others out of them."""
    values = [
        {"queue": queue, "key": key, "head": 0, "tail": 0, "fence": 0, "attempts": 0, "patient": False}
        for key in no_hurry
    ]
    await session.execute(insert_into(session, Lane).values(values).on_conflict_do_nothing())
    look = (
        select(Lane, database_time(session))
        .where(Lane.queue == queue, Lane.key.in_(tuple(no_hurry)))
        .order_by(Lane.id)
        .with_for_update(of=Lane)
        .execution_options(populate_existing=True)
    )
    taken: dict[str, tuple[int, int]] = {}
    for lane, now in (await session.execute(look)).all():
        wait = no_hurry[lane.key] if lane.head == lane.tail else timedelta()
        lane.ready_at = ready_after_append(lane, now, Gathering(wait, wait))
        if lane.head == lane.tail:
            lane.waiting_since, lane.patient = now, True
        lane.tail += 1
        taken[lane.key] = (lane.id, lane.tail)
    await session.flush()
    if min(no_hurry.values(), default=SOON) < SOON:
        await announce(session, queue)
    return taken


def ready_after_append(lane: Lane, now: datetime, gathering: Gathering) -> datetime:
    """When the lane may be worked once one more message stands in it. A lease, a retry's wait and a provider's are left
    alone."""
    ready = now + gathering.quiet
    if lane.ready_at is None:
        return max(ready, lane.not_before) if lane.not_before else ready
    if lane.owner is not None or lane.attempts > 0 or lane.waiting_since is None:
        return lane.ready_at
    gathered = min(ready, lane.waiting_since + gathering.at_most)
    return max(gathered, lane.not_before) if lane.not_before else gathered


async def _locked_lane(session: AsyncSession, queue: Queue, key: str) -> tuple[Lane, datetime]:
    look = (
        select(Lane, database_time(session))
        .where(Lane.queue == queue, Lane.key == key)
        .with_for_update(of=Lane)
        .execution_options(populate_existing=True)
    )
    row = (await session.execute(look)).one_or_none()
    if row is None:
        values = {"queue": queue, "key": key, **EMPTY}
        await session.execute(insert_into(session, Lane).values(values).on_conflict_do_nothing())
        row = (await session.execute(look)).one()
    return row[0], row[1]


async def claim(session: AsyncSession, queue: Queue, owner: int, limit: int) -> list[Claim]:
    """Takes up to `limit` lanes that are ready, longest waiting first, patient ones last, for `LEASE_SECONDS`."""
    ready = (
        select(Lane.id)
        .where(Lane.queue == queue, Lane.ready_at <= database_time(session))
        .order_by(Lane.patient, Lane.ready_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("ready")
    )
    taken = (
        update(Lane)
        .where(Lane.id.in_(select(ready.c.id)))
        .values(
            owner=owner,
            fence=Lane.fence + 1,
            attempts=Lane.attempts + 1,
            ready_at=database_time(session, timedelta(seconds=LEASE_SECONDS)),
        )
        .returning(Lane.id, Lane.key, Lane.head, Lane.tail, Lane.fence, Lane.attempts)
        .execution_options(synchronize_session=False)
    )
    rows = (await session.execute(taken)).all()
    return [Claim(row.id, row.key, row.head, row.tail, owner, row.fence, row.attempts) for row in rows]


async def advance(session: AsyncSession, held: Claim, count: int = 1, *, pause: timedelta = timedelta()) -> None:
    """The first `count` messages are finished; the lane is free again, after `pause` where the provider sets a pace.

    Raises `LaneLost` when somebody else took the lane over: the caller's transaction must roll back.
    """
    again = database_time(session, pause)
    more = Lane.head + count < Lane.tail
    moved = await _change(
        session,
        held,
        head=Lane.head + count,
        attempts=0,
        patient=False,
        not_before=again if pause else None,
        waiting_since=case((more, database_time(session)), else_=None),
        ready_at=case((more, again), else_=None),
    )
    if moved.head < moved.tail:
        await announce(session, Queue(moved.queue))


async def put_off(
    session: AsyncSession, held: Claim, delay: timedelta, *, counts: bool = True, binds: bool = True
) -> None:
    """Tries the same message again after `delay`. `counts=False`: it was not our failure, e.g. the pace limit.
    `binds=False`: only of courtesy; what comes into the lane meanwhile does not wait for it."""
    then = database_time(session, delay)
    attempts = Lane.attempts if counts else Lane.attempts - 1
    moved = await _change(session, held, attempts=attempts, not_before=then if binds else None, ready_at=then)
    if delay < SOON:
        await announce(session, Queue(moved.queue))


async def _change(session: AsyncSession, held: Claim, **values: Any) -> Row[str, int, int]:
    """Gives the held lane back with these values; raises `LaneLost` when it is no longer held."""
    change = (
        update(Lane)
        .where(Lane.id == held.lane_id, Lane.owner == held.owner, Lane.fence == held.fence)
        .values(owner=None, **values)
        .returning(Lane.queue, Lane.head, Lane.tail)
        .execution_options(synchronize_session=False)
    )
    row = (await session.execute(change)).one_or_none()
    if row is None:
        raise LaneLost(held.key)
    return row


async def next_ready(session: AsyncSession, queue: Queue) -> float | None:
    """Seconds until the next lane is due (0 when one is), None when all is done."""
    look = select(func.min(Lane.ready_at), database_time(session)).where(
        Lane.queue == queue, Lane.ready_at.is_not(None)
    )
    due, now = (await session.execute(look)).one()
    return None if due is None else max(0.0, (due - now).total_seconds())


async def free_dead_owners(session: AsyncSession) -> int:
    """Frees the lanes of workers that are gone; returns how many.

    PostgreSQL: a live worker holds an advisory lock named by its owner number. SQLite has one process, which
    calls this once, at start: every lease found there is void.
    """
    dead = update(Lane).where(Lane.owner.is_not(None)).execution_options(synchronize_session=False)
    if is_postgres(session):
        # Holders first, then who is alive: a worker takes its lock before its first lane, so none is taken for dead.
        holders = set((await session.scalars(select(Lane.owner).where(Lane.owner.is_not(None)))).all())
        alive = text(
            "select objid::bigint from pg_locks where locktype = 'advisory' and classid = :locks and objsubid = 2"
            " and database = (select oid from pg_database where datname = current_database())"
        ).bindparams(locks=WORKER_LOCK_CLASS)
        dead = dead.where(Lane.owner.in_(holders - set((await session.scalars(alive)).all())))
    freed = await session.scalars(dead.values(owner=None, ready_at=database_time(session)).returning(Lane.queue))
    queues = freed.all()
    for queue in set(queues):
        await announce(session, queue)
    return len(queues)


async def is_known(session: AsyncSession, queue: Queue, key: str) -> bool:
    """Whether anything was ever put into this lane."""
    look = select(Lane.id).where(Lane.queue == queue, Lane.key == key)
    return (await session.scalars(look)).one_or_none() is not None


async def rename(session: AsyncSession, old_key: str, new_key: str) -> None:
    """Both lanes of a chat that goes by another id now; one whose new name is taken drains under the old one."""
    taken = select(Lane.queue).where(Lane.key == new_key)
    await session.execute(
        update(Lane)
        .where(Lane.key == old_key, Lane.queue.not_in(list((await session.scalars(taken)).all())))
        .values(key=new_key)
        .execution_options(synchronize_session=False)
    )


async def is_any_busy(session: AsyncSession, until: datetime) -> bool:
    """Whether anything is being worked, or is to be before `until`."""
    look = select(Lane.id).where(Lane.ready_at.is_not(None), or_(Lane.owner.is_not(None), Lane.ready_at < until))
    return (await session.scalars(look.limit(1))).first() is not None
