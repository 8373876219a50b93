"""Delivers what waits, as a worker would, without waiting for a retry's time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from bot.delivery import Courier
from storage import lanes
from storage.lanes import Claim, Lane, Queue
from storage.outbox import OutboxMessage
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.fakes import FakeChannel


class Post:
    def __init__(self, bot: BotUnderTest) -> None:
        self.bot = bot
        self.channel = FakeChannel()
        self.courier = Courier(bot.database, {"local": self.channel}, lambda: bot.now)

    async def deliver(self) -> None:
        """What is due now, one message a chat."""
        async with self.bot.database.transaction() as session:
            held = await lanes.claim(session, Queue.OUT, 1, 10)
        await self._work(held)

    async def deliver_all(self, rounds: int = 30) -> None:
        """Until nothing waits any more, as if there were no waits."""
        past = MONDAY_NOON - timedelta(days=9999)
        for _ in range(rounds):
            async with self.bot.database.transaction() as session:
                await session.execute(update(Lane).where(Lane.ready_at.is_not(None)).values(ready_at=past))
                held = await lanes.claim(session, Queue.OUT, 1, 10)
            if not held:
                return
            await self._work(held)

    async def _work(self, held: list[Claim]) -> None:
        for claim in held:
            await self.courier.work(claim)

    async def keys(self) -> list[str]:
        async with self.bot.database.reading() as session:
            return list((await session.scalars(select(OutboxMessage.dedupe).order_by(OutboxMessage.seq))).all())

    async def statuses(self) -> list[str]:
        async with self.bot.database.reading() as session:
            look = select(OutboxMessage.status).order_by(OutboxMessage.lane_id, OutboxMessage.seq)
            return list((await session.scalars(look)).all())
