"""How the jobs went, kept in memory and written down every few seconds; and what of it calls for somebody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.jobs import Job
from storage import job_runs
from storage.database import Database
from storage.job_runs import JobRun

LATE_AFTER_RUNS = 5
NEVER_LATE_BEFORE = timedelta(minutes=1)
FAILING_FOR = timedelta(minutes=5)


@dataclass
class Run:
    """One run of a job. `error` names the fault's type only: its words may be a customer's, and are on the log."""

    started_at: datetime
    finished_at: datetime | None = None
    seconds: float | None = None
    done: int = 0
    failed: int = 0
    error: str | None = None

    def goes_wrong(self, error: Exception) -> None:
        self.error = type(error).__name__


@dataclass
class Since:
    """What is new of a job since it was written down: its last run, how many ended, how many of them failed, since
    when they do (`worked`: at least one did not)."""

    last: Run
    runs: int = 0
    failures: int = 0
    worked: bool = False
    failing_since: datetime | None = None

    def ended(self, run: Run) -> None:
        self.runs += 1
        if run.error is None:
            self.worked, self.failing_since = True, None
        else:
            self.failures += 1
            self.failing_since = self.failing_since or run.started_at

    def add(self, later: Since) -> None:
        self.last = later.last
        self.runs += later.runs
        self.failures += later.failures
        self.failing_since = later.failing_since if later.worked else self.failing_since or later.failing_since
        self.worked |= later.worked


class JobLog:
    def __init__(self, database: Database, machine: Callable[[], datetime]) -> None:
        self._database = database
        self._machine = machine
        self._since: dict[str, Since] = {}

    @contextmanager
    def run(self, name: str) -> Iterator[Run]:
        """For as long as the job runs; whoever runs it fills in how it went."""
        run = Run(self._machine())
        self._of(name, run).last = run
        began = time.monotonic()
        try:
            yield run
        finally:
            run.finished_at, run.seconds = self._machine(), time.monotonic() - began
            since = self._of(name, run)
            since.last = run
            since.ended(run)

    def _of(self, name: str, run: Run) -> Since:
        return self._since.setdefault(name, Since(run))

    async def write(self) -> None:
        """What is new; kept for the next time where the database cannot be reached."""
        new, self._since = self._since, {}
        try:
            async with self._database.transaction() as session:
                rows = await job_runs.of_jobs(session, new)
                for name, since in sorted(new.items()):
                    row = rows.get(name) or JobRun(name=name, runs=0, failures=0)
                    session.add(row)
                    _bring_up_to_date(row, since)
        except BaseException:
            for name, later in self._since.items():
                if name in new:
                    new[name].add(later)
            self._since = self._since | new
            raise


def _bring_up_to_date(row: JobRun, new: Since) -> None:
    row.started_at = new.last.started_at
    row.runs += new.runs
    row.failures += new.failures
    if new.last.finished_at is not None:
        row.finished_at, row.seconds = new.last.finished_at, new.last.seconds
        row.done, row.failed = new.last.done, new.last.failed
        row.error = new.last.error
    if new.worked:
        row.failing_since = new.failing_since
    elif new.failing_since is not None:
        row.failing_since = row.failing_since or new.failing_since


def troubles(runs: Sequence[JobRun], jobs: Iterable[Job], now: datetime) -> dict[str, str]:
    """What stands still or fails, by job; under "all" if nothing runs any more. Nothing before the first run."""
    last = {run.name: run for run in runs}
    known = [(job, last[job.name]) for job in jobs if job.name in last]
    newest = max((_sign_of_life(run) for _, run in known), default=None)
    if newest is None:
        return {}
    if now - newest > NEVER_LATE_BEFORE + FAILING_FOR:
        return {"all": f"no worker has run any since {_told(newest)}"}
    found = {job.name: _trouble(job, run, now) for job, run in known}
    return {name: trouble for name, trouble in found.items() if trouble is not None}


def _trouble(job: Job, run: JobRun, now: datetime) -> str | None:
    late = max(timedelta(seconds=job.seconds * LATE_AFTER_RUNS), NEVER_LATE_BEFORE)
    if now - run.started_at > late:
        if run.finished_at is None or run.finished_at < run.started_at:
            return f"running since {_told(run.started_at)}"
        return f"has not run since {_told(run.started_at)}"
    if run.failing_since is not None and now - run.failing_since > FAILING_FOR:
        return f"fails since {_told(run.failing_since)} ({run.error})"
    return None


def _sign_of_life(run: JobRun) -> datetime:
    return max(run.started_at, run.finished_at or run.started_at)


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
