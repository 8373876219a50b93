"""What is sent to many uses what the pace leaves, and nobody who waits for an answer waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.base import Budget
from bot.pace import has_its_turn
from storage import lanes, outbox
from storage.database import Database, database_time
from storage.lanes import Claim, Lane, Queue
from storage.outbox import SendBudget

PACE = Budget("telegram", 10.0)
CHATS = [f"telegram:{number}" for number in range(5)]
WORKER = 1


@dataclass
class Row:
    booked: bool = False


async def _told_at_once(session: AsyncSession) -> list[Claim]:
    """Each of the chats is to be told something, and others have all turns of the next ten seconds."""
    for chat in CHATS:
        await lanes.append(session, Queue.OUT, chat, no_hurry=timedelta(microseconds=1))
    await outbox.book(session, PACE.key, PACE.per_second, count=100)
    return await lanes.claim(session, Queue.OUT, WORKER, len(CHATS))


async def test_those_that_find_no_turn_come_again_one_after_the_other(database: Database) -> None:
    async with database.transaction() as session:
        began = (await session.scalars(select(database_time(session)))).one()
        for held in await _told_at_once(session):
            assert not await has_its_turn(session, held, Row(), [PACE], bulk=True)
        next_one = await session.get_one(SendBudget, outbox.among_many(PACE.key))
        assert next_one.next_at - began >= timedelta(seconds=len(CHATS) / PACE.per_second), "a turn for each"


async def test_an_answer_in_the_same_chat_is_not_held_back_by_what_all_are_told(database: Database) -> None:
    async with database.transaction() as session:
        for held in await _told_at_once(session):
            await has_its_turn(session, held, Row(), [PACE], bulk=True)
    async with database.transaction() as session:
        await lanes.append(session, Queue.OUT, CHATS[-1])
        look = select(Lane).where(Lane.ready_at <= database_time(session))
        [lane] = (await session.scalars(look)).all()
        assert (lane.key, lane.patient) == (CHATS[-1], False)
