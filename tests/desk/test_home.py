"""The Home tab of an agent: what stands on it, that it never breaks Slack's limits, and what its buttons do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.channels.base import PermanentDeliveryError, TemporaryDeliveryError
from bot.channels.slack.people import Colleague
from bot.desk.home import home_view
from bot.desk.home_facts import MATES_SHOWN, HomeFacts, home_facts
from bot.desk.home_pages import HomePages
from bot.desk.wording import Wording
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.screen import pressable, text_of
from bot.sandbox.slack.view_faults import check_view
from handlers.agent_day import day_of, start_of_day
from handlers.content import Content
from handlers.duty import Shift, shift
from storage.agents import Agent, Role, agent_named
from storage.database import Database
from storage.desk_threads import DeskThread
from storage.tickets import Status, Ticket, TicketEvent
from tests.bot_under_test import MONDAY_NOON, SATURDAY_NIGHT, BotUnderTest
from tests.desk.desk_rig import DeskRig, open_desk
from tests.fakes import FakeNLU
from tests.handlers.colleagues import agent, ask_for_a_person, hire

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WORKSPACE = "https://acme.slack.com/"
CUSTOMERS = [f"klient{number}" for number in range(11)]


async def facts_of(bot: BotUnderTest, name: str) -> HomeFacts:
    async with bot.database.reading() as session:
        found = await agent_named(session, name)
        assert found is not None
        return await home_facts(session, bot.desk, found, bot.now)


def drawn(bot: BotUnderTest, facts: HomeFacts) -> dict[str, Any]:
    """The page, checked as Slack checks it."""
    view = home_view(facts, Wording.of(bot.desk), WORKSPACE, bot.now, "d1")
    check_view(view, kind="home")
    return view


def numbers(listing: Any) -> list[int]:
    return [one.ticket.number for one in listing.shown]


# What stands on it


async def test_each_ticket_is_in_the_list_it_belongs_to(bot: BotUnderTest) -> None:
    """On both databases: the lists are asked for in SQL."""
    await hire(bot.database, "Ola", "Piotr", is_on_duty=False)
    await bot.meet("anna")
    first = await ask_for_a_person(bot, "anna")
    bot.later(minutes=10)
    second = await ask_for_a_person(bot, "jan")
    third = await ask_for_a_person(bot, "ewa")
    await bot.agent("Ola", "take_over", third.number)
    facts = await facts_of(bot, "Ola")
    assert numbers(facts.mine) == [third.number]
    assert [one.held_by for one in facts.mine.shown] == ["Ola"]
    assert numbers(facts.queue) == [first.number, second.number]
    assert (await facts_of(bot, "Piotr")).mine.total == 0
    bot.later(minutes=1)
    await bot.agent("Ola", "release", third.number)
    await bot.agent("Piotr", "take_over", first.number)
    facts = await facts_of(bot, "Ola")
    assert numbers(facts.queue) == [second.number, third.number]
    assert [one.waits_since for one in facts.queue.shown] == [MONDAY_NOON + timedelta(minutes=m) for m in (10, 11)]
    await bot.agent("Piotr", "assign", first.number, "Ola")
    await bot.agent("Ola", "resolve", second.number)
    bot.later(days=3)
    facts = await facts_of(bot, "Ola")
    assert numbers(facts.mine) == [first.number]
    assert numbers(facts.overdue) == [first.number, third.number]
    assert numbers((await facts_of(bot, "Piotr")).overdue)[0] in {first.number, third.number}
    page = text_of(drawn(bot, facts))
    assert "Po terminie (2)" in page
    assert ":warning:" in page


@on_sqlite
async def test_what_is_offered_to_somebody_is_theirs_to_take_and_others_see_to_whom(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    await hire(bot.database, "Piotr", is_on_duty=False)
    ticket = await ask_for_a_person(bot)
    facts = await facts_of(bot, "Ola")
    assert (numbers(facts.mine), numbers(facts.queue)) == ([ticket.number], [])
    assert "desk-take_over" in {one.action_id for one in pressable(drawn(bot, facts))}
    facts = await facts_of(bot, "Piotr")
    assert (numbers(facts.mine), numbers(facts.queue)) == ([], [ticket.number])
    assert "przydzielone: Ola" in text_of(drawn(bot, facts))


@on_sqlite
async def test_the_day_in_figures(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola", "Piotr", is_on_duty=False)
    tickets = [await ask_for_a_person(bot, chat) for chat in ("anna", "jan", "ewa")]
    for minutes, ticket in zip((10, 20, 30), tickets, strict=True):
        bot.later(minutes=minutes)
        await bot.agent("Ola", "take_over", ticket.number)
        await bot.agent("Ola", "reply", ticket.number, "Już sprawdzam")
        await bot.agent("Ola", "reply", ticket.number, "Gotowe")
    await bot.agent("Ola", "resolve", tickets[0].number)
    facts = await facts_of(bot, "Ola")
    day = facts.day
    assert (day.taken, day.replied, day.resolved, facts.load) == (3, 6, 1, 2)
    assert day.first_reply == timedelta(minutes=30)  # of 10, 30 and 60
    assert (await facts_of(bot, "Piotr")).day == day_of([], [], bot.content.calendar)
    page = text_of(drawn(bot, facts))
    assert "*Otwarte teraz / limit*\n2 / 10" in page
    assert "30 min" in page
    bot.later(days=1)
    assert (await facts_of(bot, "Ola")).day.taken == 0


def event(number: int, ticket: int, kind: str, at: datetime, actor: str = "bot", **data: Any) -> TicketEvent:
    return TicketEvent(id=number, ticket_id=ticket, kind=kind, at=at, actor=actor, data=data)


def test_the_first_reply_is_counted_in_working_time_and_only_for_who_gave_it(content: Content) -> None:
    night = SATURDAY_NIGHT  # closed until Monday 8:00 in Warsaw
    monday = datetime(2026, 11, 30, 7, 25, tzinfo=UTC)
    history = [
        event(1, 1, "opened", night),
        event(2, 1, "handed_over", night),
        event(3, 1, "agent_replied", monday, "agent:Ola"),
        event(4, 2, "opened", night),
        event(5, 2, "agent_replied", monday, "agent:Piotr"),
        event(6, 2, "agent_replied", monday + timedelta(hours=1), "agent:Ola"),
    ]
    today = [history[2], history[5], event(7, 2, "status", monday, "agent:Ola", before="open", after="resolved")]
    day = day_of(today, history, content.calendar)
    assert day.first_reply == timedelta(minutes=25)
    assert (day.replied, day.resolved) == (2, 1)


def test_the_day_begins_at_midnight_of_the_company(content: Content) -> None:
    late = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # 0:30 on the 24th in Warsaw
    assert start_of_day(content.calendar, late) == datetime(2026, 11, 24, tzinfo=ZoneInfo("Europe/Warsaw"))


@pytest.mark.parametrize(
    ("more", "now", "expected"),
    [
        ({}, MONDAY_NOON, Shift(is_on=True, changes_at=datetime(2026, 11, 23, 17, tzinfo=UTC))),
        ({}, SATURDAY_NIGHT, Shift(is_on=False, changes_at=datetime(2026, 11, 30, 7, tzinfo=UTC))),
        (
            {"schedule": {"monday": ["8:00-12:30"]}},
            MONDAY_NOON,
            Shift(is_on=True, changes_at=datetime(2026, 11, 23, 11, 30, tzinfo=UTC)),
        ),
        (
            {"schedule": {"tuesday": ["8:00-12:30"]}},
            MONDAY_NOON,
            Shift(is_on=False, changes_at=datetime(2026, 11, 24, 7, tzinfo=UTC)),
        ),
    ],
)
def test_until_when_they_are_on_duty(content: Content, more: dict[str, Any], now: datetime, expected: Shift) -> None:
    assert shift(agent("Ola", **more), content.calendar, now) == expected


@on_sqlite
@pytest.mark.parametrize(
    ("more", "told", "button"),
    [
        ({}, "Jesteś na dyżurze do <!date^1795453200^", "Zakończ dyżur"),
        ({"is_on_duty": False}, "Dyżur wyłączony", "Zacznij dyżur"),
        ({"schedule": {"tuesday": ["8:00-12:30"]}}, "dyżur zacznie się <!date^1795503600^", "Zakończ dyżur"),
    ],
)
async def test_the_switch_says_how_it_stands(bot: BotUnderTest, more: dict[str, Any], told: str, button: str) -> None:
    await hire(bot.database, "Ola", **more)
    view = drawn(bot, await facts_of(bot, "Ola"))
    assert told in text_of(view)
    assert [one.label for one in pressable(view)][:2] == [button, "Odśwież"]


@on_sqlite
async def test_a_lead_sees_who_is_on_duty_and_what_they_have(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola", role=Role.LEAD)
    await hire(bot.database, "Piotr", is_on_duty=False)
    ticket = await ask_for_a_person(bot)
    await bot.agent("Piotr", "take_over", ticket.number)
    page = text_of(drawn(bot, await facts_of(bot, "Ola")))
    assert "Zespół: 1 z 2 na dyżurze" in page
    assert ":white_circle: *Piotr*: otwarte 1 z 10, rozmowy teraz: 1" in page
    assert "Zespół" not in text_of(drawn(bot, await facts_of(bot, "Piotr")))


# Limits


@on_sqlite
@pytest.mark.parametrize("language", ["pl", "en"])
async def test_a_full_desk_is_cut_and_counted_within_slacks_limits(bot: BotUnderTest, language: str) -> None:
    desk = bot.content.desk.model_copy(update={"language": language})
    bot.content = Content(**{**vars(bot.content), "desk": desk})
    longest = "<!channel> & *" * 40
    await hire(bot.database, "Ola", role=Role.LEAD, is_on_duty=False)
    await hire(bot.database, *(f"Agent {number} {longest[:200]}" for number in range(40)), is_on_duty=False)
    for number, chat in enumerate(CUSTOMERS):
        ticket = await ask_for_a_person(bot, chat)
        async with bot.database.transaction() as session:
            here = await session.get_one(Ticket, ticket.id)
            here.assignee = None if number == 0 else "Ola"
            here.next_word_at = bot.now - timedelta(hours=number + 1)
            ts = f"17000000{number:02}.000100"
            session.add(DeskThread(ticket_id=here.id, channel="C1", ts=ts, opened_at=bot.now))
    facts = await facts_of(bot, "Ola")
    assert (facts.mine.total, facts.queue.total, facts.overdue.total) == (10, 1, 11)
    view = drawn(bot, facts)
    page = text_of(view)
    assert len(view["blocks"]) <= 100
    told = "…i jeszcze {}" if language == "pl" else "…and {} more"
    assert {told.format(2), told.format(3), told.format(41 - MATES_SHOWN)} <= set(page.split("\n"))
    assert "<!channel>" not in page
    assert "https://acme.slack.com/archives/C1/p1700000009000100|#" in page
    ids = [block["block_id"] for block in view["blocks"]]
    assert len(set(ids)) == len(ids)


@on_sqlite
async def test_an_empty_desk_says_so(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    facts = replace(await facts_of(bot, "Ola"), shift=Shift(is_on=False, changes_at=None))
    page = text_of(drawn(bot, facts))
    assert "Nie masz otwartych zgłoszeń." in page
    assert "Nikt nie czeka." in page
    assert "W grafiku nie ma żadnego dyżuru." in page
    assert "Po terminie" not in page


# When Slack does not play along


class SlackInTrouble:
    """Of the desk's calls those that the Home tab needs; what is told of people may be withheld, a page refused."""

    def __init__(self, known: Colleague | None, refuses: bool) -> None:
        self.known, self.refuses = known, refuses
        self.shown: list[str] = []
        self.people = self

    async def colleague(self, _: str) -> Colleague:
        if self.known is None:
            raise TemporaryDeliveryError("Slack does not tell who that is")
        return self.known

    async def workspace(self) -> str:
        return WORKSPACE

    async def publish_home(self, user: str, _: Any) -> None:
        if self.refuses:
            raise PermanentDeliveryError("view_too_large")
        self.shown.append(user)


