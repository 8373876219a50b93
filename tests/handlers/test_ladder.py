from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from handlers import ladder
from handlers.content import Content
from handlers.desk_rules import Call, Step
from storage.tickets import Ticket
from tests.bot_under_test import BotUnderTest
from tests.handlers.colleagues import ask_for_a_person, events, hire, reread, run_jobs

MONDAY_EVENING = datetime(2026, 11, 23, 16, 50, tzinfo=UTC)  # 17:50 in Warsaw, open until 18:00
TUESDAY = 24


async def _calls(bot: BotUnderTest, ticket: Ticket) -> list[dict[str, object]]:
    return [event.data for event in await events(bot, ticket, "called")]


async def test_the_ladder_is_climbed_in_working_time_and_the_customer_hears_how_it_stands(bot: BotUnderTest) -> None:
    """17:50: nobody takes it. Steps after 5, 15 and 30 working minutes, with closing time in the middle."""
    bot.now = MONDAY_EVENING
    await hire(bot.database, "Ola", "Jan")
    await hire(bot.database, "Ewa", role="lead", load_cap=0)
    bot.nlu.teach("skandal", "escalate")
    await bot.ask("skandal")
    [ticket] = await bot.tickets()
    assert ticket.assignee == "Ola"

    bot.later(minutes=4)
    assert await run_jobs(bot, "watch_ladder", "wake_snoozed") == {}
    bot.later(minutes=1)
    assert await run_jobs(bot, "watch_ladder", "wake_snoozed") == {"watch_ladder": 1}
    assert (await reread(bot, ticket)).assignee == "Jan"
    assert await bot.replies() == [], "that another agent is asked is nothing to tell"

    bot.later(hours=5)  # in the night nobody is called
    assert await run_jobs(bot, "watch_ladder", "wake_snoozed") == {}
    bot.now = datetime(2026, 11, TUESDAY, 7, 5, tzinfo=UTC)
    assert await run_jobs(bot, "watch_ladder", "wake_snoozed") == {"watch_ladder": 1}
    [told] = await bot.replies()
    assert told.author == "system"
    assert "dziś do 8:25" in told.text
    assert (await reread(bot, ticket)).next_word_at == datetime(2026, 11, TUESDAY, 7, 25, tzinfo=UTC)

    bot.later(minutes=15)
    assert await run_jobs(bot, "watch_ladder", "wake_snoozed") == {"watch_ladder": 1}
    [again] = await bot.replies()
    assert "kierujących zespołem" in again.text
    assert "dziś do 9:20" in again.text

    after = await reread(bot, ticket)
    assert after.ladder_at is None
    bot.later(days=1)
    assert await run_jobs(bot, "watch_ladder", "wake_snoozed") == {}
    assert (await reread(bot, ticket)).next_word_at == after.next_word_at
    assert await _calls(bot, ticket) == [
        {"step": 1, "call": "agent", "group": None, "names": ["Jan"], "told": None},
        {"step": 2, "call": "group", "group": "complaints", "names": [], "told": "nobody"},
        {"step": 3, "call": "leads", "group": None, "names": ["Ewa"], "told": "leads"},
    ]


