"""When each job last ran, and how it went: told on the health page and in metrics.

By the machine's time, not the application's: how often a job runs goes by that too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Integer, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class JobRun(Base):
    """The last run of a job. `failing_since`: all runs since then failed, the last with `error`; `finished_at` before
    `started_at`: it is running. `runs` and `failures` count all there ever were."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    seconds: Mapped[float | None]
    done: Mapped[int] = mapped_column(Integer, default=0)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    runs: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    failing_since: Mapped[datetime | None]


async def of_jobs(session: AsyncSession, names: Iterable[str]) -> dict[str, JobRun]:
    """The jobs' rows, to be brought up to date; only whoever has the office of the jobs writes there."""
    found = (await session.scalars(select(JobRun).where(JobRun.name.in_(tuple(names))))).all()
    return {run.name: run for run in found}


async def all_of_them(session: AsyncSession) -> Sequence[JobRun]:
    return (await session.scalars(select(JobRun).order_by(JobRun.name))).all()
