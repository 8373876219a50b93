"""kill -9 at any point: nothing accepted is lost, nothing is answered twice."""

from __future__ import annotations

import asyncio
import random
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from bot.intake import Intake
from handlers.content import Content
from handlers.messages import IncomingMessage
from storage.database import Database
from storage.inbound import InboundEvent, Outcome
from storage.outbox import Delivery, OutboxMessage
from tests.bot_under_test import BotUnderTest
from tests.fakes import FakeNLU

CHATS = 24
MESSAGES = 240
KILLS = 6
LONGEST_SECONDS = 90


async def test_six_kills_under_load_lose_nothing_and_answer_nothing_twice(
    database: Database, content: Content, tmp_path: Path
) -> None:
    sent = tmp_path / "sent.txt"
    intake = BotUnderTest(database, content, FakeNLU()).intake
    stop = asyncio.Event()
    killer = asyncio.create_task(_keep_killing(database, sent, stop))
    await _accept_all(intake)
    await asyncio.wait_for(_all_done(database), LONGEST_SECONDS)
    stop.set()
    await killer
    await _check(database, await asyncio.to_thread(_lines, sent))


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines()


async def _accept_all(intake: Intake) -> None:
    for number in range(MESSAGES):
        chat = f"chat{number % CHATS}"
        await intake.accept(IncomingMessage("local", chat, chat, f"m{number}", "dziękuję", datetime.now(UTC)))
        await asyncio.sleep(0.01)


async def _keep_killing(database: Database, sent: Path, stop: asyncio.Event) -> None:
    dice = random.Random(20_261_123)
    url = database.url.render_as_string(hide_password=False)
    for life in range(KILLS + 1):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.e2e.crash_worker", url, str(sent), cwd=Path(__file__).parents[2]
        )
        if life < KILLS:
            await asyncio.sleep(dice.uniform(1.5, 3.0))
        else:
            await stop.wait()
        process.kill()
        await process.wait()


async def _all_done(database: Database) -> None:
    while True:
        async with database.reading() as session:
            waiting = select(InboundEvent.seq).where(InboundEvent.outcome == Outcome.WAITING).limit(1)
            unsent = (
                select(OutboxMessage.seq).where(OutboxMessage.status.in_([Delivery.WAITING, Delivery.SENDING])).limit(1)
            )
            accepted = (await session.scalars(select(InboundEvent.seq))).all()
            busy = (await session.scalars(waiting)).all() or (await session.scalars(unsent)).all()
        if len(accepted) == MESSAGES and not busy:
            return
        await asyncio.sleep(0.2)


async def _check(database: Database, sent: list[str]) -> None:
    async with database.reading() as session:
        events = (await session.scalars(select(InboundEvent))).all()
        rows = (await session.scalars(select(OutboxMessage))).all()
    turns = {event.correlation_id for event in events if event.outcome == Outcome.ANSWERED}
    replied = Counter(row.correlation_id for row in rows)
    assert len(events) == MESSAGES
    assert all(event.outcome == Outcome.ANSWERED for event in events), "none lost, none dead"
    assert set(replied) <= turns
    assert set(replied.values()) == {1}, "each turn was answered once"
    posted = Counter(line.split()[1] for line in sent)
    assert set(posted.values()) == {1}, "nothing went out twice"
    flagged = {row.dedupe for row in rows if row.status == Delivery.UNKNOWN}
    assert {row.dedupe for row in rows if row.status == Delivery.SENT} <= set(posted)
    assert {row.dedupe for row in rows} == set(posted) | flagged, "what is not known to be sent is flagged"
    _check_order(rows, sent)


def _check_order(rows: list[OutboxMessage], sent: list[str]) -> None:
    seq = {row.dedupe: (row.chat_id, row.seq) for row in rows}
    last: Counter[str] = Counter()
    for line in sent:
        chat, number = seq[line.split()[1]]
        assert number > last[chat], "out of order"
        last[chat] = number
