"""The whole bot in one process against the stand-in of Slack: real HTTP, WebSocket, intake, worker and courier."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar

from fastapi import FastAPI
from sqlalchemy import select

from bot.channels.health import Health
from bot.channels.slack import Slack, SlackGate
from bot.channels.slack.reception import AgentsSide
from bot.channels.slack.sockets import Patience
from bot.delivery import Courier
from bot.desk.side import DeskSide
from bot.intake import Intake
from bot.parts import Part
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.screen import Shown
from bot.sandbox.slack_api import SlackStandIn
from bot.serve import listen, web_part, worker_part
from bot.worker import Worker
from handlers.attachments import Attachment
from handlers.content import Content
from handlers.desk import Desk
from storage import channel_state, lanes
from storage.database import Database
from storage.inbound import InboundEvent
from storage.lanes import Gathering, Queue
from storage.outbox import OutboxMessage
from tests.bot_under_test import BotUnderTest
from tests.fakes import FakeNLU

QUICK = Patience(look=0.02, connect=1.0, dead=0.3, again=0.02, most=0.1, refused=0.1, close=1.0)
LONGEST_SECONDS = 90


T = TypeVar("T")


async def until(look: Callable[[], T]) -> T:
    """The first answer of `look` that is not empty."""
    async with asyncio.timeout(LONGEST_SECONDS):
        while not (found := look()):  # noqa: ASYNC110 - the other side has no event to wait for
            await asyncio.sleep(0.01)
    return found


async def our_file(file: Attachment) -> bytes:
    return f"content of {file.reference}".encode()


@dataclass
class SlackBot:
    """`transport` is `http` or `socket`. The pause between two messages to one chat is left out."""

    database: Database
    content: Content
    slack: SlackStandIn
    transport: str = "http"
    desk_channel: str | None = None
    nlu: FakeNLU = field(default_factory=FakeNLU)
    per_second: float = 100.0
    parts: list[Part] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    port: int = 0

    def __post_init__(self) -> None:
        self.health = Health(self.database, "slack", lambda: datetime.now(UTC))

    def desk(self) -> Desk:
        return replace(BotUnderTest(self.database, self.content, self.nlu).desk, desk_channel=self.desk_channel)

    def channel(self) -> Slack:
        app = self.slack.app
        channel = Slack(app.bot_token, self.slack.api_url, self.per_second, our_file, self.health)
        channel.seconds_per_chat = 0.0  # type: ignore[misc] # so that tests need not wait
        return channel

    async def start(self) -> None:
        """Both processes; returns when events get through."""
        self.sender = self.channel()
        channels = {"slack": self.sender}

        def clock() -> datetime:
            return datetime.now(UTC)

        side = DeskSide.build(self.sender, self.database, self.desk, clock) if self.desk_channel else None
        work = side.work.work if side else None
        intake = Intake(self.database, self.desk, self.nlu, None, clock, Gathering(), channels, work)
        gate = self.gate(self.sender, intake, side.reception(intake) if side else None)
        tell_desk = side.courier.work if side else None
        worker = Worker(self.database, intake.work, Courier(self.database, channels, clock).work, tell_desk)
        web = FastAPI()
        gate.add_routes(web)
        socket = listen("127.0.0.1", 0)
        self.port = socket.getsockname()[1]
        self.parts = [web_part(web, socket), worker_part(worker), *gate.web_parts(), *gate.worker_parts()]
        self.tasks = [asyncio.create_task(part.run(), name=part.name) for part in self.parts]
        await self._connected()

    def gate(self, channel: Slack, intake: Intake, agents_side: AgentsSide | None = None) -> SlackGate:
        app = self.slack.app
        is_socket = self.transport == "socket"
        return SlackGate(
            channel,
            intake,
            self.desk,
            signing_secret=None if is_socket else app.signing_secret,
            app_token=app.app_token if is_socket else None,
            agents_side=agents_side,
            patience=QUICK,
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/slack/events"

    async def _connected(self) -> None:
        if self.transport == "socket":
            self.slack.use_sockets()
            await until(lambda: self.slack.sockets.sockets)
            return
        async with asyncio.timeout(LONGEST_SECONDS):
            while not await self.slack.use_http(self.url):  # noqa: ASYNC110 - until the server listens
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        for part in self.parts:
            part.stop()
        await asyncio.wait_for(asyncio.gather(*self.tasks), LONGEST_SECONDS)
        await self.sender.aclose()

    # What is seen

    def shown(self, where: Channel, viewer: Person) -> list[Shown]:
        return [one for one in self.slack.screen(where, viewer) if one.is_bot]

    async def answers(self, viewer: Person, count: int = 1, where: Channel | None = None) -> list[Shown]:
        """What the bot has said, once it is `count` messages."""
        await self.slack.tick()
        place = where or viewer.dm
        await until(lambda: len(self.shown(place, viewer)) >= count)
        return self.shown(place, viewer)

    async def quiet(self) -> None:
        """Until everything accepted is worked and everything to be sent has its end."""
        await self.slack.tick()
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                events, rows = await self.inbox(), await self.outbox()
                waiting = [one for one in events if one.outcome == "waiting"]
                unsent = [one for one in rows if one.status in {"waiting", "sending"}]
                if not waiting and not unsent:
                    return
                await asyncio.sleep(0.02)

    async def inbox(self) -> list[InboundEvent]:
        async with self.database.reading() as session:
            return list((await session.scalars(select(InboundEvent).order_by(InboundEvent.received_at))).all())

    async def outbox(self) -> list[OutboxMessage]:
        async with self.database.reading() as session:
            return list((await session.scalars(select(OutboxMessage).order_by(OutboxMessage.seq))).all())

    async def next_send(self) -> float:
        """In how many seconds something is to be sent again, once nothing is being sent."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                async with self.database.reading() as session:
                    wait = await lanes.next_ready(session, Queue.OUT)
                if wait is not None and wait > lanes.LEASE_SECONDS:
                    return wait
                await asyncio.sleep(0.02)

    async def has_problem(self, named: str) -> None:
        """Until the health page tells of it."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                async with self.database.reading() as session:
                    state = (await channel_state.states(session)).get("slack")
                if state is not None and named in (state.problem or ""):
                    return
                await asyncio.sleep(0.02)


@asynccontextmanager
async def running(bot: SlackBot) -> AsyncIterator[SlackBot]:
    await bot.start()
    try:
        yield bot
    finally:
        await bot.stop()
