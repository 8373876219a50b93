"""Random histories under a moved clock: nobody is left in silence, disturbed at night, or told the same twice."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import select

from handlers import later, promise_actions
from handlers.agent_actions import Act
from handlers.casework import wait
from handlers.errors import SupportError
from storage.outbox import OutboxMessage
from storage.promises import Promise, PromiseStatus
from storage.tickets import OPEN_STATUSES, Status, Ticket
from tests.bot_under_test import BotUnderTest
from tests.handlers.colleagues import events, hire, run_jobs

STEPS = 20
JOBS = ("watch_ladder", "wake_snoozed", "keep_word", "send_status_updates", "follow_up", "watch_promises", "send_later")


class History:
    """One customer's case and what happens to it."""

    def __init__(self, bot: BotUnderTest, seed: int) -> None:
        self.bot = bot
        self.random = Random(seed)
        self.seen = 0

    async def go(self) -> None:
        await hire(self.bot.database, "Ola")
        await hire(self.bot.database, "Ewa", role="lead")
        await self.bot.ask("konsultant")
        happenings: list[Callable[[], Awaitable[None]]] = [
            self.customer_writes, self.agent_replies, self.agent_promises, self.agent_waits, self.agent_lets_go,
            self.agent_settles, self.customer_presses, self.agent_schedules,
        ]  # fmt: skip
        for _ in range(STEPS):
            await self.time_passes()
            with contextlib.suppress(SupportError):
                await self.random.choice(happenings)()
            await self.check()

    # What happens

    async def time_passes(self) -> None:
        """Up to a day and a half, the jobs at work all the while."""
        for _ in range(self.random.choice([1, 1, 3, 12])):
            self.bot.later(minutes=self.random.choice([7, 31, 60, 180]))
            await self.jobs()

    async def jobs(self) -> None:
        before = await self.said()
        for _ in range(2):  # what one job leaves to another is done when its turn comes
            await run_jobs(self.bot, *JOBS)
        if self.bot.content.rhythm.in_quiet_hours(self.bot.now):
            assert await self.said() == before, f"{self.bot.now}: somebody was disturbed"
        else:
            await self.nobody_waits_in_vain()

    async def customer_writes(self) -> None:
        await self.bot.hears(self.random.choice(["halo?", "rozmiar 42", "dziękuję", "o której otwieracie"]))
        await self.bot.work()
        for ticket in await self.bot.tickets():
            assert ticket.status != Status.WAITING_CUSTOMER, "they have just written"
            assert ticket.status == Status.WAITING_THIRD_PARTY or ticket.follow_up_at is None

    async def agent_replies(self) -> None:
        await self.bot.agent("Ola", "reply", await self.number(), "Sprawdzam to w magazynie.")

    async def agent_promises(self) -> None:
        words = self.random.choice(["Odpiszę do 15.", "Dam znać jutro rano.", "Odezwę się za 2 godziny."])
        number = await self.number()
        await self.bot.agent("Ola", "reply", number, words)
        async with self.bot.database.transaction() as session:
            look = select(Promise).where(Promise.status == PromiseStatus.PROPOSED).order_by(Promise.id.desc())
            promise = (await session.scalars(look)).first()
            if promise is not None:
                await promise_actions.confirm(self.act(session), number, promise.id)

    async def agent_waits(self) -> None:
        status = self.random.choice([Status.WAITING_CUSTOMER, Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY])
        number = await self.number()
        async with self.bot.database.transaction() as session:
            await wait(self.act(session), number, status, "potrzebny numer seryjny")

    async def agent_lets_go(self) -> None:
        await self.bot.agent("Ola", self.random.choice(["release", "hand_back", "take_over"]), await self.number())

    async def agent_settles(self) -> None:
        await self.bot.agent("Ola", self.random.choice(["resolve", "reopen", "reopen"]), await self.number())

    async def agent_schedules(self) -> None:
        number, due = await self.number(), self.bot.now + timedelta(hours=self.random.randint(1, 40))
        async with self.bot.database.transaction() as session:
            await later.schedule(self.act(session), number, "Czy wszystko gra?", due, unless_answered=True)

    async def customer_presses(self) -> None:
        number = await self.number()
        actions = ["updates:often", "updates:rarely", f"settle:{number}", f"reopen:{number}", f"info:{number}"]
        await self.bot.hears("…", action=self.random.choice(actions))
        await self.bot.work()

    # What must always be so

    async def check(self) -> None:
        for ticket in await self.bot.tickets():
            assert (ticket.next_word_at is not None) == ticket.is_open, f"#{ticket.number} {ticket.status}"
            told = [event.data["words"] for event in await events(self.bot, ticket, "status_told")]
            assert [before for before, after in pairwise(told) if before == after] == []

    async def nobody_waits_in_vain(self) -> None:
        async with self.bot.database.reading() as session:
            look = select(Ticket).where(Ticket.status.in_(OPEN_STATUSES))
            for ticket in (await session.scalars(look)).all():
                due = ticket.follow_up_at if ticket.status == Status.WAITING_CUSTOMER else ticket.next_word_at
                assert due is not None
                assert due > self.bot.now, f"{self.bot.now}: #{ticket.number} {ticket.status}, due {due}"
            slipped = select(Promise.id).where(Promise.status == PromiseStatus.OPEN, Promise.due_at <= self.bot.now)
            open_ones = slipped.join(Ticket, Ticket.id == Promise.ticket_id).where(Ticket.status.in_(OPEN_STATUSES))
            assert (await session.scalars(open_ones)).all() == []

    async def said(self) -> int:
        async with self.bot.database.reading() as session:
            return len((await session.scalars(select(OutboxMessage.seq).where(OutboxMessage.kind == "say"))).all())

    async def number(self) -> int:
        """The newest ticket."""
        return (await self.bot.tickets())[-1].number

    def act(self, session: object) -> Act:
        return Act(session, self.bot.desk, "Ola", self.bot.now)  # type: ignore[arg-type]


@pytest.mark.parametrize(("database", "seed"), [("sqlite", 0), ("sqlite", 1), ("postgres", 2)], indirect=["database"])
async def test_whatever_happens_nobody_is_left_in_silence(bot: BotUnderTest, seed: int) -> None:
    bot.nlu.teach("o której otwieracie", "opening_hours")
    await History(bot, seed).go()
