from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from handlers.incident_rules import SpikeRules
from handlers.jobs import watch_spikes
from handlers.spikes import is_spike, same_hours_before
from storage.conversations import Author, Conversation, Message
from storage.customers import Customer
from storage.incidents import SpikeAlert
from tests.bot_under_test import MONDAY_NOON, BotUnderTest

RULES = SpikeRules()
WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    ("count", "history", "expected"),
    [
        (200, [20, 22, 18, 25, 19, 21, 20, 23], True),
        (25, [20, 22, 18, 25, 19, 21, 20, 23], False),
        (45, [20, 22, 18, 25, 19, 21, 20, 23], False),
        (120, [40, 90, 60, 80, 50, 100, 70, 85], False),
        (800, [40, 90, 60, 80, 50, 100, 70, 85], True),
        (21, [20, 200, 18, 25, 19, 21, 0, 23], False),
        (200, [20, 200, 18, 25, 19, 21, 0, 23], True),
        (10, [1, 1, 1, 2, 1, 0, 1, 1], True),
        (9, [1, 1, 1, 2, 1, 0, 1, 1], False),
        (12, [0, 0, 0, 0, 0, 0, 0, 0], True),
        (59, [], False),
        (60, [], True),
        (59, [5, 6], False),
    ],
    ids=[
        "ten times", "a busy one", "twice", "weeks that differ", "ten times weeks that differ",
        "an outage and a holiday among the weeks", "ten times those", "rare, ten times", "too few", "never before",
        "new and busy", "new and very busy", "too few weeks",
    ],
)  # fmt: skip
def test_what_is_a_spike(count: int, history: list[int], expected: bool) -> None:
    assert is_spike(count, history, RULES) is expected


def test_a_month_of_chance_is_no_spike_and_ten_times_is_always_one() -> None:
    """Counts of chance around an hour's usual: no false alarm in four years of Mondays, each caught when it is ×10."""
    dice = random.Random(7)

    def chance(usual: float) -> int:
        return sum(dice.random() < usual / 1_000 for _ in range(1_000))

    for usual in (2, 8, 40):
        weeks = [[chance(usual) for _ in range(9)] for _ in range(200)]
        assert [one for one in weeks if is_spike(one[0], one[1:], RULES)] == []
        assert all(is_spike(10 * usual, one[1:], RULES) for one in weeks)


def test_the_same_hour_is_that_of_the_wall_clock() -> None:
    noon = datetime(2026, 4, 6, 10, tzinfo=UTC)  # a Monday, 12:00 in Warsaw, in summer time since 29 March
    assert same_hours_before(noon, 2, WARSAW) == [
        datetime(2026, 3, 30, 10, tzinfo=UTC), datetime(2026, 3, 23, 11, tzinfo=UTC)
    ]  # fmt: skip


async def _asked(bot: BotUnderTest, at: datetime, count: int, intent: str = "payment_issue") -> None:
    async with bot.database.transaction() as session:
        for number in range(count):
            customer = Customer(created_at=at)
            session.add(customer)
            await session.flush()
            chat = Conversation(
                customer_id=customer.id, channel="local", chat_id=f"{at.isoformat()}-{number}", created_at=at
            )
            session.add(chat)
            await session.flush()
            for again in range(2):  # who asks twice counts once
                session.add(
                    Message(
                        conversation_id=chat.id, author=Author.CUSTOMER, text="?", intent=intent, confidence=0.9,
                        correlation_id=f"{chat.id}-{again}", created_at=at + timedelta(seconds=again),
                    )
                )  # fmt: skip


async def _watch(bot: BotUnderTest) -> bool:
    async with bot.database.transaction() as session:
        return await watch_spikes.work(session, bot.desk, bot.now, watch_spikes.ALL)


async def _alerts(bot: BotUnderTest) -> list[tuple[str, int, float]]:
    async with bot.database.reading() as session:
        rows = (await session.scalars(select(SpikeAlert).order_by(SpikeAlert.id))).all()
    return [(row.intent, row.count, row.usual) for row in rows]


async def test_the_desk_is_warned_of_a_spike_once_and_a_normal_monday_is_none(bot: BotUnderTest) -> None:
    for week in range(1, 5):
        await _asked(bot, MONDAY_NOON - timedelta(weeks=week), 3)
        await _asked(bot, MONDAY_NOON - timedelta(weeks=week, days=1), 1)  # Sundays are quiet
    bot.later(minutes=20)
    await _asked(bot, MONDAY_NOON + timedelta(minutes=1), 4)
    assert await _watch(bot) is False
    await _asked(bot, MONDAY_NOON + timedelta(minutes=2), 26)
    assert await _watch(bot) is True
    assert await _alerts(bot) == [("payment_issue", 30, 3.0)]
    assert await _watch(bot) is False
    bot.later(hours=1)
    await _asked(bot, bot.now, 40)
    assert await _watch(bot) is False, "it is the same one"
    assert len(await _alerts(bot)) == 1