OLA = Colleague(team_id="T1", name="Ola", email="ola@sklep.example", is_ours=True, limit=None)


@on_sqlite
@pytest.mark.parametrize(
    ("known", "refuses", "is_agents", "shown"),
    [
        (OLA, False, True, ["U1"]),
        (OLA, True, True, []),
        (None, False, False, []),
        (replace(OLA, email="ewa@sklep.example"), False, False, []),
        (replace(OLA, is_ours=False), False, False, []),
    ],
    ids=["an agent", "refused by Slack", "nobody tells who", "not on the list", "of another workspace"],
)
async def test_whose_page_it_is_when_the_tab_is_opened(
    bot: BotUnderTest, known: Colleague | None, refuses: bool, is_agents: bool, shown: list[str]
) -> None:
    await hire(bot.database, "Ola")
    slack = SlackInTrouble(known, refuses)
    pages = HomePages(bot.database, slack, lambda: bot.desk, lambda: bot.now)  # type: ignore[arg-type] # a part of it
    assert await pages.show("U1") is is_agents
    assert slack.shown == shown


# The whole way


@pytest.fixture
async def rig(database: Database, nlu: FakeNLU, tmp_path: Path) -> AsyncIterator[DeskRig]:
    async with open_desk(database, nlu, tmp_path) as opened:
        yield opened


