"""Engine, sessions and `transaction()`, the one place that commits."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    Interval,
    TypeDecorator,
    event,
    func,
    literal,
    make_url,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from storage.wakeups import Wakeups, local_wakeups, queues_to_wake

SQLITE_BUSY_MILLISECONDS = 5_000
IDLE_IN_TRANSACTION_MILLISECONDS = 30_000

BigId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite only numbers rows by itself when the key is a plain INTEGER."""


class UTCDateTime(TypeDecorator[datetime]):
    """Aware datetimes in, aware UTC datetimes out, on both databases. A naive one is refused, never guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Every table of ours."""

    type_annotation_map = {datetime: UTCDateTime(), int: BigId}  # noqa: RUF012 - SQLAlchemy reads it off the class


def normalise_url(url: str) -> URL:
    """`DATABASE_URL` as hosts write it → the async driver's form.

    Hosts hand out `postgres://…?sslmode=require&channel_binding=require`; SQLAlchemy refuses the scheme and asyncpg
    the parameters.
    Raises `ValueError` for a database we do not speak.
    """
    parsed = make_url(url)
    backend = parsed.drivername.split("+")[0]
    if backend in {"postgres", "postgresql"}:
        query = dict(parsed.query)
        query.pop("channel_binding", None)
        sslmode = query.pop("sslmode", None)
        if sslmode is not None:
            query["ssl"] = sslmode
        return parsed.set(drivername="postgresql+asyncpg", query=query)
    if backend == "sqlite":
        return parsed.set(drivername="sqlite+aiosqlite")
    raise ValueError(f"DATABASE_URL: only sqlite and postgresql are known, not {backend}")


class Database:
    """One database: a writer (on SQLite a single connection, waiters queue in its pool) and readers."""

    def __init__(self, url: str, *, pool_size: int = 10, busy_milliseconds: int = SQLITE_BUSY_MILLISECONDS) -> None:
        self.url = normalise_url(url)
        self.is_postgres = self.url.get_backend_name() == "postgresql"
        if self.is_postgres:
            self.engine = _postgres_engine(self.url, pool_size)
            self._reading_engine = self.engine
        else:
            self.engine = _sqlite_engine(self.url, begin="BEGIN IMMEDIATE", pool_size=1, busy=busy_milliseconds)
            self._reading_engine = _sqlite_engine(self.url, begin="BEGIN", pool_size=4, busy=busy_milliseconds)
        self._writers = async_sessionmaker(self.engine, expire_on_commit=False)
        self._readers = async_sessionmaker(self._reading_engine, expire_on_commit=False)
        self.wakeups: Wakeups = local_wakeups()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commits when the block ends, rolls back when it raises. No network call belongs inside."""
        async with self._writers() as session, session.begin():
            yield session
        self.wakeups.wake(queues_to_wake(session))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """One consistent look; what is written inside is thrown away, what was read stays usable."""
        async with self._readers() as session:
            yield session
            session.expunge_all()
            await session.rollback()

    @property
    def engines(self) -> tuple[AsyncEngine, ...]:
        return (self.engine,) if self._reading_engine is self.engine else (self.engine, self._reading_engine)

    async def dispose(self) -> None:
        for engine in self.engines:
            await engine.dispose()


def _postgres_engine(url: URL, pool_size: int) -> AsyncEngine:
    settings = {
        "application_name": "supportbot",
        "idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MILLISECONDS),
        "tcp_keepalives_idle": "10",  # a machine that is gone: its locks are free after 25 seconds
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
    }
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={"server_settings": settings},
        hide_parameters=True,  # an error's text goes into the log: no customer's words in it
    )


class _SQLiteConnection(sqlite3.Connection):
    """A connection dropped because its task was cancelled may still have a cursor somewhere: SQLite would then keep
    it half closed, its write lock with it, and every other writer would wait in vain."""

    def close(self) -> None:
        if self.in_transaction:
            self.rollback()
        super().close()


def _sqlite_engine(url: URL, *, begin: str, pool_size: int, busy: int) -> AsyncEngine:
    # Every session ends its transaction itself: the pool's own rollback would only be one more trip to the thread.
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_reset_on_return=None,
        connect_args={"isolation_level": None, "factory": _SQLiteConnection},
        hide_parameters=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={busy}")
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: what a channel was told "ok" for must survive a power cut, not only a crash of ours.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Any) -> None:
        # The driver would open a transaction only at the first write: two readers that then both write lose one update.
        connection.exec_driver_sql(begin)

    return engine


def is_postgres(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def database_time(session: AsyncSession, delta: timedelta = timedelta()) -> ColumnElement[datetime]:
    """Now plus `delta` by the database's clock, so that workers on several machines agree."""
    if is_postgres(session):
        return func.clock_timestamp(type_=DateTime(timezone=True)) + literal(delta, Interval())
    return literal(datetime.now(UTC) + delta, UTCDateTime())


def is_passing_fault(error: Exception) -> bool:
    """Whether the same transaction may well succeed if it is begun again: the database was away or busy, or two
    transactions were in each other's way, of which PostgreSQL ends one.

    https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    if isinstance(error, OperationalError):
        return True
    state = str(getattr(error.orig, "sqlstate", None) or "") if isinstance(error, DBAPIError) else ""
    return state[:2] in {"40", "55", "57", "08", "53"}


def insert_into(session: AsyncSession, table: type[Base]) -> Any:
    """An INSERT of the session's dialect, for its `on_conflict_…` clauses (SQLAlchemy types them per dialect)."""
    return postgresql.insert(table) if is_postgres(session) else sqlite.insert(table)
