"""SQLite in the month: on the loop's own thread, and without waiting for the disk.

aiosqlite hands every step of a statement to another thread and back, so that a slow one holds up nobody. Here nobody
else is to be served meanwhile, and there are a million of them; nor is anything to survive a power cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy import event

from storage.database import Database


class _Direct(aiosqlite.Connection):
    """The same, its calls made at once."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)


def _connect(file: str, **options: Any) -> aiosqlite.Connection:
    return _Direct(partial(sqlite3.connect, file, **options), iter_chunk_size=64)


async def make_quick(database: Database) -> None:
    """From the next connection on; those there are now are closed."""
    await database.dispose()
    for engine in database.engines:
        event.listen(engine.sync_engine, "do_connect", _connect_directly)
        event.listen(engine.sync_engine, "connect", _leave_to_the_system)


def _connect_directly(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
    options["async_creator_fn"] = _connect


def _leave_to_the_system(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()
