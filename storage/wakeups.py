"""How a waiting worker hears at once that there is work: pg_notify between processes, an event inside one.

It is only a hint: a one-second poll stands behind every notification, so a lost one costs a second and nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Protocol

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncSession

log = structlog.get_logger(__name__)

CHANNEL_PREFIX = "supportbot_"
RECONNECT_SECONDS = 2.0


class Wakeups(Protocol):
    """Tells the workers of this process which queues have got work."""

    def wake(self, queues: Iterable[str]) -> None: ...

    async def wait(self, queue: str, seconds: float) -> None:
        """Returns when `queue` got work, or after `seconds`."""
        ...


class LocalWakeups:
    """Within one process."""

    def __init__(self) -> None:
        self._events: dict[str, asyncio.Event] = {}

    def wake(self, queues: Iterable[str]) -> None:
        for queue in queues:
            self._event(queue).set()

    async def wait(self, queue: str, seconds: float) -> None:
        event = self._event(queue)
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except TimeoutError:
            return
        event.clear()

    def _event(self, queue: str) -> asyncio.Event:
        return self._events.setdefault(queue, asyncio.Event())


def local_wakeups() -> LocalWakeups:
    return LocalWakeups()


async def announce(session: AsyncSession, queue: str) -> None:
    """Wake the workers of `queue` when this transaction commits (and only then)."""
    session.info.setdefault("wake", set()).add(queue)
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("select pg_notify(:channel, '')"), {"channel": CHANNEL_PREFIX + queue})


def queues_to_wake(session: AsyncSession) -> set[str]:
    queues: set[str] = session.info.pop("wake", set())
    return queues


async def listen_to_postgres(url: URL, wakeups: Wakeups, queues: Iterable[str]) -> None:
    """Passes PostgreSQL's notifications on to `wakeups`, for ever; a broken connection is rebuilt."""
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        try:
            await _listen_once(dsn, wakeups, list(queues))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("wakeups.listener_lost", error=type(error).__name__)
        await asyncio.sleep(RECONNECT_SECONDS)


async def _listen_once(dsn: str, wakeups: Wakeups, queues: list[str]) -> None:
    connection = await asyncpg.connect(dsn)
    closed = asyncio.Event()
    connection.add_termination_listener(lambda _connection: closed.set())

    def heard(_connection: object, _pid: int, channel: str, _payload: object) -> None:
        wakeups.wake([channel.removeprefix(CHANNEL_PREFIX)])

    try:
        for queue in queues:
            await connection.add_listener(CHANNEL_PREFIX + queue, heard)
        wakeups.wake(queues)
        await closed.wait()
    finally:
        await connection.close(timeout=2)
