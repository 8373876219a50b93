"""The bot under test beside the demo's world, and a look at the desk as a page takes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from nicegui.testing import User
from nicegui.testing.user_simulation import user_simulation

from bot.sandbox.clock import DemoClock
from bot.sandbox.page import add_demo_page
from bot.sandbox.snapshot import Snapshot, look
from bot.sandbox.world import DemoWorld, open_world
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.sandbox.page_scene import app_of, see


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


@pytest.fixture
async def user(demo: Demo, world: DemoWorld, caplog: pytest.LogCaptureFixture) -> AsyncIterator[User]:
    async with user_simulation() as user:
        add_demo_page(app_of(demo.bot), world)
        await user.open("/?lang=en")
        await see(user, "No tickets yet")
        yield user
    assert [record.message for record in caplog.get_records("call") if record.levelname == "ERROR"] == []
