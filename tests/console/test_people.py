"""People, as an admin keeps them."""

from __future__ import annotations

import pytest

from handlers.agents import NewAgent, add
from handlers.duty import read_schedule, written_schedule
from storage import agents, tickets
from storage.admins import Admin, AdminRole, admin_with_login
from storage.agents import Agent, Role
from tests.bot_under_test import BotUnderTest
from tests.console.console_rig import let_in, looking

PIOTR = {
    "name": ["Piotr"], "email": ["Piotr@acme.example"], "role": ["lead"], "group": ["payments", "made up"],
    "load_cap": ["3"], "schedule": ["mon-fri 8:00-16:00; sat 9:00-13:00"],
}  # fmt: skip


@pytest.fixture
async def kasia(bot: BotUnderTest) -> Admin:
    return await let_in(bot.database, "kasia", AdminRole.ADMIN, bot.now)


async def agent(bot: BotUnderTest, name: str) -> Agent | None:
    async with bot.database.reading() as session:
        return await agents.agent_named(session, name)


async def test_an_agent_is_added_changed_and_leaves_and_their_tickets_go_back(bot: BotUnderTest, kasia: Admin) -> None:
    bot.nlu.teach("chcę rozmawiać z człowiekiem", "human_handoff")  # type: ignore[union-attr]
    await bot.meet()
    await bot.ask("chcę rozmawiać z człowiekiem")
    async with looking(bot, kasia) as page:
        await page.user.open("/console/people")
        await page.send("add", **PIOTR)
        piotr = await agent(bot, "Piotr")
        assert piotr is not None
        assert (piotr.email, piotr.role, piotr.groups, piotr.load_cap) == (
            "piotr@acme.example", Role.LEAD, ["payments"], 3,
        )  # fmt: skip
        assert page.sees("Piotr is on the list.")
        assert page.sees("mon-fri 8:00-16:00; sat 9:00-13:00")
        await page.send("add", **PIOTR)
        assert page.sees("Somebody on the list has this name or address already.")
        await page.send("add", **{**PIOTR, "schedule": ["whenever"]})
        assert page.sees("These hours cannot be read.")
        await bot.agent("Piotr", "take_over", 1001)

        await page.user.open(f"/console/people/{piotr.id}")
        await page.send("change", email=["p@acme.example"], role=["agent"], load_cap=["5"], schedule=[""])
        piotr = await agent(bot, "Piotr")
        assert piotr is not None
        assert (piotr.email, piotr.role, piotr.schedule, piotr.is_on_duty) == ("p@acme.example", "agent", None, False)

        await page.press("Piotr is leaving: remove")
        assert page.sees("Back in the queue: #1001.")
        async with bot.database.reading() as session:
            ticket = await tickets.ticket_numbered(session, 1001)
        assert ticket is not None
        assert ticket.assignee is None


async def test_somebody_is_let_into_the_console_and_out_again(bot: BotUnderTest, kasia: Admin) -> None:
    async with looking(bot, kasia) as page:
        await page.user.open("/console/people")
        await page.send("add", login=["Marek"], name=["Marek"], role=["viewer"], language=["pl"])
        told = next(text for text in page.texts() if "Login: marek" in text)
        password = told.partition("password: ")[2].split()[0]
        marek = await admin(bot, "marek")
        assert (marek.role, page.console.passwords.fits(password, marek.password_hash)) == ("viewer", True)
        await page.press("Take access away: Marek")
        assert not (await admin(bot, "marek")).is_active
        await page.press("Take access away: Kasia")
        assert page.sees("This is the last admin.")
        assert (await admin(bot, "kasia")).is_active


async def admin(bot: BotUnderTest, login: str) -> Admin:
    async with bot.database.reading() as session:
        found = await admin_with_login(session, login)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "hours", ["mon-fri 8:00-16:00; sat 9:00-13:00", "tue 10:00-12:00, 13:00-18:00", "mon 8:00-9:00; wed 8:00-9:00"]
)
def test_hours_are_written_as_they_are_read(bot: BotUnderTest, hours: str) -> None:
    assert written_schedule(read_schedule(hours, bot.content.calendar)) == hours


async def test_an_agent_may_not_be_touched_by_an_editor(bot: BotUnderTest) -> None:
    editor = await let_in(bot.database, "editor", AdminRole.EDITOR, bot.now)
    async with bot.database.transaction() as session:
        await add(session, NewAgent("ola@acme.example", "Ola"), bot.now)
    async with looking(bot, editor) as page:
        await page.user.open("/console/people")
        assert page.sees("Ola")
        assert "submit" not in {listener.type for _, listener in page.listeners()}
