"""Which workers are alive: on PostgreSQL each holds a session advisory lock named by its number."""

from __future__ import annotations

import secrets

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.lanes import WORKER_LOCK_CLASS

LARGEST_OWNER = 2**31 - 1


class Presence:
    """This worker's number, and the lock that proves it alive for as long as its connection lives."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: AsyncConnection | None = None
        self.owner = secrets.randbelow(LARGEST_OWNER) + 1

    async def announce(self) -> None:
        """Takes the lock; again, under a new number, after the connection was lost."""
        if not self._database.is_postgres:
            return
        await self.withdraw()
        self.owner = secrets.randbelow(LARGEST_OWNER) + 1
        connection = await self._database.engine.connect()
        self._connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await self._connection.execute(
            text("select pg_advisory_lock(:locks, :owner)"), {"locks": WORKER_LOCK_CLASS, "owner": self.owner}
        )

    async def is_held(self) -> bool:
        """Whether the lock still stands (always so on SQLite, where there is nobody else)."""
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
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                await connection.invalidate()
            finally:
                await connection.close()
