"""Which workers are alive. PostgreSQL: each holds a session advisory lock named by its number. SQLite: there is one,
and a lock on a file beside the database keeps it the only one."""

from __future__ import annotations

import fcntl
import secrets
from pathlib import Path
from typing import IO

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.lanes import WORKER_LOCK_CLASS

LARGEST_OWNER = 2**31 - 1


class AlreadyWorked(Exception):
    """Another process works this SQLite database: two would take each other's lanes."""


class Presence:
    """This worker's number, and the lock that proves it alive for as long as the process (or its connection) lives."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self._file: IO[str] | None = None
        self.owner = secrets.randbelow(LARGEST_OWNER) + 1

    async def announce(self) -> None:
        """Takes the lock; on PostgreSQL again, under a new number, after the connection was lost.

        Raises `AlreadyWorked` where another process has the SQLite database.
        """
        await self.withdraw()
        if not self._database.is_postgres:
            self._lock_file()
            return
        self.owner = secrets.randbelow(LARGEST_OWNER) + 1
        connection = await self._database.engine.connect()
        self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await self._connection.execute(
            text("select pg_advisory_lock(:locks, :owner)"), {"locks": WORKER_LOCK_CLASS, "owner": self.owner}
        )

    async def is_held(self) -> bool:
        """Whether the lock still stands (on SQLite it does for as long as we live)."""
        if not self._database.is_postgres:
            return True
        if self._connection is None:
            return False
        try:
            await self._connection.execute(text("select 1"))
        except Exception:
            return False
        return True

    async def withdraw(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                await connection.invalidate()
            finally:
                await connection.close()

    def _lock_file(self) -> None:
        name = self._database.url.database
        if not name or name == ":memory:":
            return
        file = Path(f"{name}.worker").open("w")  # noqa: SIM115 - open for as long as the lock is to stand
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise AlreadyWorked(f"another process works {name}; stop it first, or use PostgreSQL") from error
        self._file = file
