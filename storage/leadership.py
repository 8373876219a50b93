"""Being the only one: one process of many that does what two must not do at once, such as polling for updates.

PostgreSQL: a session advisory lock, free again when its holder's connection ends. SQLite has one worker anyway.
"""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database

LEADER_LOCK_CLASS = 7_303


class Office(IntEnum):
    """What there is only one of: second key of the advisory lock."""

    TELEGRAM_POLLER = 1
    JOBS = 2
    RELEASES = 3


class Leadership:
    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._office = office
        self._connection: AsyncConnection | None = None

    async def is_held(self) -> bool:
        """Takes the office if it is free; False while another process has it, or the database cannot be asked."""
        if not self._database.is_postgres:
            return True
        try:
            if self._connection is not None:
                await self._connection.execute(text("select 1"))
                return True
            return await self._take()
        except (SQLAlchemyError, OSError):
            await self.resign()
            return False

    async def _take(self) -> bool:
        connection = await self._database.engine.connect()
        try:
            connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            ask = text("select pg_try_advisory_lock(:locks, :office)")
            given = await connection.execute(ask, {"locks": LEADER_LOCK_CLASS, "office": int(self._office)})
            if given.scalar_one():
                self._connection = connection
                return True
        except BaseException:
            await connection.invalidate()
            await connection.close()
            raise
        await connection.close()
        return False

    async def resign(self) -> None:
        """The next one can have it at once."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                await connection.invalidate()
            finally:
                await connection.close()