async def test_a_group_is_called_by_the_names_of_those_on_duty(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola", "Jan", groups=["complaints"])
    await hire(bot.database, "Ewa", groups=["complaints"], is_on_duty=False)
    await hire(bot.database, "Ida", groups=["payments"])
    bot.nlu.teach("skandal", "escalate")
    await bot.ask("skandal")
    [ticket] = await bot.tickets()
    for _ in range(2):
        bot.later(minutes=10)
        await run_jobs(bot, "watch_ladder", "wake_snoozed")
    assert (await _calls(bot, ticket))[1]["names"] == ["Jan", "Ola"]
    [told] = await bot.replies()
    assert "cały zespół" in told.text


async def test_the_same_words_are_never_said_twice_in_a_row(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    for _ in range(3):
        bot.later(minutes=15)
        await run_jobs(bot, "watch_ladder", "wake_snoozed")
    assert [call["told"] for call in await _calls(bot, ticket)] == [None, "nobody", None]
    assert len(await bot.replies()) == 1


async def test_a_step_that_is_late_and_meets_a_closed_desk_says_when_we_open(bot: BotUnderTest) -> None:
    bot.now = MONDAY_EVENING
    ticket = await ask_for_a_person(bot)
    bot.now = datetime(2026, 11, TUESDAY, 19, 0, tzinfo=UTC)  # nothing ran since yesterday; 20:00
    await run_jobs(bot, "watch_ladder", "wake_snoozed")
    assert await bot.replies() == []
    assert (await reread(bot, ticket)).ladder_at == datetime(2026, 11, TUESDAY + 1, 7, 10, tzinfo=UTC)
    async with bot.database.transaction() as session:
        late = await session.get_one(Ticket, ticket.id)
        late.ladder_at = bot.now
    await run_jobs(bot, "watch_ladder", "wake_snoozed")
    [told] = await bot.replies()
    assert "jutro o 8:00" in told.text
    assert "jutro do 8:20" in told.text
    assert "+48 22 555 01 99" in told.text


@pytest.mark.parametrize("what", ["take_over", "resolve", "hand_back"])
async def test_what_an_agent_does_ends_the_climb(bot: BotUnderTest, what: str) -> None:
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", what, ticket.number)
    bot.later(hours=2)
    assert (await reread(bot, ticket)).ladder_at is None
    assert await run_jobs(bot, "watch_ladder", "wake_snoozed") == {}


async def test_a_customer_who_goes_on_with_the_bot_is_not_interrupted_but_people_are_called(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    handed = await bot.ask("konsultant")
    await bot.press(handed, "Wróć do bota")
    for _ in range(2):
        bot.later(minutes=15)
        await run_jobs(bot, "watch_ladder", "wake_snoozed")
    [ticket] = await bot.tickets()
    assert [call["call"] for call in await _calls(bot, ticket)] == ["agent", "group"]
    assert await bot.replies() == []


async def test_asked_for_again_the_climb_begins_anew(bot: BotUnderTest) -> None:
    handed = await bot.ask("konsultant")
    bot.later(minutes=20)
    await run_jobs(bot, "watch_ladder", "wake_snoozed")
    await bot.press(handed, "Wróć do bota")
    again = await ask_for_a_person(bot)
    assert again.ladder_step == 0
    assert again.ladder_at == datetime(2026, 11, 23, 11, 25, tzinfo=UTC)


async def test_each_step_is_taken_once_though_two_look_at_once(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    bot.later(minutes=5)

    async def take() -> bool:
        async with bot.database.transaction() as session:
            return await ladder.step(session, bot.desk, await session.get_one(Ticket, ticket.id), bot.now)

    assert sorted(await asyncio.gather(take(), take(), take())) == [False, False, True]
    assert len(await _calls(bot, ticket)) == 1


@pytest.mark.parametrize("steps", [(), (Step(after_minutes=5, call=Call.AGENT),)])
async def test_a_ladder_that_became_shorter_ends(bot: BotUnderTest, content: Content, steps: tuple[Step, ...]) -> None:
    ticket = await ask_for_a_person(bot)
    bot.later(minutes=5)
    await run_jobs(bot, "watch_ladder", "wake_snoozed")
    bot.content = replace(content, desk=content.desk.model_copy(update={"ladder": steps}))
    bot.later(minutes=15)
    await run_jobs(bot, "watch_ladder", "wake_snoozed")
    assert len(await _calls(bot, ticket)) == 1
    assert (await reread(bot, ticket)).ladder_at is None


async def test_what_was_put_off_comes_back_with_a_reminder(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", "take_over", ticket.number)
    async with bot.database.transaction() as session:
        (await session.get_one(Ticket, ticket.id)).snoozed_until = bot.now.replace(hour=13)
    bot.later(hours=1)
    assert await run_jobs(bot, "watch_ladder", "wake_snoozed") == {}
    bot.later(hours=1)
    assert await run_jobs(bot, "watch_ladder", "wake_snoozed") == {"wake_snoozed": 1}
    assert await run_jobs(bot, "watch_ladder", "wake_snoozed") == {}
    assert (await reread(bot, ticket)).snoozed_until is None
    [woken] = await events(bot, ticket, "woken")
    assert woken.data == {"names": ["Ola"]}
