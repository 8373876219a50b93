from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import worker as worker_module
from bot.worker import AT_ONCE, Worker
from storage.database import Database
from storage.lanes import Claim
from tests.bot_under_test import BotUnderTest


class LosingDatabase(Database):
    """After its first transaction (the worker's start) loses the connection at the next `losses` commits."""

    started = False
    losses = 4 * sum(AT_ONCE.values())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with super().transaction() as session:
            yield session
            if self.started and self.losses:
                self.losses -= 1
                raise OperationalError("commit", {}, Exception("the connection was lost"))
            self.started = True


async def test_a_worker_whose_claims_were_lost_at_commit_goes_on(
    bot: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 0.01)  # as a minute of outage, in no time
    database = LosingDatabase(bot.database.url.render_as_string(hide_password=False))
    worked = asyncio.Event()

    async def work(_held: Claim) -> None:
        worked.set()

    worker = Worker(database, work, work)
    await bot.hears("hej")
    running = asyncio.create_task(worker.run())
    await asyncio.wait_for(worked.wait(), 5)
    worker.stop()
    await running
    await database.dispose()
