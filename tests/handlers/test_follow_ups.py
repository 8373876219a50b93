"""A ticket that waits for the customer: two reminders, then a closing with notice; any word of theirs ends the wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from handlers import follow_ups
from handlers.agent_actions import Act, AlreadySo
from handlers.casework import wait
from handlers.messages import Kind
from storage.conversations import Owner
from storage.tickets import Status, Ticket
from tests.bot_under_test import BotUnderTest
from tests.handlers.colleagues import ask_for_a_person, events, hire, reread, run_jobs

WEDNESDAY_NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
FRIDAY_NOON = datetime(2026, 11, 27, 11, 0, tzinfo=UTC)
TUESDAY_NOON = datetime(2026, 12, 1, 11, 0, tzinfo=UTC)


async def does(bot: BotUnderTest, what: object, number: int, *args: object) -> None:
    async with bot.database.transaction() as session:
        await what(Act(session, bot.desk, "Ola", bot.now), number, *args)  # type: ignore[operator]


async def waiting(bot: BotUnderTest, question: str = "Jaki rozmiar mamy wysłać?") -> Ticket:
    await hire(bot.database, "Ola")
    ticket = await ask_for_a_person(bot)
    await does(bot, wait, ticket.number, Status.WAITING_CUSTOMER, question)
    await bot.replies()
    return await reread(bot, ticket)


async def follow_up(bot: BotUnderTest, moment: datetime) -> bool:
    bot.now = moment
    return "follow_up" in await run_jobs(bot)


async def test_reminded_twice_then_closed_with_notice_and_a_way_back(bot: BotUnderTest) -> None:
    ticket = await waiting(bot)
    assert ticket.next_word_at == ticket.follow_up_at == WEDNESDAY_NOON
    assert not await follow_up(bot, WEDNESDAY_NOON - timedelta(seconds=1))

    assert await follow_up(bot, WEDNESDAY_NOON)
    [first] = await bot.replies()
    assert "Jaki rozmiar mamy wysłać?" in first.text
    assert "w piątek do 12:00" in first.text

    assert await follow_up(bot, FRIDAY_NOON)
    [last] = await bot.replies()
    assert "ostatnie przypomnienie" in last.text
    assert "zamkniemy zgłoszenie we wtorek o 12:00" in last.text
    assert (await reread(bot, ticket)).next_word_at == TUESDAY_NOON

    assert await follow_up(bot, TUESDAY_NOON)
    [closed] = await bot.replies()
    assert "Zamykamy zgłoszenie" in closed.text
    after = await reread(bot, ticket)
    assert (after.status, after.cause, after.next_word_at) == (Status.CLOSED, "no_answer", None)
    assert (await bot.conversation()).owner == Owner.BOT
    assert not await follow_up(bot, TUESDAY_NOON + timedelta(days=5))

    await bot.press(closed, "Problem wrócił")
    assert (await reread(bot, ticket)).status == Status.OPEN
    assert [event.data.get("step") for event in await events(bot, ticket, "followed_up")] == [1, 2]


@pytest.mark.parametrize("reminders", [0, 1, 2])
async def test_any_word_of_theirs_ends_the_wait(bot: BotUnderTest, reminders: int) -> None:
    ticket = await waiting(bot)
    for moment in (WEDNESDAY_NOON, FRIDAY_NOON)[:reminders]:
        await follow_up(bot, moment)
    await bot.replies()
    bot.later(minutes=5)
    await bot.say("rozmiar 42")
    after = await reread(bot, ticket)
    assert (after.status, after.follow_up_at, after.follow_up_step) == (Status.OPEN, None, 0)
    assert after.next_word_at is not None
    assert after.next_word_at <= bot.now + timedelta(days=1), "now it is our turn"
    await bot.replies()
    assert not await follow_up(bot, TUESDAY_NOON + timedelta(days=10))


async def test_words_that_nobody_has_read_yet_hold_the_reminder_back(bot: BotUnderTest) -> None:
    ticket = await waiting(bot)
    bot.now = WEDNESDAY_NOON - timedelta(seconds=1)
    await bot.hears("rozmiar 42")
    assert not await follow_up(bot, WEDNESDAY_NOON)
    await bot.work()
    assert await bot.replies() == []
    assert (await reread(bot, ticket)).status == Status.OPEN
    assert not await follow_up(bot, WEDNESDAY_NOON + timedelta(days=1))


async def test_a_word_to_the_bot_counts_and_reaches_the_ticket(bot: BotUnderTest) -> None:
    """The agent has given the chat back while the ticket waits: what the bot cannot place is the answer."""
    ticket = await waiting(bot)
    await bot.agent("Ola", "hand_back", ticket.number)
    await bot.replies()
    bot.nlu.teach("o której otwieracie", "opening_hours")
    said = await bot.ask("o której otwieracie")
    assert "8:00" in said.text
    assert (await reread(bot, ticket)).status == Status.OPEN
    [wrote] = await events(bot, ticket, "customer_wrote")
    assert wrote.actor == "customer"


async def test_what_the_bot_cannot_place_is_the_answer_that_was_waited_for(bot: BotUnderTest) -> None:
    ticket = await waiting(bot)
    await bot.agent("Ola", "hand_back", ticket.number)
    await bot.replies()
    said = await bot.ask("czterdzieści dwa i pół")
    assert f"#{ticket.number}" in said.text
    assert (await reread(bot, ticket)).status == Status.OPEN
    assert len(await events(bot, ticket, "customer_wrote")) == 1


async def test_no_reminder_in_the_quiet_hours(bot: BotUnderTest) -> None:
    await waiting(bot)
    assert not await follow_up(bot, datetime(2026, 11, 25, 21, 0, tzinfo=UTC))
    assert not await follow_up(bot, datetime(2026, 11, 26, 6, 59, tzinfo=UTC))
    assert await follow_up(bot, datetime(2026, 11, 26, 7, 0, tzinfo=UTC))


async def test_the_agents_next_words_start_the_wait_anew(bot: BotUnderTest) -> None:
    ticket = await waiting(bot)
    await follow_up(bot, WEDNESDAY_NOON)
    bot.later(hours=1)
    await bot.agent("Ola", "reply", ticket.number, "Bez rozmiaru nie możemy nic wysłać.")
    after = await reread(bot, ticket)
    assert (after.status, after.follow_up_step) == (Status.WAITING_CUSTOMER, 0)
    assert after.follow_up_at == WEDNESDAY_NOON + timedelta(days=2, hours=1)


async def test_an_agent_who_has_the_answer_by_other_ways_ends_the_wait(bot: BotUnderTest) -> None:
    ticket = await waiting(bot)
    await does(bot, follow_ups.resume, ticket.number)
    [said] = await bot.replies()
    assert "nie musimy już na nikogo czekać" in said.text
    assert "dziś do 13:00" in said.text
    assert (await reread(bot, ticket)).follow_up_at is None
    with pytest.raises(AlreadySo):
        await does(bot, follow_ups.resume, ticket.number)


async def test_who_cannot_be_reached_is_not_written_to_and_the_wait_still_ends(bot: BotUnderTest) -> None:
    ticket = await waiting(bot)
    await bot.hears("", kind=Kind.BLOCKED)
    await bot.work()
    for moment in (WEDNESDAY_NOON, FRIDAY_NOON, TUESDAY_NOON):
        assert await follow_up(bot, moment)
    assert await bot.replies() == []
    assert (await reread(bot, ticket)).status == Status.CLOSED


async def test_a_customer_who_settles_it_hears_no_more_of_it(bot: BotUnderTest) -> None:
    ticket = await waiting(bot)
    await follow_up(bot, WEDNESDAY_NOON)
    [reminder] = await bot.replies()
    assert reminder.press("Już załatwione") == f"settle:{ticket.number}"


async def test_a_word_changed_is_a_word_too(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    await bot.hears("konsultant", about="7")
    await bot.work()
    [ticket] = await bot.tickets()
    await does(bot, wait, ticket.number, Status.WAITING_CUSTOMER, "Jaki rozmiar?")
    await bot.hears("konsultant, rozmiar 42", kind=Kind.EDITED, about="7")
    await bot.work()
    assert (await reread(bot, ticket)).status == Status.OPEN
