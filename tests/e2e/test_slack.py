"""Customers at Slack → the real bot, by HTTP and by Socket Mode, on both databases → what they see."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.sandbox.slack_api import SlackStandIn
from handlers.content import Content
from storage.database import Database
from tests.channels.slack_rig import SlackBot, running
from tests.fakes import FakeNLU


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    async with SlackStandIn() as standing_in:
        standing_in.pace.is_kept = False
        yield standing_in


@pytest.fixture(params=["http", "socket"])
async def bot(
    request: pytest.FixtureRequest, slack: SlackStandIn, database: Database, content: Content, nlu: FakeNLU
) -> AsyncIterator[SlackBot]:
    async with running(SlackBot(database, content, slack, request.param, nlu=nlu)) as started:
        yield started


async def test_a_direct_message_is_answered_and_a_button_pressed(bot: SlackBot, slack: SlackStandIn) -> None:
    anna = slack.person("Anna Nowak")
    bot.nlu.teach("dzień dobry", "greet")
    anna.says("dzień dobry")
    [said] = await bot.answers(anna)
    assert "Dom i Lampa" in said.text
    assert said.pressable
    message = slack.space.talk.find(anna.dm.id, said.ts)
    assert message
    first = said.pressable[0]
    outcome = await anna.presses(message, first.action_id)
    assert outcome.is_taken
    _, then = await bot.answers(anna, 2)
    assert then.text
    [_, pressed] = await bot.inbox()
    assert (pressed.payload["action"], pressed.payload["text"]) == (first.value, first.label)
