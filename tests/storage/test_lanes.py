from __future__ import annotations

import asyncio
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from storage import inbound, lanes
from storage.database import Database
from storage.inbound import Outcome, Received
from storage.lanes import DuplicateMessage, Gathering, Lane, LaneLost, Queue, ready_after_append
from storage.presence import AlreadyWorked, Presence

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
GATHER = Gathering(timedelta(seconds=1), timedelta(seconds=5))


def event(key: str, number: int) -> Received:
    return Received(key, f"{key}-{number}", f"c{number}", {"number": number})


async def record(database: Database, key: str, number: int) -> None:
    async with database.transaction() as session:
        await inbound.record(session, event(key, number))


async def claim(database: Database, owner: int = 1, limit: int = 10) -> list[lanes.Claim]:
    async with database.transaction() as session:
        return await lanes.claim(session, Queue.IN, owner, limit)


def lane(**values: object) -> Lane:
    return Lane(queue="in", key="k", head=0, tail=1, fence=0, **{"attempts": 0, **values})


@pytest.mark.parametrize(
    ("found", "expected_seconds"),
    [
        (lane(ready_at=None), 1),
        (lane(ready_at=None, not_before=NOW + timedelta(seconds=9)), 9),
        (lane(ready_at=NOW + timedelta(seconds=0.5), waiting_since=NOW - timedelta(seconds=0.5)), 1),
        (lane(ready_at=NOW + timedelta(seconds=0.2), waiting_since=NOW - timedelta(seconds=4.5)), 0.5),
        (lane(ready_at=NOW + timedelta(seconds=60), waiting_since=NOW, owner=7), 60),
        (lane(ready_at=NOW + timedelta(seconds=8), waiting_since=NOW, attempts=2), 8),
        (lane(ready_at=NOW + timedelta(seconds=7), waiting_since=NOW, not_before=NOW + timedelta(seconds=7)), 7),
    ],
    ids=["idle", "provider said wait", "still writing", "five seconds are enough", "in work", "being retried",
         "put off"],
)  # fmt: skip
def test_a_lane_waits_for_quick_messages_but_not_for_ever(found: Lane, expected_seconds: float) -> None:
    assert ready_after_append(found, NOW, GATHER) == NOW + timedelta(seconds=expected_seconds)


async def test_the_same_event_twice_is_refused_and_leaves_no_gap(database: Database) -> None:
    await record(database, "a", 1)
    with pytest.raises(DuplicateMessage):
        await record(database, "a", 1)
    await record(database, "a", 2)
    [held] = await claim(database)
    async with database.reading() as session:
        assert [e.seq for e in await inbound.waiting(session, held, 10)] == [1, 2]


async def test_a_lane_is_claimed_by_one_worker_only(database: Database) -> None:
    for number in range(40):
        await record(database, f"chat{number}", number)
    taken = await asyncio.gather(*(claim(database, owner, 8) for owner in range(1, 9)))
    ids = [held.lane_id for claims in taken for held in claims]
    assert len(ids) == len(set(ids)) == 40


async def test_messages_of_one_conversation_are_never_worked_side_by_side(database: Database) -> None:
    await record(database, "a", 1)
    await record(database, "a", 2)
    assert len(await claim(database)) == 1
    assert await claim(database, owner=2) == []


async def test_whoever_lost_the_lane_changes_nothing(database: Database) -> None:
    await record(database, "a", 1)
    [stale] = await claim(database)
    async with database.transaction() as session:
        await session.execute(update(Lane).values(ready_at=datetime.now(UTC) - timedelta(seconds=1)))
    [fresh] = await claim(database, owner=2)
    with pytest.raises(LaneLost):
        async with database.transaction() as session:
            await inbound.finish(session, stale, 1, Outcome.ANSWERED)
    async with database.transaction() as session:
        await inbound.finish(session, fresh, 1, Outcome.ANSWERED)
    async with database.reading() as session:
        assert await inbound.reconcile(session) == {Outcome.ANSWERED: 1}


async def test_numbers_are_given_out_once_when_many_write_at_once(database: Database) -> None:
    await asyncio.gather(*(record(database, "a", number) for number in range(30)))
    async with database.reading() as session:
        seqs = (await session.scalars(select(inbound.InboundEvent.seq))).all()
    assert sorted(seqs) == list(range(1, 31))


async def test_a_dead_workers_lanes_are_freed_and_a_living_ones_are_not(database: Database) -> None:
    await record(database, "a", 1)
    await record(database, "b", 1)
    alive = Presence(database)
    await alive.announce()
    await claim(database, alive.owner, 1)
    await claim(database, alive.owner + 1, 1)
    async with database.transaction() as session:
        freed = await lanes.free_dead_owners(session)
    assert freed == (1 if database.is_postgres else 2)
    assert await alive.is_held()
    await alive.withdraw()


async def test_finished_work_announces_what_came_in_meanwhile(database: Database) -> None:
    await record(database, "a", 1)
    [held] = await claim(database)
    await record(database, "a", 2)
    async with database.transaction() as session:
        await inbound.finish(session, held, 1, Outcome.ANSWERED)
    async with database.reading() as session:
        assert await lanes.next_ready(session, Queue.IN) == 0
    assert len(await claim(database)) == 1


async def test_a_second_worker_on_one_sqlite_file_is_refused_and_the_next_may_come_after_it(
    sqlite_template: Path, tmp_path: Path
) -> None:
    database = Database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'one.db')}")
    first, second = Presence(database), Presence(database)
    await first.announce()
    with pytest.raises(AlreadyWorked, match=r"one\.db"):
        await second.announce()
    await first.withdraw()
    await second.announce()
    await second.withdraw()
    await database.dispose()
