"""A customer who has to ask again: one apology, one bump, one word to the owner, however often they ask."""

from __future__ import annotations

import pytest

from storage.tickets import Ticket
from tests.bot_under_test import BotUnderTest, Said
from tests.handlers.colleagues import ask_for_a_person, events, hire, reread

SORRY = "Przepraszamy, że trzeba się o to upominać"


async def _say(bot: BotUnderTest, words: str, **more: str) -> list[Said]:
    bot.later(minutes=10)
    await bot.hears(words, **more)
    await bot.work()
    return await bot.replies()


async def _pressed(bot: BotUnderTest, ticket: Ticket) -> tuple[int, int]:
    """How often the owner was told, and the ticket moved up."""
    return len(await events(bot, ticket, "chased")), len(await events(bot, ticket, "priority"))


async def test_three_chasers_are_one_bump_one_apology_one_alert(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    ticket = await ask_for_a_person(bot)
    said = [
        one
        for words in ("halo, jest tam ktoś?", "kiedy ktoś odpowie", "nadal czekam!")
        for one in await _say(bot, words)
    ]
    assert sum(SORRY in one.text for one in said) == 1
    assert SORRY in said[1].text
    assert await _pressed(bot, ticket) == (1, 1)
    [chased] = await events(bot, ticket, "chased")
    assert chased.data["names"] == ["Ola"]
    assert (await reread(bot, ticket)).priority == "high"


async def test_an_agent_who_has_the_chat_is_told_and_the_customer_hears_by_when(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", "take_over", ticket.number)
    await bot.replies()
    assert await _say(bot, "kiedy odpowiecie?") == []
    [said] = await _say(bot, "halo, czekam na odpowiedź")
    assert SORRY in said.text
    assert "Konsultant odpisze tutaj dziś do 13:00" in said.text
    assert said.author == "system", "it reaches them though an agent has the chat"
    assert await _say(bot, "halo!") == []
    assert await _pressed(bot, ticket) == (1, 1)


@pytest.mark.parametrize("words", ["konsultant", "chcę rozmawiać z człowiekiem"])
async def test_asking_for_a_person_again_counts(bot: BotUnderTest, words: str) -> None:
    ticket = await ask_for_a_person(bot)
    for _ in range(3):
        await _say(bot, words)
    assert (await _pressed(bot, ticket))[0] == 1
    assert (await reread(bot, ticket)).priority == "high"


async def test_what_an_agent_has_answered_is_no_chasing(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", "take_over", ticket.number)
    for _ in range(3):
        await _say(bot, "kiedy dostanę zwrot?")
        await bot.agent("Ola", "reply", ticket.number, "Sprawdzam.")
    assert await _pressed(bot, ticket) == (0, 0)


async def test_looking_at_ones_tickets_and_adding_details_is_no_chasing(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    for _ in range(3):
        await _say(bot, "/status", action="do:ticket_status")
        await _say(bot, "na pudełku jest wgniecenie i brakuje ładowarki")
    assert (await _pressed(bot, ticket))[0] == 0


async def test_the_next_day_it_is_told_again(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    for _ in range(2):
        await _say(bot, "halo?")
        await _say(bot, "wciąż czekam")
        bot.later(hours=25)
    assert await _pressed(bot, ticket) == (2, 1)


async def test_a_high_priority_stays_and_is_not_told_as_news(bot: BotUnderTest) -> None:
    bot.nlu.teach("skandal", "escalate")
    await bot.ask("skandal")
    [ticket] = await bot.tickets()
    await _say(bot, "halo?")
    await _say(bot, "wciąż czekam")
    assert await _pressed(bot, ticket) == (1, 0)
