"""The figures that leads look at, of what was lived through."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.cli import cli
from handlers import promise_actions
from handlers.agent_actions import Act
from handlers.content import Content
from handlers.desk_report import Line, desk_report, lines
from storage.database import Database
from storage.promises import Promise
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.fakes import FakeNLU
from tests.handlers.colleagues import ask_for_a_person, hire
from tests.handlers.survey_stories import asked, only, served, with_rules


async def _promised(bot: BotUnderTest, chat: str) -> int:
    """A ticket whose agent said by when they would write."""
    ticket = await ask_for_a_person(bot, chat)
    await bot.agent("Ola", "reply", ticket.number, "Odpiszę jutro do 12.")
    async with bot.database.transaction() as session:
        [promise] = (await session.scalars(select(Promise).where(Promise.ticket_id == ticket.id))).all()
        await promise_actions.confirm(Act(session, bot.desk, "Ola", bot.now), ticket.number, promise.id)
    return ticket.number


async def _report(bot: BotUnderTest) -> dict[str, Line]:
    async with bot.database.reading() as session:
        since = MONDAY_NOON - timedelta(days=1)
        found = await desk_report(session, bot.content, since, bot.now + timedelta(days=2), bot.now)
    return {line.name: line for line in lines(found)}


async def test_priorities_promises_and_what_customers_say_are_counted(
    database: Database, content: Content, nlu: FakeNLU
) -> None:
    rules = with_rules(only(content, "csat"), csat={"remind_after_hours": None}, minimum_answers=2)
    bot = BotUnderTest(database, rules, nlu)
    await hire(bot.database, "Ola")
    for chat, label in (("anna", "5"), ("tom", "1")):
        await served(bot, chat)
        await bot.press(await asked(bot, chat), label, chat=chat)
    await _promised(bot, "ida")
    await bot.agent("Ola", "resolve", await _promised(bot, "jan"))
    told = await _report(bot)
    assert told["CSAT"] == Line("CSAT", "50.0%", 2, 2)
    assert told["NPS"].value is None
    assert told["promises kept"] == Line("promises kept", "100%", 1, 1), "the other is not due yet"
    assert told["Closed loop"] == Line("Closed loop", "0.0%", 0, 1)
    tickets = [ticket.priority for ticket in await bot.tickets()]
    for priority in set(tickets):
        share = f"{100 * tickets.count(priority) / len(tickets):.0f}%"
        assert told[f"priority {priority}"] == Line(f"priority {priority}", share, len(tickets), len(tickets))


def test_it_is_told_on_the_command_line(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(sqlite_template, tmp_path / "test.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'test.db'}")
    monkeypatch.setenv("COLUMNS", "120")
    told = CliRunner().invoke(cli, ["report", "--days", "7"], catch_exceptions=False)
    assert told.exit_code == 0, told.output
    for name in ("priority high", "first response in time", "promises kept", "CSAT", "CES", "NPS", "FCR"):
        assert name in told.output
