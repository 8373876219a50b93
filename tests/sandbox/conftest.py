"""The bot under test with a courier and the demo's channel: what the page shows has been sent."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.channels.local import LocalChannel
from bot.delivery import Courier
from bot.sandbox.chat import ChatView, chat_view
from bot.sandbox.snapshot import Snapshot, look
from storage import lanes
from storage.lanes import Queue
from tests.bot_under_test import BotUnderTest


@dataclass
class Demo:
    """Works and delivers in one step, and looks as a page does."""

    bot: BotUnderTest
    channel: LocalChannel = field(default_factory=LocalChannel)

    async def deliver(self) -> None:
        courier = Courier(self.bot.database, {"local": self.channel}, lambda: self.bot.now)
        while True:
            async with self.bot.database.transaction() as session:
                held = await lanes.claim(session, Queue.OUT, 1, 10)
            if not held:
                return
            for claim in held:
                await courier.work(claim)

    async def talk(self, text: str, *, chat: str = "anna", action: str | None = None) -> None:
        """The customer says something, and the reply arrives."""
        await self.bot.hears(text, chat=chat, action=action)
        await self.bot.work()
        await self.deliver()

    async def look(self, chat: str = "anna", *unfolded: int) -> Snapshot:
        async with self.bot.database.reading() as session:
            return await look(session, chat, unfolded)

    async def view(self, chat: str = "anna", language: str = "pl") -> ChatView:
        seen = await self.look(chat)
        zone = self.bot.content.calendar.zone
        texts = self.bot.texts(language)
        return chat_view(seen.conversation, seen.lines, seen.unworked, seen.sending, texts, self.bot.now, zone)


@pytest.fixture
def demo(bot: BotUnderTest) -> Demo:
    return Demo(bot)
