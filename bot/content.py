"""The editable content as it is on disk and in the database: read at start, and again when it has changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from bot.nlu_thresholds import read_thresholds
from handlers.completeness import check_complete
from handlers.content import FILES, TEMPLATES, Content, load_content
from handlers.desk import Desk
from handlers.errors import SupportError
from handlers.living_answers import Living, read_living
from storage import training
from storage.database import Database

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 2.0


class LiveDesk:
    """Hands out the desk with the newest content. What is wrong is logged, and the last good one stays.

    Files are looked at when it is asked; the database, whose answers and thresholds go before the files' once it is
    seeded, by `following`, so that no message waits for a query.
    """

    def __init__(self, desk: Desk, directory: Path, zone: str | None = None) -> None:
        self._from_files = self._desk = desk
        self._directory = directory
        self._zone = zone
        self._living: Living | None = None
        self._seen = fingerprint(directory)
        self._looked_at = time.monotonic()

    def __call__(self) -> Desk:
        if time.monotonic() - self._looked_at >= LOOK_EVERY_SECONDS:
            self._looked_at = time.monotonic()
            self._look()
        return self._desk

    def _look(self) -> None:
        seen = fingerprint(self._directory)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            content = read_content(self._directory, self._zone)
            thresholds = read_thresholds(self._directory / "thresholds.yml")
            desk = replace(self._from_files, content=content, thresholds=thresholds)
            self._desk = _with_living(desk, self._living)
        except SupportError as error:
            log.error("content.refused", error=str(error))
            return
        if self._living is not None and content.answers != self._from_files.content.answers:
            log.warning("content.answers_are_in_the_database", advice="supportbot nlu import shows what differs")
        self._from_files = desk
        log.info("content.reloaded")

    async def refresh(self, database: Database) -> None:
        """Takes what was edited in the database since the last look. Raises what the database raises."""
        async with database.reading() as session:
            newest = await training.newest_change(session)
            if newest == (self._living.change if self._living else 0):
                return
            try:
                living = await read_living(session)
                self._desk = _with_living(self._from_files, living)
            except (SupportError, ValidationError) as error:
                log.error("content.refused", error=str(error))
                return
        self._living = living
        log.info("content.living", change=newest)

    @asynccontextmanager
    async def following(self, database: Database, every_seconds: float = LOOK_EVERY_SECONDS) -> AsyncIterator[None]:
        """Looks at once, and then every so often while it lasts; a database that is away is asked again."""
        await self._refresh_if_there(database)
        task = asyncio.create_task(self._follow(database, every_seconds))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _follow(self, database: Database, every_seconds: float) -> None:
        while True:
            await asyncio.sleep(every_seconds)
            await self._refresh_if_there(database)

    async def _refresh_if_there(self, database: Database) -> None:
        try:
            await self.refresh(database)
        except (SQLAlchemyError, OSError) as error:
            log.warning("content.database_lost", error=type(error).__name__)


def _with_living(desk: Desk, living: Living | None) -> Desk:
    """The database's answers and thresholds over those of the files, and titles of intents that only it has."""
    if living is None:
        return desk
    content = replace(
        desk.content,
        answers={**desk.content.answers, **living.answers},
        topics={**desk.content.topics, **living.titles},
    )
    return replace(desk, content=content, thresholds=living.thresholds or desk.thresholds)


def read_content(directory: Path, zone: str | None = None) -> Content:
    """All of it, checked also for what the code will ask of it; `zone` (a setting) goes before the calendar's own.

    Raises `ContentError`.
    """
    content = load_content(directory)
    check_complete(content)
    if zone is None:
        return content
    return replace(content, calendar=replace(content.calendar, zone=ZoneInfo(zone)))


def fingerprint(directory: Path) -> tuple[tuple[str, int, int], ...]:
    """Changes whenever a content file does."""
    texts = [file for folder in ("answers", TEMPLATES) for file in (directory / folder).glob("*.yml")]
    files = [*directory.glob("*.yml"), *texts, *(directory / FILES).glob("*")]
    return tuple(sorted((str(file), (stat := file.stat()).st_mtime_ns, stat.st_size) for file in files))
