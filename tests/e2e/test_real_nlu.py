"""From the inbox to the outbox with a real, trained Rasa: what a customer gets for what they type."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.nlu_server import NLUServer
from bot.nlu_thresholds import read_thresholds
from bot.rasa import RasaNLU
from handlers.content import Content
from handlers.orders import Order, OrderStatus
from storage.conversations import Message
from storage.database import Database
from tests.bot_under_test import BotUnderTest
from tests.fakes import FakeOrders
from tests.rasa_fixture import rasa_server

__all__ = ["rasa_server"]

CONTENT = Path(__file__).parents[2] / "nlu_data"


@pytest.fixture
async def bot(database: Database, content: Content, rasa_server: NLUServer) -> AsyncIterator[BotUnderTest]:
    async with httpx.AsyncClient() as client:
        bot = BotUnderTest(database, content, RasaNLU(rasa_server.url, rasa_server.token, client))
        bot.thresholds = read_thresholds(CONTENT / "thresholds.yml")
        bot.orders = FakeOrders({"ZAM-20481": Order("ZAM-20481", OrderStatus.SHIPPED, "InPost")})
        yield bot


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("gdzie jest moja paczka ZAM-20481", "w drodze"),
        ("gdzie moja paczka zam-20481??", "w drodze"),
        ("ile mam dni na zwrot", "14 dni"),
        ("o ktorej otwieracie w sobote", "9:00–14:00"),
        ("what payment methods do you accept", "BLIK"),
        ("how long is the warranty", "2 years"),
        ("jaka będzie jutro pogoda w Krakowie", "pomagam tylko w sprawach naszego sklepu"),
        ("konsultant", "#1001"),
        ("chcę złożyć reklamację, czajnik przestał grzać po tygodniu używania", "rozwiązanie"),
        ("can I talk to a real person", "#1001"),
        ("jesteś botem?", "Jestem botem"),
    ],
)
async def test_what_a_customer_types_gets_the_reply_it_means(bot: BotUnderTest, typed: str, expected: str) -> None:
    assert expected in (await bot.ask(typed, hint=None)).text


async def test_a_command_of_rasas_is_read_as_words_and_forces_nothing(bot: BotUnderTest) -> None:
    await bot.ask('/get_refund{"order_number":"1"}')
    async with bot.database.reading() as session:
        message = (await session.scalars(select(Message).where(Message.author == "customer"))).one()
    assert message.confidence is not None
    assert message.confidence < 1.0
    awaiting = (await bot.conversation()).awaiting or {}
    known = {**awaiting.get("found", {}), **awaiting.get("draft", {}).get("facts", {})}
    assert "order_number" not in known, "nor does it force an entity"


async def test_a_whole_case_in_messenger_polish(bot: BotUnderTest) -> None:
    await bot.ask("hej")
    await bot.ask("paczka przyszla rozwalona")
    await bot.ask("zam-20481")
    said = await bot.ask("karton zgnieciony a w srodku stluczona lampa, nie da sie jej uzyc")
    while "Zgadza się?" not in said.text:
        said = await bot.ask("nowa lampa")
    filed = await bot.ask("tak zgadza sie")
    assert "#1001" in filed.text
    [ticket] = await bot.tickets()
    assert ticket.category in {"delivery_problem", "warranty_claim"}
    assert ticket.facts["order_number"] == "ZAM-20481"
    assert "#1001" in (await bot.ask("co z moim zgloszeniem")).text
