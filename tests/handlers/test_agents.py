from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.agents_cli import agents_app
from bot.settings import SettingsError
from handlers import agents as desk_agents
from handlers.agents import AlreadyOnTheList, NotAnAgent, NotOnTheList, SlackPerson, recognised
from handlers.duty import BadSchedule
from storage import agents
from storage.agents import Agent
from storage.database import Database
from tests.bot_under_test import BotUnderTest
from tests.handlers.colleagues import ask_for_a_person, events, hire, reread, run_jobs

OLA = SlackPerson("T1", "U1", "Ola Nowak", "Ola@Sklep.example", is_full_member=True)


async def _act(database: Database, who: SlackPerson) -> Agent:
    async with database.transaction() as session:
        return await recognised(session, who)


async def _known(database: Database) -> list[tuple[str, str | None]]:
    async with database.reading() as session:
        return [(one.name, one.user_id) for one in await agents.agents(session, active=False)]


async def test_an_agent_is_known_by_their_address_at_first_and_by_their_account_from_then_on(
    database: Database,
) -> None:
    await hire(database, "Ola", "Jan")
    assert (await _act(database, OLA)).name == "Ola"
    renamed = replace(OLA, email="ola.kowalska@sklep.example")
    assert (await _act(database, renamed)).name == "Ola"
    assert await _known(database) == [("Jan", None), ("Ola", "U1")]


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (replace(OLA, email="kto@inny.example"), "unknown"),
        (replace(OLA, email=None), "unknown"),
        (replace(OLA, is_full_member=False), "external"),
        (replace(OLA, is_full_member=False, limit="is_stranger"), "external"),
        (replace(OLA, is_full_member=False, limit="is_restricted"), "guest"),
        (replace(OLA, is_full_member=False, limit="is_ultra_restricted"), "guest"),
        (replace(OLA, is_full_member=False, limit="is_bot"), "bot"),
        (replace(OLA, is_full_member=False, limit="deleted"), "left"),
        (replace(OLA, email="ewa@sklep.example"), "left"),
    ],
)
async def test_who_is_no_agent_is_refused_and_nothing_changes(database: Database, who: SlackPerson, why: str) -> None:
    await hire(database, "Ola")
    await hire(database, "Ewa", is_active=False)
    with pytest.raises(NotAnAgent) as refused:
        await _act(database, who)
    assert refused.value.why == why
    assert await _known(database) == [("Ewa", None), ("Ola", None)]


async def test_an_agent_who_became_a_guest_is_refused_though_they_are_known(database: Database) -> None:
    await hire(database, "Ola")
    await _act(database, OLA)
    with pytest.raises(NotAnAgent, match="guest"):
        await _act(database, replace(OLA, is_full_member=False, limit="is_restricted"))


async def test_another_account_with_an_agents_address_is_refused_until_an_admin_says_so(database: Database) -> None:
    await hire(database, "Ola")
    await _act(database, OLA)
    other = replace(OLA, user_id="U2")
    with pytest.raises(NotAnAgent, match="unknown"):
        await _act(database, other)
    async with database.transaction() as session:
        desk_agents.forget_slack(await desk_agents.on_the_list(session, "ola@sklep.example"))
    assert (await _act(database, other)).user_id == "U2"
    with pytest.raises(NotAnAgent, match="unknown"):
        await _act(database, OLA)


async def test_two_accounts_at_once_do_not_both_become_the_agent(database: Database) -> None:
    await hire(database, "Ola")
    found = await asyncio.gather(
        _act(database, OLA), _act(database, replace(OLA, user_id="U2")), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in found) == ["Agent", "NotAnAgent"]


