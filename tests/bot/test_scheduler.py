from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from bot.job_log import troubles
from bot.scheduler import Scheduler
from handlers.desk import Desk
from handlers.jobs import JOBS, Job
from storage import job_runs
from storage.job_runs import JobRun
from storage.leadership import LEADER_LOCK_CLASS, Leadership, Office
from storage.tickets import Ticket
from tests.bot_under_test import BotUnderTest
from tests.handlers.colleagues import ask_for_a_person, reread

ENOUGH_SECONDS = 20
OFTEN = 0.01


class FakeOffice:
    """`given`: whether it is held at each look, the last for ever; `looks` counts them."""

    def __init__(self, *given: bool) -> None:
        self._given = list(given) or [True]
        self.looks = 0
        self.is_resigned = False

    async def is_held(self) -> bool:
        self.looks += 1
        return self._given.pop(0) if len(self._given) > 1 else self._given[0]

    async def resign(self) -> None:
        self.is_resigned = True


class Counted:
    """A job with these ids due, always; `fails` are raised for an id, once. `enough` is set after `runs` looks."""

    def __init__(self, ids: Iterable[int] = (1,), runs: int = 1, fails: dict[int, Exception] | None = None) -> None:
        self.ids = list(ids)
        self.runs = runs
        self.fails = fails or {}
        self.looked = 0
        self.worked: list[int] = []
        self.seen_at: list[datetime] = []
        self.enough = asyncio.Event()

    async def due(self, session: AsyncSession, now: datetime, limit: int) -> list[int]:
        self.looked += 1
        self.seen_at.append(now)
        if self.looked > self.runs:
            self.enough.set()
        return self.ids

    async def work(self, session: AsyncSession, desk: Desk, now: datetime, one: int) -> bool:
        if one in self.fails:
            raise self.fails.pop(one)
        self.worked.append(one)
        return True

    @property
    def job(self) -> Job:
        return Job("counted", OFTEN, self.due, self.work)


@asynccontextmanager
async def running(bot: BotUnderTest, office: object, *jobs: Job) -> AsyncIterator[Scheduler]:
    scheduler = Scheduler(bot.database, lambda: bot.desk, lambda: bot.now, office, jobs, OFTEN)  # type: ignore[arg-type]
    task = asyncio.create_task(scheduler.run())
    try:
        yield scheduler
    finally:
        scheduler.stop()
        await asyncio.wait_for(task, ENOUGH_SECONDS)


async def until(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), ENOUGH_SECONDS)


SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@SQLITE
async def test_a_job_runs_again_and_again_by_the_applications_clock(bot: BotUnderTest) -> None:
    counted, office = Counted(runs=3), FakeOffice()
    async with running(bot, office, counted.job):
        await until(counted.enough)
    assert len(counted.worked) >= 3
    assert set(counted.seen_at) == {bot.now}
    assert office.is_resigned


@SQLITE
async def test_one_thing_that_fails_holds_up_no_other_and_is_tried_again(bot: BotUnderTest) -> None:
    counted = Counted(ids=(1, 2), runs=2, fails={1: ValueError("once")})
    async with running(bot, FakeOffice(), counted.job):
        await until(counted.enough)
    assert counted.worked[:3] == [2, 1, 2]


@SQLITE
async def test_a_look_that_fails_is_tried_again(bot: BotUnderTest) -> None:
    counted = Counted(runs=2)
    failures = [ValueError("no look")]

    async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
        if failures:
            raise failures.pop()
        return await counted.due(session, now, limit)

    async with running(bot, FakeOffice(), Job("counted", OFTEN, due, counted.work)):
        await until(counted.enough)
    assert counted.worked


