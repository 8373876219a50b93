"""Runs the JOBS on APScheduler: of all workers one, by the application's clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Protocol

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import SQLAlchemyError

from bot.job_log import JobLog, Run
from handlers.desk import Desk
from handlers.jobs import JOBS, Job
from storage.database import Database

log = structlog.get_logger(__name__)

OFFICE_SECONDS = 2.0
WRITE_SECONDS = 5.0
FINISH_SECONDS = 15.0
MOST_AT_ONCE = 200


class Office(Protocol):
    """Being the only one of many processes (`storage.leadership.Leadership`)."""

    async def is_held(self) -> bool: ...

    async def resign(self) -> None: ...


def _machine_time() -> datetime:
    return datetime.now(UTC)


class Scheduler:
    """Part of the worker process. How often a job is looked at goes by the machine's time, what is due by `clock`.

    One that hangs holds up itself only: each runs as a task of its own, once at a time.
    """

    def __init__(
        self,
        database: Database,
        desk: Callable[[], Desk],
        clock: Callable[[], datetime],
        office: Office,
        jobs: Iterable[Job] = JOBS,
        office_seconds: float = OFFICE_SECONDS,
        machine: Callable[[], datetime] = _machine_time,
    ) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock
        self._office = office
        self._jobs = tuple(jobs)
        self._office_seconds = office_seconds
        self._log = JobLog(database, machine)
        self._write_at = 0.0
        self._stopping = asyncio.Event()
        self._in_hand: set[asyncio.Future[None]] = set()

    async def run(self) -> None:
        """Until `stop()`; what is in hand then is finished."""
        scheduler = self._scheduler()
        scheduler.start(paused=True)
        try:
            while not self._stopping.is_set():
                (scheduler.resume if await self._office.is_held() else scheduler.pause)()
                await self._write_now_and_then()
                await self._rest()
        finally:
            scheduler.pause()
            if self._in_hand:
                await asyncio.wait(self._in_hand, timeout=FINISH_SECONDS)
            scheduler.shutdown(wait=False)
            await self.write()
            await self._office.resign()

    def stop(self) -> None:
        self._stopping.set()

    async def tick(self) -> None:
        """Every job once, now: for whoever moves the clock by hand."""
        for job in self._jobs:
            await self._run(job)
        await self.write()

    def _scheduler(self) -> AsyncIOScheduler:
        """What was missed, while another process had the office or the machine was busy, is done once."""
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        for job in self._jobs:
            scheduler.add_job(
                self._run, "interval", seconds=job.seconds, args=[job], id=job.name, next_run_time=datetime.now(UTC)
            )
        return scheduler

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(self._office_seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _write_now_and_then(self) -> None:
        if time.monotonic() >= self._write_at:
            await self.write()
            self._write_at = time.monotonic() + WRITE_SECONDS

    async def write(self) -> None:
        """How the jobs went; what cannot be written now is the next time."""
        try:
            await self._log.write()
        except (SQLAlchemyError, OSError) as error:
            log.error("jobs.not_recorded", error=type(error).__name__)

    async def _run(self, job: Job) -> None:
        """Never raises: a job that failed is on the log, and has its turn again."""
        with self._log.run(job.name) as run:
            self._in_hand.add(task := asyncio.ensure_future(self._work(job, run)))
            try:
                await task
            except (SQLAlchemyError, OSError) as error:
                run.goes_wrong(error)
                log.error("job.database_lost", job=job.name, error=type(error).__name__)
            except Exception as error:
                run.goes_wrong(error)
                log.exception("job.fault", job=job.name)
            finally:
                self._in_hand.discard(task)
        if run.done or run.failed:
            log.info("job.done", job=job.name, done=run.done, failed=run.failed, seconds=round(run.seconds or 0, 3))

    async def _work(self, job: Job, run: Run) -> None:
        """Everything that is due, each in a transaction of its own; `run` counts what was done, and what failed."""
        desk, now = self._desk(), self._clock()
        async with self._database.reading() as session:
            due = await job.find(session, desk, now, MOST_AT_ONCE)
        for one in due:
            if self._stopping.is_set():
                break
            try:
                async with self._database.transaction() as session:
                    run.done += await job.work(session, desk, now, one)
            except (SQLAlchemyError, OSError):
                raise
            except Exception as error:
                run.failed += 1
                run.goes_wrong(error)
                log.exception("job.item_fault", job=job.name, id=one)
