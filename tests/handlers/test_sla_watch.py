"""The desk is told of what runs out, once, and the figures on record are those of the events."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from handlers import sla_watch
from handlers.agent_actions import Act, Post
from handlers.casework import set_tier, spam, wait
from handlers.jobs import renew_sla, watch_sla
from storage.sla_clocks import SlaClock, clocks_of
from storage.tickets import Priority, Status, Ticket
from tests.bot_under_test import BotUnderTest
from tests.handlers.case_log import warsaw
from tests.handlers.colleagues import ask_for_a_person, events, hire, reread

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)  # 12:00 in Warsaw


async def watch(bot: BotUnderTest) -> int:
    """The job, as the scheduler runs it; how many tickets the desk was told something of."""
    async with bot.database.reading() as session:
        due = await watch_sla.due(session, bot.now, 100)
    told = 0
    for one in due:
        async with bot.database.transaction() as session:
            told += await watch_sla.work(session, bot.desk, bot.now, one)
    async with bot.database.reading() as session:
        assert await watch_sla.due(session, bot.now, 100) == [], "what was looked at waits for its next moment"
    return told


async def renew(bot: BotUnderTest) -> bool:
    async with bot.database.transaction() as session:
        return await renew_sla.work(session, bot.desk, bot.now, renew_sla.ALL)


async def rows(bot: BotUnderTest, ticket: Ticket) -> dict[str, SlaClock]:
    """By target, the last of each."""
    async with bot.database.reading() as session:
        return {row.target: row for row in await clocks_of(session, ticket.id)}


async def told(bot: BotUnderTest, ticket: Ticket) -> list[tuple[str, str, list[str]]]:
    found = await events(bot, ticket, "sla_warning", "sla_breached", "live_waiting")
    return [(event.kind, event.data["target"], event.data["names"]) for event in found]


async def test_the_first_response_is_warned_of_then_breached_each_once(bot: BotUnderTest) -> None:
    """Filed by a form, so nobody waits in the chat: warned after 45 minutes, late after 60."""
    await hire(bot.database, "Ola", "Jan", load_cap=0)
    await hire(bot.database, "Ida", is_on_duty=False)
    await hire(bot.database, "Ewa", role="lead", load_cap=0)
    bot.nlu.teach("chcę kopię danych", "export_my_data")
    await bot.press(await bot.ask("chcę kopię danych"), "Tak, wyślij")
    [ticket] = await bot.tickets()
    assert await watch(bot) == 0
    first = (await rows(bot, ticket))["first_response"]
    assert (first.due_at, first.warn_at) == (NOON + timedelta(minutes=60), NOON + timedelta(minutes=45))
    assert (first.policy, first.tier, first.category, first.minutes) == ("mass", "mass", "export_my_data", 60)

    bot.later(minutes=44, seconds=59)
    assert await watch(bot) == 0
    bot.later(seconds=1)
    assert await watch(bot) == 1
    assert await watch(bot) == 0
    assert await told(bot, ticket) == [("sla_warning", "first_response", ["Ewa", "Jan", "Ola"])]
    assert (await reread(bot, ticket)).priority == Priority.NORMAL

    async with bot.database.transaction() as session:
        climbed = await session.get_one(Ticket, ticket.id)
        climbed.ladder_step, climbed.ladder_at = 3, None
    bot.later(minutes=15)
    assert await watch(bot) == 1
    assert await watch(bot) == 0
    assert (await told(bot, ticket))[1:] == [("sla_breached", "first_response", ["Ewa", "Jan", "Ola"])]
    after = await reread(bot, ticket)
    assert (after.priority, after.ladder_step) == (Priority.HIGH, 0)
    assert after.ladder_at == bot.now + timedelta(minutes=5), "still nobody has it: the ladder begins anew"


async def test_the_owner_is_warned_and_at_the_end_the_leads_as_well(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola", "Jan")
    await hire(bot.database, "Ewa", role="lead")
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", "take_over", ticket.number)
    await bot.agent("Ola", "reply", ticket.number, "Sprawdzam.")
    bot.now = warsaw("2026-11-25 10:00")  # 24 h of work are over Wed 16:00, three quarters of them at 10:00
    assert await watch(bot) == 1
    bot.now = warsaw("2026-11-25 16:00")
    assert await watch(bot) == 1
    assert await told(bot, ticket) == [
        ("sla_warning", "resolution", ["Ola"]),
        ("sla_breached", "resolution", ["Ola", "Ewa"]),
    ]
    assert (await reread(bot, ticket)).ladder_at is None, "somebody has it"


async def test_those_of_the_group_are_warned_where_nobody_has_it(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola", groups=["complaints"], load_cap=0)
    await hire(bot.database, "Jan", load_cap=0)
    bot.nlu.teach("skandal", "escalate")
    await bot.ask("skandal")
    [ticket] = await bot.tickets()
    bot.later(minutes=45)
    await watch(bot)
    assert ("sla_warning", "first_response", ["Ola"]) in await told(bot, ticket)


async def test_a_job_that_comes_late_tells_of_the_breach_alone(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    bot.later(hours=2)
    await watch(bot)
    assert [kind for kind, target, _ in await told(bot, ticket) if target == "first_response"] == ["sla_breached"]
    bot.later(minutes=1)
    assert await watch(bot) == 0


async def test_who_waits_in_a_live_chat_is_noticed_once_until_they_are_answered(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    ticket = await ask_for_a_person(bot)
    await watch(bot)
    bot.later(minutes=4, seconds=59)
    assert await watch(bot) == 0
    bot.later(seconds=1)
    assert await watch(bot) == 1
    bot.later(minutes=10)
    assert await watch(bot) == 0
    assert await told(bot, ticket) == [("live_waiting", "live_wait", ["Ola"])]

    await bot.agent("Ola", "reply", ticket.number, "Dzień dobry, już patrzę.")
    await watch(bot)
    assert (await rows(bot, ticket))["live_wait"].met_at == bot.now
    bot.later(minutes=30)
    assert await watch(bot) == 0
    await bot.say("i co?")
    bot.later(minutes=5)
    assert await watch(bot) == 1
    assert [kind for kind, *_ in await told(bot, ticket)] == ["live_waiting", "live_waiting"]


async def test_nobody_waits_in_the_night_nor_once_they_went_back_to_the_bot(bot: BotUnderTest) -> None:
    bot.now = warsaw("2026-11-23 17:58")
    ticket = await ask_for_a_person(bot)
    bot.now = warsaw("2026-11-24 08:02")
    assert await watch(bot) == 0
    bot.now = warsaw("2026-11-24 08:03")
    assert await watch(bot) == 1
    other = await bot.ask("konsultant", chat="jan")
    await bot.press(other, "Wróć do bota", chat="jan")
    bot.later(minutes=30)
    await watch(bot)
    [_, theirs] = await bot.tickets()
    assert "live_waiting" not in [kind for kind, *_ in await told(bot, theirs)]
    assert "live_waiting" in [kind for kind, *_ in await told(bot, ticket)]


async def test_the_clock_stands_still_while_a_third_party_has_it(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", "take_over", ticket.number)
    bot.later(hours=1)
    async with bot.database.transaction() as session:
        await wait(
            Act(session, bot.desk, "Ola", bot.now), ticket.number, Status.WAITING_THIRD_PARTY, "Czekamy na kuriera."
        )
    await watch(bot)
    stands = (await rows(bot, ticket))["resolution"]
    assert (stands.due_at, stands.paused_at) == (None, bot.now)
    assert (await reread(bot, ticket)).sla_at is None
    bot.later(days=30)
    assert await watch(bot) == 0


@pytest.mark.parametrize("what", ["resolve", "spam"])
async def test_what_is_over_is_watched_no_more(bot: BotUnderTest, what: str) -> None:
    ticket = await ask_for_a_person(bot)
    if what == "spam":
        async with bot.database.transaction() as session:
            await spam(Act(session, bot.desk, "Ola", bot.now), ticket.number)
    else:
        await bot.agent("Ola", "resolve", ticket.number)
    assert await watch(bot) == 0
    after = await rows(bot, ticket)
    assert {name: row.met_at is not None for name, row in after.items()} == dict.fromkeys(
        ("first_response", "resolution", "live_wait"), what == "resolve"
    )
    assert all(row.ended_at == bot.now for row in after.values())
    bot.later(days=10)
    assert await watch(bot) == 0


async def test_words_taken_back_in_time_were_no_answer(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    post = Post("C1", "1.1")
    async with bot.database.transaction() as session:
        await Act(session, bot.desk, "Ola", bot.now).reply(ticket.number, "Nie ta osoba", post=post, hold=True)
    await watch(bot)
    assert (await rows(bot, ticket))["first_response"].met_at == bot.now
    async with bot.database.transaction() as session:
        assert await Act(session, bot.desk, "Ola", bot.now).take_reply_back(post)
    await watch(bot)
    first = (await rows(bot, ticket))["first_response"]
    assert (first.met_at, first.ended_at) == (None, None)


async def test_another_policy_or_other_hours_count_for_what_runs_and_not_for_what_is_over(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", "reply", ticket.number, "Sprawdzam.")
    await watch(bot)
    assert not await renew(bot)
    before = await rows(bot, ticket)
    assert before["resolution"].due_at == warsaw("2026-11-25 16:00")

    policies = [policy.model_copy(update={"first_response": policy.resolution}) for policy in bot.content.sla.policies]
    mass = policies[-1]
    shorter = mass.model_copy(update={"resolution": mass.resolution.model_copy(update={"minutes": 600})})
    rules = bot.content.sla.model_copy(update={"policies": (*policies[:-1], shorter)})
    bot.content = replace(bot.content, sla=rules)
    assert await renew(bot)
    await watch(bot)
    changed = await rows(bot, ticket)
    assert changed["resolution"].due_at == warsaw("2026-11-24 12:00")  # 10 h: Mon 6, Tue 4
    assert changed["first_response"].minutes == before["first_response"].minutes == 60
    assert not await renew(bot)

    closed = replace(bot.content.calendar, closed=frozenset({date(2026, 11, 24)}))
    bot.content = replace(bot.content, calendar=closed)
    assert await renew(bot)
    await watch(bot)
    assert (await rows(bot, ticket))["resolution"].due_at == warsaw("2026-11-25 12:00")


async def test_a_customers_new_tier_counts_for_all_their_open_tickets(bot: BotUnderTest) -> None:
    bot.nlu.teach("skandal", "escalate")
    await bot.ask("skandal")
    await bot.agent("Ola", "hand_back", 1001)
    await bot.replies()
    second = await ask_for_a_person(bot, text="konsultant proszę natychmiast w sprawie faktury nowej")
    [first, *_] = await bot.tickets()
    assert first.id != second.id
    await watch(bot)
    async with bot.database.transaction() as session:
        await set_tier(Act(session, bot.desk, "Ola", bot.now), second.number, "premium")
    await watch(bot)
    for ticket in (first, second):
        now = (await rows(bot, ticket))["resolution"]
        assert (now.tier, now.minutes, now.due_at) == ("premium", 120, NOON + timedelta(hours=2))
        assert len(await events(bot, ticket, "tier")) == 1


async def test_what_happens_while_it_is_computed_is_not_missed(bot: BotUnderTest) -> None:
    """By a clock that stands still: an agent answers just as the job looks."""
    ticket = await ask_for_a_person(bot)

    async def look() -> None:
        async with bot.database.transaction() as session:
            await sla_watch.watch(session, bot.desk, ticket.id, bot.now)

    await asyncio.gather(look(), bot.agent("Ola", "reply", ticket.number, "Dzień dobry."), look())
    await watch(bot)
    assert (await rows(bot, ticket))["first_response"].met_at == bot.now


async def test_two_jobs_at_once_tell_once(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    bot.later(minutes=5)

    async def look() -> bool:
        async with bot.database.transaction() as session:
            return await sla_watch.watch(session, bot.desk, ticket.id, bot.now)

    assert sorted(await asyncio.gather(look(), look(), look())) == [False, False, True]
    async with bot.database.reading() as session:
        assert len((await session.scalars(select(SlaClock))).all()) == 3
