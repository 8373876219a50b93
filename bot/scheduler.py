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

from handlers.desk import Desk
from handlers.jobs import JOBS, Job
from storage.database import Database

log = structlog.get_logger(__name__)

OFFICE_SECONDS = 2.0
FINISH_SECONDS = 15.0
MOST_AT_ONCE = 200


class Office(Protocol):
    """Being the only one of many processes (`storage.leadership.Leadership`)."""

    async def is_held(self) -> bool: ...

    async def resign(self) -> None: ...


class Scheduler:
    """Part of the worker process. How often a job is looked at goes by the machine's time, what is due by `clock`."""

    def __init__(
        self,
        database: Database,
        desk: Callable[[], Desk],
        clock: Callable[[], datetime],
        office: Office,
        jobs: Iterable[Job] = JOBS,
        office_seconds: float = OFFICE_SECONDS,
    ) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock
        self._office = office
        self._jobs = tuple(jobs)
        self._office_seconds = office_seconds
        self._stopping = asyncio.Event()
        self._in_hand: set[asyncio.Future[tuple[int, int]]] = set()

    async def run(self) -> None:
        """Until `stop()`; what is in hand then is finished."""
        scheduler = self._scheduler()
        scheduler.start(paused=True)
        try:
            while not self._stopping.is_set():
                (scheduler.resume if await self._office.is_held() else scheduler.pause)()
                await self._rest()
        finally:
            scheduler.pause()
            if self._in_hand:
                await asyncio.wait(self._in_hand, timeout=FINISH_SECONDS)
            scheduler.shutdown(wait=False)
            await self._office.resign()

    def stop(self) -> None:
        self._stopping.set()

    async def tick(self) -> None:
        """Every job once, now: for whoever moves the clock by hand."""
        for job in self._jobs:
            await self._run(job)

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

    async def _run(self, job: Job) -> None:
        """Never raises: a job that failed is on the log, and has its turn again."""
        self._in_hand.add(task := asyncio.ensure_future(self._work(job)))
        began = time.monotonic()
        try:
            done, failed = await task
        except (SQLAlchemyError, OSError) as error:
            log.error("job.database_lost", job=job.name, error=type(error).__name__)
        except Exception:
            log.exception("job.fault", job=job.name)
        else:
            if done or failed:
                log.info("job.done", job=job.name, done=done, failed=failed, seconds=round(time.monotonic() - began, 3))
        finally:
            self._in_hand.discard(task)

    async def _work(self, job: Job) -> tuple[int, int]:
        """Everything that is due, each in a transaction of its own; how many were done, and how many failed."""
        desk, now = self._desk(), self._clock()
        done = failed = 0
        async with self._database.reading() as session:
            due = await job.find(session, desk, now, MOST_AT_ONCE)
        for one in due:
            if self._stopping.is_set():
                break
            try:
                async with self._database.transaction() as session:
                    done += await job.work(session, desk, now, one)
            except (SQLAlchemyError, OSError):
                raise
            except Exception:
                failed += 1
                log.exception("job.item_fault", job=job.name, id=one)
        return done, failed
