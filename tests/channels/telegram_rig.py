"""The Telegram adapter between our stand-in of the Bot API and a real intake, worker and courier."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from fastapi import FastAPI
from sqlalchemy import select

from bot.channels.health import Health
from bot.channels.telegram import Api, Telegram, TelegramGate
from bot.channels.telegram.patience import Patience
from bot.delivery import Courier
from bot.intake import Intake
from bot.parts import Part
from bot.sandbox.telegram.server import serving
from bot.sandbox.telegram_api import TelegramStandIn
from bot.worker import Worker
from handlers.attachments import Attachment
from handlers.bands import Bands, Thresholds
from handlers.content import Content
from handlers.desk import Desk
from handlers.texts import Catalogue
from storage import channel_state
from storage.conversations import Conversation, Message
from storage.database import Database
from storage.inbound import InboundEvent
from storage.lanes import Gathering
from storage.outbox import OutboxMessage
from tests.fakes import FakeNLU

SECRET = "only-telegram-knows_this"
IMPATIENT = Patience(first=0.02, longest=0.1, conflict=0.05, token=0.05, leader=0.05, look=0.05)
CATALOGUE = Catalogue()
THRESHOLDS = Thresholds({"pl": Bands(act=0.8, ask=0.4), "en": Bands(act=0.8, ask=0.4)})


class Transport(StrEnum):
    WEBHOOK = "webhook"
    POLLING = "polling"


@dataclass
class Rig:
    """`shift` moves the stand-in's clock, which otherwise goes on by itself."""

    api: TelegramStandIn
    database: Database
    desk: Desk
    nlu: FakeNLU
    files: dict[str, bytes] = field(default_factory=dict)
    shift: list[timedelta] = field(default_factory=lambda: [timedelta()])
    public_url: str | None = None

    async def bytes_of(self, attachment: Attachment) -> bytes:
        return self.files[attachment.reference]

    def later(self, **delta: float) -> None:
        self.shift[0] += timedelta(**delta)
        self.api.tick()

    async def rows(self) -> list[InboundEvent]:
        async with self.database.reading() as session:
            look = select(InboundEvent).order_by(InboundEvent.received_at, InboundEvent.seq)
            return list((await session.scalars(look)).all())

    async def sent(self) -> list[OutboxMessage]:
        async with self.database.reading() as session:
            return list((await session.scalars(select(OutboxMessage).order_by(OutboxMessage.seq))).all())

    async def messages(self) -> list[Message]:
        async with self.database.reading() as session:
            return list((await session.scalars(select(Message).order_by(Message.id))).all())

    async def conversations(self) -> list[Conversation]:
        async with self.database.reading() as session:
            return list((await session.scalars(select(Conversation).order_by(Conversation.id))).all())

    async def problem(self) -> str | None:
        """What is told of the channel; "unknown" before anything is."""
        async with self.database.reading() as session:
            state = (await channel_state.states(session)).get("telegram")
        return state.problem if state else "unknown"

    def replies(self, chat_id: int) -> list[str]:
        """What the bot said in a chat, as people see it."""
        seen = self.api.world.seen(self.api.world.chats[chat_id])
        return [message.text for message in seen if message.is_bot]


@dataclass
class Bot:
    """One running bot: its parts can be stopped and started as a process's would."""

    rig: Rig
    api: Api
    channel: Telegram
    gate: TelegramGate
    intake: Intake

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[Worker]:
        """A worker with both queues."""
        courier = Courier(self.rig.database, {"telegram": self.channel}, clock)
        worker = Worker(self.rig.database, self.intake.work, courier.work)
        async with running(Part("worker", worker.run, worker.stop)):
            yield worker


def clock() -> datetime:
    return datetime.now(UTC)


@contextlib.asynccontextmanager
async def running(*parts: Part) -> AsyncIterator[None]:
    """Runs the parts as a process does; one that fails fails the test."""
    tasks = [asyncio.create_task(part.run(), name=part.name) for part in parts]
    try:
        yield
    finally:
        for part in parts:
            part.stop()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)


@contextlib.asynccontextmanager
async def open_rig(database: Database, content: Content, nlu: FakeNLU) -> AsyncIterator[Rig]:
    shift = [timedelta()]
    async with TelegramStandIn(clock=lambda: clock() + shift[0], tick_seconds=0.02) as api:
        api.pace.is_kept = False
        yield Rig(api, database, Desk(content, CATALOGUE, THRESHOLDS), nlu, shift=shift)


@contextlib.asynccontextmanager
async def a_bot(
    rig: Rig, *, public_url: str | None = None, gathering: Gathering | None = None, patience: Patience = IMPATIENT
) -> AsyncIterator[Bot]:
    """Composed as `bot.messengers` does it; nothing runs yet."""
    api = Api(rig.api.token, rig.api.url)
    health = Health(rig.database, "telegram", clock)
    channel = Telegram(api, 1000.0, rig.bytes_of, health)
    intake = Intake(
        rig.database, lambda: rig.desk, rig.nlu, None, clock, gathering or Gathering(), {"telegram": channel}
    )
    gate = TelegramGate(
        api, intake, health, rig.database, lambda: rig.desk, clock,
        public_url=public_url, webhook_secret=SECRET if public_url else None, patience=patience,
    )  # fmt: skip
    try:
        yield Bot(rig, api, channel, gate, intake)
    finally:
        await gate.close()
        await api.close()


@contextlib.asynccontextmanager
async def connected(rig: Rig, transport: Transport, gathering: Gathering | None = None) -> AsyncIterator[Bot]:
    """A bot that hears what is said, by webhook or by polling; no worker yet."""
    if transport is Transport.POLLING:
        async with a_bot(rig, gathering=gathering) as bot, running(*bot.gate.worker_parts()):
            await until(lambda: rig.api.polling.is_waiting)
            yield bot
        return
    web = FastAPI()
    async with serving(web) as url, a_bot(rig, public_url=url, gathering=gathering) as bot:
        rig.public_url = url
        bot.gate.add_routes(web)
        async with running(*bot.gate.web_parts()):
            await until(lambda: rig.api.courier.webhook is not None and bot.api.me.username != "")
            yield bot


async def until(is_so: Callable[[], bool | Awaitable[bool]], seconds: float = 10) -> None:
    """Waits for what other tasks are about to do."""
    async with asyncio.timeout(seconds):
        while True:
            found = is_so()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.005)
