"""A day on which customers ask something new is seen, and the desk is told of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from handlers.drift import Drift, Reading, is_worse, new_topics, of_day
from handlers.jobs import audit_weekly, watch_drift
from storage import audits
from storage.audits import DriftDay
from storage.board_posts import BoardPost
from storage.conversations import Author, Message
from tests.bot_under_test import BotUnderTest
from tests.handlers.living import seeded

KNOWN = ["gdzie jest moja paczka", "chcę zwrócić towar", "ile kosztuje dostawa", "macie karty podarunkowe"] * 5
VOUCHERS = [
    f"czy {verb} płacić za zakupy bonem turystycznym {number}" for number in range(3) for verb in ("mogę", "można")
]


def test_a_planted_topic_shows_up_and_known_words_do_not() -> None:
    unsure = [*VOUCHERS, *KNOWN[:4], "co z moją paczką", "paczka i dostawa", "paczka?", "moja paczka", "paczka paczka"]
    [topic] = new_topics(unsure, KNOWN)
    assert {"turyst", "bonem"} <= set(topic)
    assert new_topics(KNOWN, KNOWN) == ()


def test_a_day_is_worse_when_far_more_is_not_understood_than_before() -> None:
    usual = [Drift(100, 10, 0.9, ())] * 5
    assert is_worse(Drift(100, 30, 0.7, ()), usual)
    assert not is_worse(Drift(100, 20, 0.8, ()), usual)
    assert not is_worse(Drift(5, 5, 0.1, ()), usual), "too few to tell"
    assert of_day([Reading("x", 0.5, True), Reading("y", 1.0, False)], []) == Drift(2, 1, 0.75, ())


async def said(bot: BotUnderTest, author: Author, text: str, intent: str | None, confidence: float | None) -> None:
    """Put on record in Anna's chat, an hour ago."""
    async with bot.database.transaction() as session:
        conversation = await bot.conversation()
        session.add(
            Message(conversation_id=conversation.id, author=author, text=text, correlation_id=text[:40], language="pl",
                    intent=intent, confidence=confidence, created_at=bot.now - timedelta(hours=1),
                    agent="Ola" if author is Author.AGENT else None)
        )  # fmt: skip


async def test_the_desk_is_told_of_the_new_topic_once(bot: BotUnderTest, tmp_path: Path) -> None:
    await seeded(bot.database, tmp_path)
    await bot.meet()
    for number in range(24):
        text = f"{VOUCHERS[number % 6]} {number}" if number % 2 else f"dzień dobry {number}"
        await said(bot, Author.CUSTOMER, text, "greet", 0.2 if number % 2 else 0.99)
    bot.later(days=1)
    desk = bot.desk.__class__(**{**vars(bot.desk), "desk_channel": "C1"})
    async with bot.database.transaction() as session:
        assert await watch_drift.work(session, desk, bot.now, 0)
        assert not await watch_drift.work(session, desk, bot.now, 0)
        days = {one.language: one for one in (await session.scalars(select(DriftDay))).all()}
        [post] = (await session.scalars(select(BoardPost))).all()
    assert (days["pl"].fallbacks, days["en"].messages) == (12, 0)
    assert "turyst" in days["pl"].topics
    assert post.subject_id == days["pl"].id


async def test_each_week_agents_words_are_compared_with_the_answers(bot: BotUnderTest) -> None:
    await bot.meet()
    await said(bot, Author.CUSTOMER, "ile dni na zwrot, mój nr 601 234 567", "return_policy", 0.95)
    days = bot.content.company.return_days
    for text in (
        f"Zwrot można zrobić w ciągu {days} dni od dostawy.",
        "Na zwrot ma Pani 30 dni od otrzymania.",
        "Hej!",
    ):
        await said(bot, Author.AGENT, text, None, None)
    async with bot.database.transaction() as session:
        assert await audit_weekly.work(session, bot.desk, bot.now, 0)
        assert not await audit_weekly.work(session, bot.desk, bot.now + timedelta(days=6), 0)
        [run] = await audits.trend(session)
        [wrong] = await audits.findings(session, run.id, "contradiction")
    assert (run.answers, run.contradictions, run.score) == (2, 1, 50.0)
    assert (wrong.source, wrong.intent, wrong.question) == (
        "agent:Ola", "return_policy", "ile dni na zwrot, mój nr ‹telefon›"
    )  # fmt: skip
    assert "30 dni" in wrong.said
    assert wrong.link is not None