def page(who: Person) -> str:
    assert who.home is not None
    return text_of(who.home.given)


async def press(rig: DeskRig, who: Person, action: str, number: int | None = None) -> None:
    """A button of the Home tab, which is then drawn anew; of several, that of the ticket."""
    assert who.home is not None
    value = f"{number or ''}|"
    [block] = {
        block["block_id"]
        for block in who.home.given["blocks"]
        for element in block.get("elements", ())
        if element.get("action_id") == action and (number is None or element.get("value") == value)
    }
    before = who.home.hash
    await who.presses(who.home, action, block_id=block)
    if action != "desk-talk":
        await rig.until(lambda: who.home is not None and who.home.hash != before)


@on_sqlite
async def test_an_agent_works_from_the_home_tab_and_a_customer_keeps_theirs(rig: DeskRig) -> None:
    number = await rig.asks_for_a_person()
    stranger = rig.slack.person("Ewa", email="ewa@acme.example")
    for who in (rig.ola, rig.piotr, stranger):
        who.opens_home()
    await rig.quiet()
    assert "Kolejka (1)" in page(rig.ola)
    assert f"#{number} " in page(rig.ola)
    assert "Zespół" in page(rig.piotr)
    assert "Kolejka" not in page(stranger)
    assert pressable(stranger.home.given if stranger.home else {})

    await press(rig, rig.ola, "desk-take_over", number)
    assert (await rig.conversation()).agent == "Ola"
    assert "Moje zgłoszenia (1)" in page(rig.ola)
    assert "Kolejka (0)" in page(rig.ola)

    await press(rig, rig.piotr, "desk-take_over", number)  # from a page that is not true any more
    assert (await rig.conversation()).agent == "Ola"
    assert "prowadzi już Ola" in rig.slack.screen(rig.piotr.dm, rig.piotr)[-1].text
    assert "Kolejka (0)" in page(rig.piotr)

    await press(rig, rig.ola, "desk-duty-off")
    [ola] = [one for one in await rig.all(select(Agent)) if one.name == "Ola"]
    assert not ola.is_on_duty
    assert "Dyżur wyłączony" in page(rig.ola)
    await press(rig, rig.ola, "desk-duty-on")
    assert "Jesteś na dyżurze" in page(rig.ola)

    await press(rig, rig.ola, "desk-talk", number)
    assert "chcę rozmawiać z człowiekiem" in str(await rig.form(rig.ola))
    angry = await rig.asks_for_a_person("Jan", "To skandal, konsultant!")
    assert any("Zdenerwowanie: „skandal”" in line for line in rig.lines(angry))
    assert "Zdenerwowanie: „skandal”" in text_of(rig.card(angry).body)
    assert "Kolejka (0)" in page(rig.piotr)
    await press(rig, rig.piotr, "desk-home")
    assert "Kolejka (1)" in page(rig.piotr)
    assert (await rig.ticket(number)).status == Status.OPEN
