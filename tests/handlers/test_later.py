"""Messages that an agent writes now and that leave later, in their name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from handlers import later
from handlers.agent_actions import Act, AlreadySo, NothingToSay, NotYours
from handlers.casework import NotSensible
from handlers.tickets import IllegalTransition
from storage import cases
from storage.agents import Agent
from storage.scheduled_messages import ScheduledMessage
from storage.tickets import Ticket
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.handlers.colleagues import ask_for_a_person, events, hire, reread, run_jobs

DUE = MONDAY_NOON + timedelta(hours=3)


async def _scheduled(bot: BotUnderTest, due: datetime = DUE, *, unless_answered: bool = False) -> Ticket:
    await hire(bot.database, "Ola", "Jan")
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", "take_over", ticket.number)
    await bot.replies()
    await _schedule(bot, ticket, "Czy paczka już dotarła?", due, unless_answered=unless_answered)
    return ticket


async def _schedule(bot: BotUnderTest, ticket: Ticket, *words: Any, by: str = "Ola", **how: Any) -> None:
    async with bot.database.transaction() as session:
        await later.schedule(Act(session, bot.desk, by, bot.now), ticket.number, *words, **how)


async def _rows(bot: BotUnderTest) -> list[ScheduledMessage]:
    async with bot.database.reading() as session:
        return list((await session.scalars(select(ScheduledMessage).order_by(ScheduledMessage.id))).all())


async def _state(bot: BotUnderTest) -> list[tuple[str, str | None]]:
    return [(row.status, row.why) for row in await _rows(bot)]


async def _at(bot: BotUnderTest, moment: datetime) -> dict[str, int]:
    bot.now = moment
    return await run_jobs(bot, "send_later")


async def test_it_leaves_once_when_it_is_time_in_the_name_of_who_wrote_it(bot: BotUnderTest) -> None:
    ticket = await _scheduled(bot)
    assert await _at(bot, DUE - timedelta(seconds=1)) == {}
    assert await _at(bot, DUE) == {"send_later": 1}
    [said] = await bot.replies()
    assert (said.text, said.author) == ("Czy paczka już dotarła?", "agent")
    assert await _at(bot, DUE + timedelta(hours=1)) == {}
    assert await _state(bot) == [("sent", None)]
    assert len(await events(bot, ticket, "agent_replied")) == 1


async def test_what_falls_into_the_night_leaves_in_the_morning(bot: BotUnderTest) -> None:
    await _scheduled(bot, datetime(2026, 11, 23, 22, 0, tzinfo=UTC))
    assert [row.due_at for row in await _rows(bot)] == [datetime(2026, 11, 24, 7, 0, tzinfo=UTC)]
    assert await _at(bot, datetime(2026, 11, 24, 6, 59, tzinfo=UTC)) == {}
    assert await _at(bot, datetime(2026, 11, 24, 7, 0, tzinfo=UTC)) == {"send_later": 1}


async def test_it_stands_on_the_card_until_it_is_sent(bot: BotUnderTest) -> None:
    ticket = await _scheduled(bot)

    async def listed() -> list[str]:
        async with bot.database.reading() as session:
            case = await cases.case_of(session, await session.get_one(Ticket, ticket.id))
            return [row.text for row in case.scheduled]

    assert await listed() == ["Czy paczka już dotarła?"]
    await _at(bot, DUE)
    assert await listed() == []


@pytest.mark.parametrize("unless_answered", [True, False])
async def test_a_word_of_the_customer_drops_it_where_the_agent_wanted_that(
    bot: BotUnderTest, unless_answered: bool
) -> None:
    ticket = await _scheduled(bot, unless_answered=unless_answered)
    bot.later(hours=1)
    await bot.say("dotarła, dziękuję")
    await _at(bot, DUE)
    assert await _state(bot) == [("dropped", "answered") if unless_answered else ("sent", None)]
    dropped = await events(bot, ticket, "schedule_dropped")
    assert [event.data["names"] for event in dropped] == ([["Ola"]] if unless_answered else [])


async def test_words_that_nobody_has_read_yet_hold_it_back(bot: BotUnderTest) -> None:
    await _scheduled(bot, unless_answered=True)
    bot.now = DUE - timedelta(seconds=1)
    await bot.hears("dotarła")
    assert await _at(bot, DUE) == {}
    await bot.work()
    assert await _at(bot, DUE) == {"send_later": 1}
    assert await _state(bot) == [("dropped", "answered")]


async def test_a_settled_case_needs_no_message(bot: BotUnderTest) -> None:
    ticket = await _scheduled(bot)
    await bot.agent("Ola", "resolve", ticket.number)
    await bot.replies()
    await _at(bot, DUE)
    assert await _state(bot) == [("dropped", "settled")]
    assert await bot.replies() == []


async def test_another_agents_chat_is_not_spoken_into(bot: BotUnderTest) -> None:
    ticket = await _scheduled(bot)
    await bot.agent("Ola", "release", ticket.number)
    await bot.agent("Jan", "take_over", ticket.number)
    await bot.replies()
    await _at(bot, DUE)
    assert await _state(bot) == [("dropped", "taken")]
    assert await bot.replies() == []
    assert (await bot.conversation()).agent == "Jan"


async def test_who_has_left_says_nothing_any_more(bot: BotUnderTest) -> None:
    await _scheduled(bot)
    async with bot.database.transaction() as session:
        ola = (await session.scalars(select(Agent).where(Agent.name == "Ola"))).one()
        ola.is_active = False
    await _at(bot, DUE)
    assert await _state(bot) == [("dropped", "left")]


async def test_it_can_be_taken_back_once(bot: BotUnderTest) -> None:
    ticket = await _scheduled(bot)
    [row] = await _rows(bot)

    async def drop(by: str) -> None:
        async with bot.database.transaction() as session:
            await later.drop(Act(session, bot.desk, by, bot.now), ticket.number, row.id)

    with pytest.raises(NotYours):
        await drop("Jan")
    await drop("Ola")
    with pytest.raises(AlreadySo):
        await drop("Ola")
    assert await _at(bot, DUE) == {}
    assert await _state(bot) == [("dropped", "taken_back")]


async def test_what_makes_no_sense_is_refused(bot: BotUnderTest) -> None:
    ticket = await _scheduled(bot)
    with pytest.raises(NothingToSay):
        await _schedule(bot, ticket, "  ", DUE, unless_answered=False)
    with pytest.raises(NotSensible):
        await _schedule(bot, ticket, "Halo", MONDAY_NOON - timedelta(minutes=1), unless_answered=False)
    with pytest.raises(NotYours):
        await _schedule(bot, ticket, "Halo", DUE, by="Jan", unless_answered=False)
    await bot.agent("Ola", "resolve", ticket.number)
    with pytest.raises(IllegalTransition):
        await _schedule(bot, await reread(bot, ticket), "Halo", DUE, unless_answered=False)
