from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.scheduler import Scheduler
from handlers.desk import Desk
from handlers.jobs import JOBS, Job
from storage.leadership import Leadership, Office
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
