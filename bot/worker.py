"""The long-running process: works the inbox, drains the outbox, tells the desk, many lanes at a time, each in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from storage import lanes
from storage.database import Database
from storage.lanes import Claim, Queue
from storage.presence import Presence
from storage.wakeups import listen_to_postgres

log = structlog.get_logger(__name__)

POLL_SECONDS = 1.0
REAP_SECONDS = 2.0
AT_ONCE = {
    Queue.IN: 8,
    Queue.OUT: 24,
    Queue.DESK: 8,
}  # a send mostly waits for its provider: a slow one must not hold up the rest
FINISH_SECONDS = 20.0

Work = Callable[[Claim], Awaitable[None]]


class Worker:
    """Works the queues until it is stopped; what is in hand is finished first. Without `work_desk` there is no desk."""

    def __init__(self, database: Database, work_inbox: Work, work_outbox: Work, work_desk: Work | None = None) -> None:
        self._database = database
        self._work = {Queue.IN: work_inbox, Queue.OUT: work_outbox}
        if work_desk is not None:
            self._work[Queue.DESK] = work_desk
        self._presence = Presence(database)
        self._stopping = asyncio.Event()
        self._in_hand: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Returns after `stop()`. A lost database connection is waited out."""
        await self._start()
        loops = [asyncio.create_task(self._drain(queue)) for queue in self._work]
        loops.append(asyncio.create_task(self._reap()))
        if self._database.is_postgres:
            loops.append(asyncio.create_task(listen_to_postgres(self._database.url, self._database.wakeups, Queue)))
        try:
            await self._stopping.wait()
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await self._finish()
            await self._presence.withdraw()
            log.info("worker.stopped")

    def stop(self) -> None:
        self._stopping.set()

    async def _start(self) -> None:
        await self._presence.announce()
        freed = await self._free_dead_owners()
        log.info("worker.started", owner=self._presence.owner, freed=freed)

    async def _free_dead_owners(self) -> int:
        async with self._database.transaction() as session:
            return await lanes.free_dead_owners(session)

    async def _finish(self) -> None:
        """What is in hand may end by itself; what is late is taken up by somebody else, or at the next start."""
        if self._in_hand:
            _, late = await asyncio.wait(self._in_hand, timeout=FINISH_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _drain(self, queue: Queue) -> None:
        """Claims as many lanes as there is room for, for ever."""
        room = asyncio.Semaphore(AT_ONCE[queue])
        while True:
            try:
                wait = await self._claim_and_start(queue, room)
            except (SQLAlchemyError, OSError) as error:
                log.error("worker.database_lost", queue=queue, error=type(error).__name__)
                wait = POLL_SECONDS
            if wait:
                await self._database.wakeups.wait(queue, wait)

    async def _claim_and_start(self, queue: Queue, room: asyncio.Semaphore) -> float:
        """Starts work on what is ready; returns how long there is nothing more to do (seconds, 0: go on at once)."""
        await room.acquire()
        free = 1
        while not room.locked() and free < AT_ONCE[queue]:
            await room.acquire()
            free += 1
        started = 0
        try:
            async with self._database.transaction() as session:
                claims = await lanes.claim(session, queue, self._presence.owner, free)
                are_all = len(claims) < free  # as many as there is room for means that there may be more
                pause = await lanes.next_ready(session, queue) if are_all else 0.0
            for held in claims:
                task = asyncio.create_task(self._work_one(queue, held, room))
                self._in_hand.add(task)
                task.add_done_callback(self._in_hand.discard)
                started += 1
        finally:
            for _ in range(free - started):
                room.release()
        if not are_all:
            return 0.0
        return POLL_SECONDS if pause is None else min(POLL_SECONDS, max(pause, 0.005))

    async def _work_one(self, queue: Queue, held: Claim, room: asyncio.Semaphore) -> None:
        try:
            await self._work[queue](held)
        except (SQLAlchemyError, OSError) as error:
            log.error("worker.database_lost", queue=queue, error=type(error).__name__)
        except Exception:
            log.exception("worker.fault", queue=queue, lane=held.lane_id)
        finally:
            room.release()

    async def _reap(self) -> None:
        """Frees what dead workers held; on SQLite there are none but ourselves, and that was done at the start."""
        while self._database.is_postgres:
            await asyncio.sleep(REAP_SECONDS)
            with suppress(SQLAlchemyError, OSError):
                if not await self._presence.is_held():
                    await self._presence.announce()
                freed = await self._free_dead_owners()
                if freed:
                    log.warning("worker.freed_dead", lanes=freed)
