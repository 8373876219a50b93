"""Whatever happens in whatever order: no survey where it does not belong, none twice."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from handlers.agent_actions import AlreadySo
from handlers.content import Content
from handlers.handoff import AlreadyTaken
from handlers.tickets import IllegalTransition
from storage.conversations import Author, Owner
from storage.database import Database
from storage.surveys import SurveyStatus
from storage.tickets import Ticket
from tests.bot_under_test import BotUnderTest
from tests.fakes import FakeNLU
from tests.handlers.survey_stories import all_surveys, surveys_step, with_rules

WARSAW = ZoneInfo("Europe/Warsaw")
BEGIN = datetime(2026, 10, 24, 15, 0, tzinfo=UTC)  # the day before the clocks go back
REFUSED = (IllegalTransition, AlreadyTaken, AlreadySo)

STEPS = st.sampled_from(
    ["call", "ask", "chat", "take", "resolve", "reopen", "press", "press", "comment", "refuse", "wait", "wait", "night"]
)


@pytest.fixture
def begun(sqlite_template: Path, content: Content) -> Callable[[str], BotUnderTest]:
    """A bot with an empty database in this folder."""
    rules = with_rules(content, fatigue_days=1, ces={"share": 1}, nps={"after_minutes": 2880})

    def begin(folder: str) -> BotUnderTest:
        shutil.copy(sqlite_template, f"{folder}/test.db")
        return BotUnderTest(Database(f"sqlite:///{folder}/test.db"), rules, FakeNLU())

    return begin


@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=4, max_size=14), seed=st.integers(0, 10_000))
async def test_no_history_brings_a_survey_where_it_does_not_belong(
    begun: Callable[[str], BotUnderTest], steps: list[str], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bot = begun(folder)
        try:
            await _live(bot, steps, Random(seed))
        finally:
            await bot.database.dispose()


async def _live(bot: BotUnderTest, steps: list[str], draw: Random) -> None:
    bot.now = BEGIN
    for step in ["call", *steps, "wait", "wait"]:
        await _take(bot, step, draw)
        await _ask_and_check(bot)


async def _take(bot: BotUnderTest, step: str, draw: Random) -> None:
    tickets = await bot.tickets()
    match step:
        case "call":
            await bot.say("konsultant")
        case "ask":  # answered where no person has the chat
            bot.nlu.teach("ile trwa dostawa", "delivery_period")
            await bot.say("ile trwa dostawa")
        case "chat" | "comment":
            await bot.say("tak to już jest")
        case "take" | "resolve" | "reopen" if tickets:
            await _act(bot, {"take": "take_over"}.get(step, step), draw.choice(tickets))
        case "press" | "refuse":
            await _press(bot, draw, refuse=step == "refuse")
        case "wait":
            bot.later(minutes=draw.choice([5, 16, 90, 1500, 4000]))
        case "night":
            bot.later(hours=draw.choice([7, 11]))
    await bot.replies()


async def _act(bot: BotUnderTest, what: str, ticket: Ticket) -> None:
    try:
        await bot.agent("Ola", what, ticket.number)
    except REFUSED:
        return


async def _press(bot: BotUnderTest, draw: Random, *, refuse: bool) -> None:
    sent = [one for one in await all_surveys(bot) if one.sent_at is not None]
    if sent:
        one = draw.choice(sent)
        what = "never" if refuse else draw.choice(["1", "2", "4", "5", "again"])
        await bot.say(what, action=f"survey:{what}:{one.token}")


async def _ask_and_check(bot: BotUnderTest) -> None:
    """What the job does now is in order by what stood on record before it."""
    before = {one.id: one for one in await all_surveys(bot)}
    chat = await bot.conversation()
    customer = await bot.customer()
    wrote = max(message.created_at for message in await bot.messages() if message.author == Author.CUSTOMER)
    await surveys_step(bot)
    await bot.replies()
    after = await all_surveys(bot)
    for one in after:
        asked_now = one.sent_at is not None and before[one.id].sent_at is None
        reminded_now = one.reminded_at is not None and before[one.id].reminded_at is None
        if asked_now or reminded_now:
            assert chat.owner == Owner.BOT, "a live chat"
            assert 8 <= bot.now.astimezone(WARSAW).hour < 21, "the night"
            assert (bot.now - wrote).total_seconds() >= 15 * 60, "they are writing"
            assert customer.surveys_refused_at is None
        if one.ticket_id is not None and asked_now:
            assert not (await _ticket(bot, one.ticket_id)).is_open, "an open case"
    for_each = Counter((one.kind, one.ticket_id, one.closing) for one in after)
    assert set(for_each.values()) <= {1}, "a closing twice"
    rerated = Counter(one.rerates for one in after if one.rerates and one.status != SurveyStatus.NOT_SENT)
    assert set(rerated.values()) <= {1}, "asked again twice"
    sent = sorted(one.sent_at for one in after if one.sent_at is not None and one.rerates is None)
    assert all((later - earlier).days >= 1 for earlier, later in pairwise(sent)), "too often"


async def _ticket(bot: BotUnderTest, ticket_id: int) -> Ticket:
    return next(ticket for ticket in await bot.tickets() if ticket.id == ticket_id)