@SQLITE
async def test_what_one_thing_did_before_it_failed_is_undone(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    counted = Counted(runs=2)

    async def work(session: AsyncSession, desk: Desk, now: datetime, one: int) -> bool:
        (await session.get_one(Ticket, ticket.id)).cause = "half done"
        await session.flush()
        raise ValueError("in the middle")

    async with running(bot, FakeOffice(), Job("counted", OFTEN, counted.due, work)):
        await until(counted.enough)
    assert (await reread(bot, ticket)).cause is None


@SQLITE
async def test_only_who_has_the_office_runs_jobs(bot: BotUnderTest) -> None:
    counted = Counted(runs=1)
    office = FakeOffice(False, False, False, True)
    async with running(bot, office, counted.job):
        await until(counted.enough)
        assert office.looks >= 4, "nothing ran before the office was had"


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_of_two_workers_one_runs_the_jobs_and_the_other_takes_over(bot: BotUnderTest) -> None:
    first, second = Counted(runs=2), Counted(runs=2)
    offices = [Leadership(bot.database, Office.JOBS) for _ in range(2)]
    async with running(bot, offices[0], first.job):
        await until(first.enough)
        assert not await offices[1].is_held()
    async with running(bot, offices[1], second.job):
        await until(second.enough)


async def test_moving_the_clock_on_takes_the_step_that_is_due(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    bot.later(minutes=5)
    ladder = next(job for job in JOBS if job.name == "watch_ladder")
    taken = asyncio.Event()

    async def work(session: AsyncSession, desk: Desk, now: datetime, one: int) -> bool:
        taken.set()
        return await ladder.work(session, desk, now, one)

    async with running(bot, FakeOffice(), replace(ladder, work=work)):
        await until(taken)  # what is in hand is finished before the scheduler ends
    assert (await reread(bot, ticket)).ladder_step == 1


# Of two at once


class Heap:
    """Things to be done once each, by whoever comes; `gone` once all are."""

    def __init__(self, count: int) -> None:
        self.left = list(range(count))
        self.worked: list[int] = []
        self.gone = asyncio.Event()

    async def due(self, session: AsyncSession, now: datetime, limit: int) -> list[int]:
        return list(self.left)

    async def work(self, session: AsyncSession, desk: Desk, now: datetime, one: int) -> bool:
        await session.execute(text("select 1"))  # gives way to whoever else works the same
        self.worked.append(one)
        self.left.remove(one)
        if not self.left:
            self.gone.set()
        return True

    @property
    def job(self) -> Job:
        return Job("heap", OFTEN, self.due, self.work)


class KilledOffice(Leadership):
    """Of a process that dies: it does not resign, its connection ends when the server sees it."""

    async def resign(self) -> None: ...

    async def is_buried(self) -> None:
        await super().resign()


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_of_two_schedulers_started_at_once_nothing_is_done_twice(bot: BotUnderTest) -> None:
    heap = Heap(count=40)
    async with (
        running(bot, Leadership(bot.database, Office.JOBS), heap.job),
        running(bot, Leadership(bot.database, Office.JOBS), heap.job),
    ):
        await until(heap.gone)
    assert sorted(heap.worked) == list(range(40))


@pytest.mark.parametrize("database", ["postgres"], indirect=True)
async def test_when_the_first_is_killed_the_second_takes_over(bot: BotUnderTest) -> None:
    first, second = Counted(runs=2), Counted(runs=2)
    killed = KilledOffice(bot.database, Office.JOBS)
    async with running(bot, killed, first.job):
        await until(first.enough)
    heir = Leadership(bot.database, Office.JOBS)
    assert not await heir.is_held(), "its connection stands yet"
    async with running(bot, heir, second.job):
        async with bot.database.transaction() as session:
            ends = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = :locks"
            await session.execute(text(ends), {"locks": LEADER_LOCK_CLASS})
        await until(second.enough)
    assert second.worked
    await killed.is_buried()


# What is on record of them


async def recorded(bot: BotUnderTest) -> dict[str, JobRun]:
    async with bot.database.reading() as session:
        return {run.name: run for run in await job_runs.all_of_them(session)}


class Machine:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def by_hand(bot: BotUnderTest, machine: Machine, *jobs: Job) -> Scheduler:
    return Scheduler(bot.database, lambda: bot.desk, lambda: bot.now, FakeOffice(), jobs, machine=machine)


async def test_each_run_is_on_record_and_since_when_a_job_fails(bot: BotUnderTest) -> None:
    counted, machine = Counted(ids=(1, 2)), Machine()
    scheduler, began = by_hand(bot, machine, counted.job), machine.now
    for minute in range(3):
        machine.now = began + timedelta(minutes=minute)
        counted.fails = {1: ValueError("Anna Nowak")} if minute else {}
        await scheduler.tick()
    run = (await recorded(bot))["counted"]
    assert (run.started_at, run.done, run.failed, run.runs, run.failures) == (machine.now, 1, 1, 3, 2)
    assert (run.failing_since, run.error) == (began + timedelta(minutes=1), "ValueError")
    assert run.seconds is not None
    await scheduler.tick()
    run = (await recorded(bot))["counted"]
    assert (run.failing_since, run.error, run.failed, run.failures) == (None, None, 0, 2)


@SQLITE
async def test_a_job_that_hangs_stops_no_other_and_is_seen(bot: BotUnderTest) -> None:
    counted, freed = Counted(runs=3), asyncio.Event()

    async def hang(session: AsyncSession, now: datetime, limit: int) -> list[int]:
        await freed.wait()
        return []

    hanging = Job("hanging", OFTEN, hang, counted.work)
    async with running(bot, FakeOffice(), hanging, counted.job) as scheduler:
        await until(counted.enough)
        await scheduler.write()
        run = (await recorded(bot))["hanging"]
        freed.set()
    assert (run.finished_at, run.runs) == (None, 0)
    told = troubles([run], [hanging], run.started_at + timedelta(minutes=2))
    assert told == {"hanging": f"running since {run.started_at:%Y-%m-%d %H:%M} UTC"}


@SQLITE
async def test_a_clock_that_jumps_years_or_back_makes_no_job_fail(bot: BotUnderTest) -> None:
    await ask_for_a_person(bot)
    scheduler = by_hand(bot, Machine(), *JOBS)
    for days in (0, 400, -800):
        bot.later(days=days)
        await scheduler.tick()
    runs = await recorded(bot)
    assert set(runs) == {job.name for job in JOBS}
    assert [run.name for run in runs.values() if run.failures] == []


NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_run(began: timedelta, failing: timedelta | None = None, ended: bool = True) -> JobRun:
    at = NOW - began
    failed_at = None if failing is None else NOW - failing
    return JobRun(
        name="watch", started_at=at, finished_at=at if ended else None, error="ValueError", failing_since=failed_at
    )


@pytest.mark.parametrize(
    ("run", "seconds", "told"),
    [
        (a_run(timedelta(seconds=59)), 1, None),
        (a_run(timedelta(seconds=61)), 1, "has not run since 2026-11-23 11:58 UTC"),
        (a_run(timedelta(seconds=61), ended=False), 1, "running since 2026-11-23 11:58 UTC"),
        (a_run(timedelta(seconds=299)), 60, None),
        (a_run(timedelta(seconds=301)), 60, "has not run since 2026-11-23 11:54 UTC"),
        (a_run(timedelta(), timedelta(minutes=5)), 1, None),
        (a_run(timedelta(), timedelta(minutes=6)), 1, "fails since 2026-11-23 11:54 UTC (ValueError)"),
    ],
)
def test_a_job_that_stands_still_or_keeps_failing_is_told(run: JobRun, seconds: float, told: str | None) -> None:
    job = Job("watch", seconds, Counted().due, Counted().work)
    assert troubles([run], [job], NOW).get("watch") == told


def test_where_no_worker_lives_that_is_told_instead_of_every_job() -> None:
    jobs = [Job("watch", 1, Counted().due, Counted().work)]
    assert troubles([a_run(timedelta(minutes=7))], jobs, NOW) == {
        "all": "no worker has run any since 2026-11-23 11:53 UTC"
    }
    assert troubles([], jobs, NOW) == {}
