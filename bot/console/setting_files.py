"""The content files that say how the desk works: read with a mark of what was seen, checked as a whole, and written so
that nobody ever reads half a file and nobody's edit is lost."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bot.content import read_content
from handlers.content_file import ContentError, Fault
from handlers.errors import SupportError

NAMES = ("desk.yml", "calendar.yml", "forms.yml", "sla.yml", "rhythm.yml", "surveys.yml")
MOST_CHARACTERS = 100_000
_writing = asyncio.Lock()


class FileChanged(SupportError):
    """Somebody else changed the file since it was opened; it holds what stands in it now."""

    def __init__(self, now: SettingFile) -> None:
        super().__init__(f"{now.name} was changed meanwhile")
        self.now = now


class CannotWrite(SupportError):
    """The content folder is not ours to write to; the text says why."""


@dataclass(frozen=True)
class SettingFile:
    """`mark`: changes with the text."""

    name: str
    text: str
    mark: str
    is_writable: bool


@dataclass(frozen=True)
class Mistake:
    """The first thing that is wrong. `file`: another one, where what was changed no longer fits it. `fault`: the same
    as data."""

    line: int
    reason: str
    file: str | None = None
    fault: Fault | None = None


def read_file(folder: Path, name: str) -> SettingFile:
    """Raises `KeyError` for a name that is not one of `NAMES`."""
    if name not in NAMES:
        raise KeyError(name)
    text = (folder / name).read_bytes().decode("utf-8", "replace")
    return SettingFile(name, text, mark_of(text), os.access(folder, os.W_OK) and os.access(folder / name, os.W_OK))


def mark_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def tidy(text: str) -> str:
    """A browser sends CRLF."""
    return text.replace("\r\n", "\n").rstrip() + "\n"


def mistake_in(folder: Path, name: str, text: str, zone: str | None) -> Mistake | None:
    """What would be refused if the file were this, together with all the others. Reads all of them: call it in a
    thread."""
    with tempfile.TemporaryDirectory() as trial:
        for entry in folder.iterdir():
            if entry.name != name:
                (Path(trial) / entry.name).symlink_to(entry.resolve(), target_is_directory=entry.is_dir())
        (Path(trial) / name).write_text(text, encoding="utf-8")
        try:
            read_content(Path(trial), zone)
        except ContentError as error:
            return replace(_read_mistake(str(error), Path(trial), name), fault=error.fault)
    return None


def _read_mistake(told: str, trial: Path, name: str) -> Mistake:
    told = told.replace(f"{trial}{os.sep}", "")
    found = re.fullmatch(r"(?P<file>[^:]+):(?P<line>\d+): (?P<reason>.*)", told, re.DOTALL)
    if found is None:
        return Mistake(1, told)
    return Mistake(int(found["line"]), found["reason"], found["file"] if found["file"] != name else None)


async def write_file(
    folder: Path, name: str, text: str, seen: str, keep: Callable[[SettingFile], Awaitable[None]]
) -> SettingFile:
    """Puts `text` in place of what was `seen`, all at once. `keep` is given what stood there before, and if it fails
    nothing is changed. Raises `FileChanged`, `CannotWrite`."""
    async with _writing:
        before = await asyncio.to_thread(read_file, folder, name)
        if before.mark != seen:
            raise FileChanged(before)
        await keep(before)
        try:
            await asyncio.to_thread(_replace, folder / name, text)
        except OSError as error:
            raise CannotWrite(f"{folder}: {error.strerror}") from error
    return await asyncio.to_thread(read_file, folder, name)


def _replace(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(path.stat().st_mode & 0o777)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
