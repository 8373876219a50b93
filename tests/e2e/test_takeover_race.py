"""An agent takes over while a reply of the bot's is being sent: never both.

Ten chats, twenty times each, on each database. The agent comes in at a random moment between the first part's waiting
and the last one's arrival; some answers of the provider are lost, whether it has stored the part or not.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import count
from random import Random

from sqlalchemy import select, update

from bot.channels.base import Address, AfterUnknown, UnknownOutcome
from bot.delivery import Courier
from handlers import handoff
from handlers.messages import Reply
from handlers.speaking import say
from storage import lanes
from storage.conversations import Author, locked
from storage.database import database_time
from storage.lanes import Lane, Queue
from storage.outbox import OutboxMessage
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.fakes import FakeChannel

CHATS = [f"chat{number}" for number in range(10)]
ROUNDS = 20
PARTS = 2
LONGEST_SECONDS = 0.003
LOST = 0.1


class SlowChannel(FakeChannel):
    """A bar parts a reply in two. `begun` and `stored` are texts by chat, those begun with the moment."""

    after_unknown = AfterUnknown.LOOK

    def __init__(self, dice: Random, moments: count[int]) -> None:
        super().__init__()
        self._dice, self._moments = dice, moments
        self.begun: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.stored: dict[str, list[str]] = defaultdict(list)
        self._stirred = asyncio.Condition()

    def split(self, reply: Reply) -> tuple[Reply, ...]:
        return tuple(replace(reply, text=text) for text in reply.text.split("|"))

    async def send(self, to: Address, reply: Reply, key: str) -> str:
        self.begun[to.chat_id].append((next(self._moments), reply.text))
        async with self._stirred:
            self._stirred.notify_all()
        await asyncio.sleep(self._dice.uniform(0, LONGEST_SECONDS))
        is_lost = self._dice.random() < LOST
        if not is_lost or self._dice.random() < 0.5:
            self.stored[to.chat_id].append(reply.text)
            self.holds[key] = key
        if is_lost:
            raise UnknownOutcome("the connection broke")
        return key

    async def has_begun(self, chat: str, sends: int) -> None:
        async with self._stirred:
            await self._stirred.wait_for(lambda: len(self.begun[chat]) >= sends)


class Race:
    def __init__(self, bot: BotUnderTest, seed: int) -> None:
        self.bot = bot
        self.dice = Random(seed)
        self.moments = count()
        self.channel = SlowChannel(self.dice, self.moments)
        self.courier = Courier(bot.database, {"local": self.channel}, lambda: bot.now)
        self.tickets: dict[str, int] = {}
        self.ended = 0

    async def prepare(self) -> None:
        for chat in CHATS:
            await self.bot.ask("konsultant", chat=chat)
        numbers = {ticket.conversation_id: ticket.number for ticket in await self.bot.tickets()}
        self.tickets = {chat: numbers[(await self.bot.conversation(chat)).id] for chat in CHATS}
        await self._deliver(asyncio.create_task(asyncio.sleep(0)))

    async def run(self, number: int) -> Counter[int]:
        """One round: how often the bot got to say so many of its parts."""
        self.channel.begun.clear()
        self.channel.stored.clear()
        await self._bot_speaks(number)
        takeovers = asyncio.gather(*map(self._take_over, CHATS))
        await asyncio.gather(self._deliver(takeovers), takeovers)
        said: Counter[int] = Counter()
        for chat, taken_at in zip(CHATS, takeovers.result(), strict=True):
            said[await self._check(chat, number, taken_at)] += 1
        return said

    async def _bot_speaks(self, number: int) -> None:
        reply = Reply("|".join(f"{number}.{part}" for part in range(PARTS)))
        async with self.bot.database.transaction() as session:
            for chat in CHATS:
                conversation = await locked(session, (await self.bot.conversation(chat)).id)
                handoff.release(conversation)
                await say(
                    session, conversation, reply, author=Author.BOT, correlation_id=f"{chat}-{number}",
                    dedupe=f"race:{chat}-{number}", now=self.bot.now,
                )  # fmt: skip

    async def _take_over(self, chat: str) -> int:
        """When it is done, in the channel's moments."""
        await self.channel.has_begun(chat, self.dice.randint(0, PARTS))
        await asyncio.sleep(self.dice.uniform(0, LONGEST_SECONDS))
        await self.bot.agent("Ola", "take_over", self.tickets[chat])
        return next(self.moments)

    async def _deliver(self, others: asyncio.Future[list[int]] | asyncio.Task[None]) -> None:
        """As workers do, without the waits, until `others` are done and nothing is left."""
        under_way: set[asyncio.Task[None]] = set()
        past = MONDAY_NOON - timedelta(days=9999)
        while True:
            is_last = others.done()
            async with self.bot.database.transaction() as session:
                waits = (Lane.queue == Queue.OUT, Lane.ready_at > database_time(session), Lane.owner.is_(None))
                await session.execute(update(Lane).where(*waits).values(ready_at=past))
                held = await lanes.claim(session, Queue.OUT, 1, len(CHATS))
            under_way |= {asyncio.create_task(self.courier.work(claim)) for claim in held}
            if under_way:
                done, under_way = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            elif is_last:
                return
            else:
                await asyncio.sleep(LONGEST_SECONDS)

    async def _check(self, chat: str, number: int, taken_at: int) -> int:
        stored = self.channel.stored[chat]
        of_bot = [text for text in stored if text.startswith(f"{number}.")]
        late = [text for at, text in self.channel.begun[chat] if text.startswith(f"{number}.") and at > taken_at]
        assert late == [], "begun after the takeover"
        assert of_bot == [f"{number}.{part}" for part in range(len(of_bot))], "in order, none left out, none twice"
        [of_agent] = [text for text in stored if text not in of_bot]
        assert "Ola" in of_agent
        assert stored[-1] == of_agent, "the agent's words come last"
        async with self.bot.database.reading() as session:
            look = select(OutboxMessage).where(OutboxMessage.dedupe == f"race:{chat}-{number}")
            row = (await session.scalars(look)).one()
        expected = "sent" if len(of_bot) == PARTS else "withheld"
        assert (row.status, len(row.provider_ids)) == (expected, len(of_bot))
        return len(of_bot)


async def test_a_takeover_while_the_bot_is_speaking_never_lets_both_speak(bot: BotUnderTest) -> None:
    race = Race(bot, seed=4)
    await race.prepare()
    said: Counter[int] = Counter()
    for number in range(ROUNDS):
        said += await race.run(number)
    assert said.total() == len(CHATS) * ROUNDS
    assert set(said) == set(range(PARTS + 1)), "the agent came in before, between and after the parts"
