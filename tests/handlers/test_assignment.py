from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.assignment import offer
from handlers.content import Content
from handlers.desk_rules import Assignment
from handlers.tickets import NewTicket, open_ticket
from storage import agents
from storage.conversations import conversation_in
from storage.customers import identity_of
from storage.tickets import Ticket
from tests.bot_under_test import BotUnderTest
from tests.handlers.colleagues import agent, ask_for_a_person, events, hire

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def test_turns_go_round_and_the_event_says_to_whom_and_why(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola", "Jan", "Ewa")
    given = [await ask_for_a_person(bot, f"klient{number}") for number in range(6)]
    assert [ticket.assignee for ticket in given] == ["Ola", "Jan", "Ewa"] * 2
    [event] = await events(bot, given[1], "assigned")
    assert (event.actor, event.data) == ("bot", {"to": "Jan", "why": "turn"})


async def test_who_is_given_a_ticket_still_has_to_take_it(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    await ask_for_a_person(bot)
    conversation = await bot.conversation()
    assert (conversation.owner, conversation.agent) == ("queue", None)


async def test_a_customer_who_is_back_gets_the_agent_they_had(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola", "Jan", "Ewa")
    first = await ask_for_a_person(bot)
    await bot.agent("Ewa", "take_over", first.number)
    await bot.agent("Ewa", "resolve", first.number)
    await bot.replies()
    bot.later(days=7)
    second = await ask_for_a_person(bot)
    assert second.number != first.number
    assert second.assignee == "Ewa"
    [event] = await events(bot, second, "assigned")
    assert event.data["why"] == "sticky"


@pytest.mark.parametrize("why_not", ["too long ago", "off duty", "at the cap"])
async def test_the_agent_they_had_is_not_asked(bot: BotUnderTest, why_not: str) -> None:
    await hire(bot.database, "Ola")
    first = await ask_for_a_person(bot)
    await bot.agent("Ola", "take_over", first.number)
    await bot.agent("Ola", "resolve", first.number)
    await bot.replies()
    await hire(bot.database, "Jan")
    async with bot.database.transaction() as session:
        ola = await agents.agent_named(session, "Ola")
        assert ola is not None
        ola.is_on_duty = why_not != "off duty"
        ola.load_cap = 0 if why_not == "at the cap" else 10
    bot.later(days=35 if why_not == "too long ago" else 7)
    second = await ask_for_a_person(bot)
    assert second.assignee == "Jan"


async def test_the_group_of_the_category_goes_first_while_it_has_somebody_free(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola", "Jan")
    await hire(bot.database, "Ewa", groups=["complaints"], load_cap=1)
    bot.nlu.teach("skandal", "escalate")
    for chat in ("anna", "tom"):
        await bot.ask("skandal", chat=chat)
    first, second = await bot.tickets()
    assert [first.assignee, second.assignee] == ["Ewa", "Ola"]
    assert [(await events(bot, one, "assigned"))[0].data["why"] for one in (first, second)] == ["group", "turn"]


async def test_nobody_free_leaves_the_ticket_to_the_ladder(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola", load_cap=0)
    ticket = await ask_for_a_person(bot)
    assert ticket.assignee is None
    assert await events(bot, ticket, "assigned") == []
    assert ticket.ladder_at is not None


async def test_with_offers_switched_off_nobody_is_given_anything(bot: BotUnderTest, content: Content) -> None:
    await hire(bot.database, "Ola")
    rules = content.desk.model_copy(update={"assignment": Assignment(offer=False)})
    bot.content = replace(content, desk=rules)
    assert (await ask_for_a_person(bot)).assignee is None


async def test_tickets_at_the_same_time_go_to_different_agents(bot: BotUnderTest) -> None:
    waiting = [await ask_for_a_person(bot, f"klient{number}") for number in range(6)]
    await hire(bot.database, "Ola", "Jan", "Ewa", load_cap=2)

    async def give(ticket: Ticket) -> None:
        async with bot.database.transaction() as session:
            await offer(session, bot.desk, await session.get_one(Ticket, ticket.id), bot.now)

    await asyncio.gather(*map(give, waiting))
    assert Counter(ticket.assignee for ticket in await bot.tickets()) == {"Ola": 2, "Jan": 2, "Ewa": 2}


STEPS = st.lists(st.sampled_from(["offer", "settle"]), max_size=14)


@SQLITE
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(caps=st.lists(st.integers(0, 3), min_size=1, max_size=4), steps=STEPS)
async def test_offers_never_exceed_a_cap_and_turns_go_round(
    bot: BotUnderTest, caps: list[int], steps: list[str]
) -> None:
    """Of those with room, it is always the turn of who was asked longest ago, never-asked ones first."""
    names = [f"Agent{index}" for index in range(len(caps))]
    loads = dict.fromkeys(names, 0)
    turns: list[str] = []
    async with bot.database.reading() as session:
        session.add_all(agent(name, load_cap=cap) for name, cap in zip(names, caps, strict=True))
        given: list[Ticket] = []
        for index, step in enumerate(steps):
            if step == "settle" and given:
                settled = given.pop(0)
                settled.status = "closed"
                loads[settled.assignee or ""] -= 1
                continue
            ticket = await _ticket(session, bot, index)
            free = [name for name, cap in zip(names, caps, strict=True) if loads[name] < cap]
            chosen = await offer(session, bot.desk, ticket, bot.now)
            if chosen is None:
                assert free == []
                ticket.status = "closed"
                continue
            last_turn = {name: max((at for at, who in enumerate(turns) if who == name), default=-1) for name in free}
            assert chosen.name == min(free, key=lambda name: (last_turn[name], name))
            turns.append(chosen.name)
            loads[chosen.name] += 1
            given.append(ticket)
        counted = await agents.loads(session)
        assert counted == {name: load for name, load in loads.items() if load}
        assert all(loads[name] <= cap for name, cap in zip(names, caps, strict=True))


async def _ticket(session: AsyncSession, bot: BotUnderTest, index: int) -> Ticket:
    """Of a customer of its own."""
    identity = await identity_of(session, "local", f"k{index}", None, bot.now)
    conversation = await conversation_in(session, "local", f"k{index}", identity, "private", bot.now)
    new = NewTicket(identity.customer_id, "human_handoff", "asked", "pl", f"sprawa {index}", "")
    return await open_ticket(session, conversation, new, bot.desk, bot.now)
