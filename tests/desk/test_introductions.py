"""Agents who never acted are known by their e-mail addresses, so that Slack tells them what they are called for."""

from __future__ import annotations

from pathlib import Path

from bot.desk.introductions import ASK_AGAIN_SECONDS, LOOK_SECONDS, Introductions
from bot.desk.slack import DeskSlack
from bot.sandbox.slack.faults import Fault, Kind
from handlers.agents import NewAgent, add
from storage import agents
from storage.agents import Agent
from storage.database import Database
from tests.desk.desk_rig import DeskRig, open_desk
from tests.fakes import FakeNLU


async def named(rig: DeskRig, name: str) -> Agent:
    async with rig.database.reading() as session:
        found = await agents.agent_named(session, name)
    assert found is not None
    return found


async def added(rig: DeskRig, name: str, email: str) -> None:
    async with rig.database.transaction() as session:
        await add(session, NewAgent(email, name), rig.clock())


async def test_who_never_acted_is_called_by_their_account(database: Database, nlu: FakeNLU, tmp_path: Path) -> None:
    async with open_desk(database, nlu, tmp_path, assignment={"offer": True}) as rig:
        number = await rig.asks_for_a_person()
        given = await rig.until(lambda: rig.ticket(number))
        account = {"Ola": rig.ola.id, "Piotr": rig.piotr.id}[given.assignee or ""]
        assert any(f"<@{account}>" in str(post.body) for post in rig.slack.space.talk.standing(rig.desk.id))


async def test_only_full_members_with_the_address_are_taken_and_asked_for_now_and_then(
    database: Database, nlu: FakeNLU, tmp_path: Path
) -> None:
    now = 0.0
    async with open_desk(database, nlu, tmp_path) as rig:
        side = rig.app.channels["slack"]
        made = Introductions(rig.database, DeskSlack(side).people, lambda: now)  # type: ignore[arg-type]
        rig.slack.person("Leon", email="leon@acme.example", guest=True)
        await added(rig, "Leon", "leon@acme.example")
        await added(rig, "Iga", "iga@acme.example")
        await made.make()
        assert (await named(rig, "Ola")).user_id == rig.ola.id
        assert (await named(rig, "Piotr")).user_id == rig.piotr.id
        assert (await named(rig, "Leon")).user_id is None
        assert (await named(rig, "Iga")).user_id is None

        iga = rig.slack.person("Iga", email="iga@acme.example")
        now = LOOK_SECONDS
        await made.make()
        assert (await named(rig, "Iga")).user_id is None, "Slack is not asked for the same person each minute"
        now = ASK_AGAIN_SECONDS
        await made.make()
        assert (await named(rig, "Iga")).user_id == iga.id


async def test_while_slack_is_away_all_are_asked_for_again_a_minute_later(
    database: Database, nlu: FakeNLU, tmp_path: Path
) -> None:
    now = 0.0
    async with open_desk(database, nlu, tmp_path) as rig:
        side = rig.app.channels["slack"]
        made = Introductions(rig.database, DeskSlack(side).people, lambda: now)  # type: ignore[arg-type]
        rig.slack.faults.add(Fault("users.lookupByEmail", Kind.UNAVAILABLE))
        await made.make()
        assert [(await named(rig, name)).user_id for name in ("Ola", "Piotr")] == [None, None]
        now = LOOK_SECONDS
        await made.make()
        assert [(await named(rig, name)).user_id for name in ("Ola", "Piotr")] == [rig.ola.id, rig.piotr.id]


async def test_a_scope_that_is_missing_keeps_nothing_up(database: Database, nlu: FakeNLU, tmp_path: Path) -> None:
    async with open_desk(database, nlu, tmp_path) as rig:
        rig.slack.app.scopes.discard("users:read.email")
        number = await rig.asks_for_a_person()
        assert rig.card(number)
        assert (await named(rig, "Ola")).user_id is None
