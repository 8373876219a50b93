"""Many agents at once: one owner each time, everybody else is told who, and no deed is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.desk.events import DeskEvent, DeskKind
from handlers.agent_actions import Act
from handlers.agents import NewAgent, add
from handlers.content import Content
from handlers.handoff import AlreadyTaken
from storage import lanes
from storage.agents import Role
from storage.conversations import Owner
from storage.database import Database, database_time
from storage.inbound import InboundEvent
from storage.lanes import Lane, Queue
from storage.tickets import Ticket
from tests.desk.desk_rig import open_desk
from tests.desk.told_desk import ToldDesk, staffed
from tests.fakes import FakeNLU

AGENTS = [f"Agent {number:02}" for number in range(20)]
ROUNDS = 50
TICKETS = 20


@pytest.fixture
async def told(database: Database, content: Content, nlu: FakeNLU) -> ToldDesk:
    return await staffed(database, content, nlu)


async def test_of_twenty_who_take_a_ticket_at_once_one_has_it_and_the_others_hear_who(told: ToldDesk) -> None:
    await told.ask("chcę rozmawiać z człowiekiem")
    [ticket] = await told.tickets()
    winners = Counter[str]()
    for _ in range(ROUNDS):
        ends = await asyncio.gather(*(_takes(told, name, ticket.number) for name in AGENTS))
        [winner] = [name for name, other in zip(AGENTS, ends, strict=True) if other is None]
        assert [other for other in ends if other is not None] == [winner] * (len(AGENTS) - 1)
        chat, [now] = await told.conversation(), await told.tickets()
        assert (chat.owner, chat.agent, chat.ticket_id, now.assignee) == (Owner.AGENT, winner, now.id, winner)
        winners[winner] += 1
        await told.agent(winner, "release", ticket.number)
    taken = await told.events(ticket.number, "taken")
    assert Counter(event.actor.removeprefix("agent:") for event in taken) == winners
    assert winners.total() == ROUNDS


async def _takes(told: ToldDesk, name: str, number: int) -> str | None:
    """Who has it instead."""
    try:
        async with told.database.transaction() as session:
            await Act(session, told.desk, name, told.now).take_over(number)
    except AlreadyTaken as taken:
        return str(taken)
    return None


async def test_of_twenty_who_press_the_button_in_slack_one_has_it_and_the_others_are_told_who(
    database: Database, nlu: FakeNLU, tmp_path: Path
) -> None:
    async with open_desk(database, nlu, tmp_path) as rig:
        people = [rig.slack.person(name, email=f"a{at}@acme.example") for at, name in enumerate(AGENTS)]
        for at, (person, name) in enumerate(zip(people, AGENTS, strict=True)):
            person.joins(rig.desk)
            async with database.transaction() as session:
                await add(session, NewAgent(f"a{at}@acme.example", name, Role.AGENT), rig.clock())
        number = await rig.asks_for_a_person()
        card = rig.card(number)
        await asyncio.gather(*(person.presses(card, "desk-take_over") for person in people))
        await rig.quiet()
        winner = (await rig.conversation()).agent
        assert winner in AGENTS
        told = {one.only_for: one.text for one in rig.slack.space.talk.ephemeral()}
        for person, name in zip(people, AGENTS, strict=True):
            assert (winner in told.get(person.id, "")) is (name != winner)
        assert (await rig.kinds(number)).count("taken") == 1
        assert len([words for words in rig.heard() if winner in words]) == 1, "the customer hears of one"


async def test_no_deed_is_lost_where_many_tickets_are_merged_linked_and_given_away_at_once(told: ToldDesk) -> None:
    """Each pair from both ends: PostgreSQL ends one of two that wait for each other, and it is done again."""
    for at in range(TICKETS):
        await told.opened(chat=f"chat{at}")
    numbers = [ticket.number for ticket in await told.tickets()]
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    both_ways = list(chain.from_iterable(((one, two), (two, one)) for one, two in pairs))
    for deeds in (
        [_deed(told, one, "link", other=str(two)) for one, two in both_ways],
        [_deed(told, number, "assign", to="1") for number in numbers],
        [_deed(told, one, "merge", into=str(two)) for one, two in both_ways],
    ):
        for deed in deeds:
            await told.intake.accept_desk(deed)
        await _all_at_once(told)
    async with told.database.reading() as session:
        ends = (await session.execute(select(InboundEvent.outcome, InboundEvent.reason))).all()
        tickets = {one.number: one for one in (await session.scalars(select(Ticket))).all()}
    desk = Counter((str(outcome), reason) for outcome, reason in ends if outcome in {"noted", "ignored", "dead"})
    merged = [ticket for ticket in tickets.values() if ticket.merged_into is not None]
    assert desk[("noted", None)] == len(pairs) + TICKETS + len(pairs)
    late = desk[("ignored", "CannotMerge")], desk[("ignored", "AlreadySo")]
    assert late == (len(pairs), len(pairs)), "of two directions the later one comes too late"
    assert desk.total() == desk[("noted", None)] + sum(late)
    assert len(merged) == len(pairs)
    for one, two in pairs:
        assert (tickets[one].merged_into, tickets[two].merged_into) in {
            (tickets[two].id, None),
            (None, tickets[one].id),
        }
        assert len(await told.events(one, "related")) == 1
    assert {ticket.assignee for ticket in tickets.values()} == {"Ola"}


def _deed(told: ToldDesk, number: int, action: str, **values: str) -> DeskEvent:
    return told.event("piotr", DeskKind.SUBMITTED, number, action=action, ticket=number, values=values)


async def _all_at_once(told: ToldDesk) -> None:
    """As several workers would, without the waits."""
    while True:
        async with told.database.transaction() as session:
            waits = update(Lane).where(Lane.queue == Queue.IN, Lane.ready_at.is_not(None), Lane.owner.is_(None))
            await session.execute(waits.values(ready_at=database_time(session)))
            held = await lanes.claim(session, Queue.IN, 1, 50)
        if not held:
            return
        await asyncio.gather(*(told.intake.work(claim) for claim in held))
