"""The editable content as it is on disk: read at start, and again when a file has changed."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from bot.nlu_thresholds import read_thresholds
from handlers.completeness import check_complete
from handlers.content import FILES, TEMPLATES, Content, load_content
from handlers.desk import Desk
from handlers.errors import SupportError

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 2.0


class LiveDesk:
    """Hands out the desk with the newest content. A file that is wrong is logged, and the last good one stays."""

    def __init__(self, desk: Desk, directory: Path, zone: str | None = None) -> None:
        self._desk = desk
        self._directory = directory
        self._zone = zone
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
        except SupportError as error:
            log.error("content.refused", error=str(error))
            return
        self._desk = replace(self._desk, content=content, thresholds=thresholds)
        log.info("content.reloaded")


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
