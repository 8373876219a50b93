"""A customer in Telegram, and what they get: over real HTTP, by webhook and by polling, on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram import Telegram
from handlers.content import Content
from storage.database import Database
from tests.channels.telegram_rig import Rig, Transport, connected, open_rig, until
from tests.fakes import FakeNLU

BOTH = pytest.mark.parametrize("transport", list(Transport))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two messages to a chat there is no second to wait."""
    monkeypatch.setattr(Telegram, "seconds_per_chat", 0.0)


@pytest.fixture
async def rig(database: Database, content: Content, nlu: FakeNLU) -> AsyncIterator[Rig]:
    async with open_rig(database, content, nlu) as opened:
        yield opened


@BOTH
async def test_what_a_customer_writes_is_answered(rig: Rig, transport: Transport) -> None:
    rig.nlu.teach("dzień dobry", "greet")
    anna = rig.api.person("Anna")
    async with connected(rig, transport) as bot, bot.at_work():
        anna.types("dzień dobry")
        await until(lambda: len(rig.replies(anna.id)) == 1)
    [reply] = [seen for seen in anna.sees() if seen.is_bot]
    assert reply.text.startswith("Cześć!")
    assert "text_link" in {entity["type"] for entity in reply.entities}
