"""The demo's world, and its page."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from nicegui.testing import User
from nicegui.testing.user_simulation import user_simulation

from bot.sandbox.clock import DemoClock
from bot.sandbox.page import add_demo_page
from bot.sandbox.world import DemoWorld, open_world
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.sandbox.page_scene import app_of, see


@pytest.fixture
async def world() -> AsyncIterator[DemoWorld]:
    """It is Monday noon until somebody moves the clock on."""
    async with open_world(DemoClock(wall=lambda: MONDAY_NOON)) as opened:
        yield opened


@pytest.fixture
async def user(bot: BotUnderTest, world: DemoWorld, caplog: pytest.LogCaptureFixture) -> AsyncIterator[User]:
    async with user_simulation() as user:
        add_demo_page(app_of(bot), world)
        await user.open("/?lang=en")
        await see(user, "Cases that need a person will show up here.")
        yield user
    assert [record.message for record in caplog.get_records("call") if record.levelname == "ERROR"] == []
