"""The bot under test beside the demo's world, and a look at the desk as a page takes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.sandbox.clock import DemoClock
from bot.sandbox.snapshot import Snapshot, look
from bot.sandbox.world import DemoWorld, open_world
from tests.bot_under_test import MONDAY_NOON, BotUnderTest


@dataclass
class Demo:
    """A customer writes, and the desk shows it."""

    bot: BotUnderTest

    async def talk(self, text: str, *, chat: str = "anna", action: str | None = None) -> None:
        """The customer says something, and the bot deals with it."""
        await self.bot.hears(text, chat=chat, action=action)
        await self.bot.work()

    async def look(self, *unfolded: int) -> Snapshot:
        async with self.bot.database.reading() as session:
            return await look(session, unfolded)


@pytest.fixture
def demo(bot: BotUnderTest) -> Demo:
    return Demo(bot)


@pytest.fixture
async def world() -> AsyncIterator[DemoWorld]:
    """It is Monday noon until somebody moves the clock on."""
    async with open_world(DemoClock(wall=lambda: MONDAY_NOON)) as opened:
        yield opened