async def test_who_leaves_gives_back_what_they_had_and_others_are_called(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    taken, given = await ask_for_a_person(bot, "anna"), await ask_for_a_person(bot, "tom")
    await bot.agent("Ola", "take_over", taken.number)
    async with bot.database.transaction() as session:
        ola = await desk_agents.on_the_list(session, "OLA@sklep.example")
        left = await desk_agents.remove(session, ola, bot.content, bot.now)
    assert [ticket.number for ticket in left] == [taken.number, given.number]
    conversation = await bot.conversation("anna")
    assert (conversation.owner, conversation.agent, conversation.ticket_id) == ("queue", None, taken.id)
    for ticket in (taken, given):
        assert (await reread(bot, ticket)).assignee is None
        [event] = await events(bot, ticket, "released")
        assert event.data == {"name": "Ola", "why": "left"}
    await hire(bot.database, "Jan")
    bot.later(minutes=5)
    await run_jobs(bot)
    assert {ticket.assignee for ticket in await bot.tickets()} == {"Jan"}
    with pytest.raises(NotAnAgent, match="left"):
        await _act(bot.database, OLA)


# The command


@pytest.fixture
def at_home(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(sqlite_template, tmp_path / "test.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'test.db'}")
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments: str) -> str:
    """What it prints; what it refuses is raised."""
    result = CliRunner().invoke(agents_app, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments: str) -> BaseException:
    result = CliRunner().invoke(agents_app, arguments)
    assert result.exception is not None
    return result.exception


OLAS = ("ola@sklep.example", "--name", "Ola")


@pytest.mark.usefixtures("at_home")
def test_the_list_shows_who_is_there() -> None:
    run("add", *OLAS, "--role", "lead", "--group", "complaints", "--cap", "3", "--schedule", "mon-sun 0:00-24:00")
    run("add", "jan@sklep.example", "--name", "Jan")
    run("change", "jan@sklep.example", "--off-duty", "--cap", "0")
    run("add", "ewa@sklep.example", "--name", "Ewa")
    run("remove", "ewa@sklep.example")
    shown = run("list")
    assert "Ewa" not in shown
    ola = next(line for line in shown.splitlines() if line.startswith("Ola"))
    jan = next(line for line in shown.splitlines() if line.startswith("Jan"))
    assert ola.split()[:4] == ["Ola", "ola@sklep.example", "lead", "complaints"]
    assert "0/3" in ola
    assert "not yet" in ola
    assert "off duty" in jan
    assert "0/0" in jan


@pytest.mark.usefixtures("at_home")
def test_who_left_can_be_back() -> None:
    run("add", *OLAS)
    assert "Ola may not act any more" in run("remove", "ola@sklep.example")
    assert "left" in run("list", "--all")
    again = refused("add", *OLAS)
    assert isinstance(again, AlreadyOnTheList)
    assert "supportbot agents change ola@sklep.example --active" in str(again)
    said = run("change", "ola@sklep.example", "--active", "--email", "ola.n@sklep.example", "--schedule", "company")
    assert "Ola is changed" in said
    assert "ola.n@sklep.example" in str(refused("add", "olga@sklep.example", "--name", "Ola"))


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        (("add", "OLA@sklep.example", "--name", "Olga"), AlreadyOnTheList, "ola@sklep.example is Ola's"),
        (("add", "inna@sklep.example", "--name", "Ola"), AlreadyOnTheList, "is the name of ola@sklep.example"),
        (("add", "jan@sklep.example", "--name", "Jan", "--schedule", "zawsze"), BadSchedule, "mon-fri 8:00-16:00"),
        (("add", "jan@sklep.example", "--name", "Jan", "--group", "vip"), SettingsError, "complaints, deliveries"),
        (("add", "jan", "--name", "Jan"), SettingsError, "not an e-mail address"),
        (("change", "jan@sklep.example", "--cap", "3"), NotOnTheList, "no agent has this e-mail"),
        (("remove", "jan@sklep.example"), NotOnTheList, "no agent has this e-mail"),
    ],
)
def test_a_mistake_is_named(arguments: tuple[str, ...], error: type[Exception], says: str) -> None:
    run("add", *OLAS)
    found = refused(*arguments)
    assert isinstance(found, error)
    assert says in str(found)
