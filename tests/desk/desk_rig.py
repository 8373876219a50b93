"""The whole bot as `bot.app` builds it, customers at the stand-in of Telegram, agents at that of Slack."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr
from ruamel.yaml import YAML
from sqlalchemy import select

from bot.app import App, build
from bot.channels.slack.channel import Slack
from bot.nlu_server import NLUServer
from bot.parts import Part
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.manifest import install
from bot.sandbox.slack.messages import Message as Post
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.person import Person as SlackPerson
from bot.sandbox.slack.screen import Shown
from bot.sandbox.slack_api import SlackStandIn
from bot.sandbox.telegram.people import Person as Customer
from bot.sandbox.telegram_api import TelegramStandIn
from bot.sandbox.world import MANIFEST
from bot.serve import worker_part
from bot.settings import ROOT, Settings
from handlers.agents import NewAgent, add
from handlers.jobs import JOBS
from storage.agents import Role
from storage.conversations import Conversation, Message
from storage.database import Database
from storage.lanes import Lane
from storage.ticket_notes import TicketNote
from storage.tickets import Ticket, TicketEvent
from tests.bot_under_test import MONDAY_NOON
from tests.fakes import FakeNLU

LONGEST_SECONDS = 90
T = TypeVar("T")


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = MONDAY_NOON

    def __call__(self) -> datetime:
        return self.now

    def move_on(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class DeskRig:
    app: App
    database: Database
    slack: SlackStandIn
    telegram: TelegramStandIn
    clock: Clock
    desk: Channel
    complaints: Channel
    nlu: FakeNLU
    ola: SlackPerson
    piotr: SlackPerson
    customers: dict[str, Customer] = field(default_factory=dict)

    # Customers

    def customer(self, name: str = "Anna", language: str = "pl") -> Customer:
        if name not in self.customers:
            self.customers[name] = self.telegram.person(name, language=language)
        return self.customers[name]

    async def asks_for_a_person(self, name: str = "Anna", words: str = "chcę rozmawiać z człowiekiem") -> int:
        """A conversation that ends in the queue; the ticket's number."""
        before = {ticket.number for ticket in await self.tickets()}
        self.customer(name).types(words)
        await self.quiet()
        [number] = {ticket.number for ticket in await self.tickets()} - before
        return number

    def heard(self, name: str = "Anna") -> list[str]:
        """What the customer has been sent, as they see it."""
        return [seen.text for seen in self.customer(name).sees() if seen.is_bot]

    # The desk

    def cards(self, channel: Channel | None = None) -> list[Post]:
        where = (channel or self.desk).id
        return [one for one in self.slack.space.talk.standing(where) if not one.is_reply and one.body.get("bot_id")]

    def card(self, number: int, channel: Channel | None = None) -> Post:
        """The newest card of the ticket."""
        return [one for one in self.cards(channel) if f"#{number} " in one.body.get("text", "")][-1]

    def thread(self, number: int, viewer: SlackPerson | None = None, channel: Channel | None = None) -> list[Shown]:
        """What stands under the card."""
        card = self.card(number, channel)
        shown = self.slack.screen(channel or self.desk, viewer or self.ola)
        return [one for one in shown if one.thread_ts == card.ts and one.ts != card.ts]

    def lines(self, number: int, viewer: SlackPerson | None = None) -> list[str]:
        return [one.text for one in self.thread(number, viewer)]

    def whispers(self, number: int, viewer: SlackPerson) -> list[str]:
        return [one.text for one in self.thread(number, viewer) if one.is_only_for_you]

    async def presses(self, who: SlackPerson, number: int, action: str, argument: str = "") -> Outcome:
        """A button of the card, or an entry of its menu."""
        card = self.card(number)
        actions = [block for block in card.body["blocks"] if block["type"] == "actions"]
        ids = {element["action_id"] for block in actions for element in block["elements"]}
        name = f"desk-{action}" + (f"-{argument}" if argument else "")
        if name in ids:
            outcome = await who.presses(card, name)
        else:
            outcome = await who.presses(card, "desk-more", f"{number}|{action}")
        await self.quiet()
        return outcome

    async def fills(self, who: SlackPerson, number: int, action: str, **typed: Any) -> Outcome:
        """Opens an action's form, fills it in and sends it."""
        await self.presses(who, number, action)
        await self.form(who)
        outcome = await self.submits(who, **typed)
        await self.quiet()
        return outcome

    async def form(self, who: SlackPerson) -> dict[str, Any]:
        """The open form, once it is filled."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while not self.slack.space.views.stack(who.id) or not _is_filled(who.modal.given):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return who.modal.given

    async def submits(self, who: SlackPerson, **typed: Any) -> Outcome:
        """Fields by their names."""
        for block in who.modal.given["blocks"]:
            name = block.get("block_id", "").partition("-")[0]
            if name in typed:
                who.fills(who.modal, block["element"]["action_id"], typed[name], block["block_id"])
        return await who.submits()

    async def takes(self, who: SlackPerson, number: int) -> None:
        await self.presses(who, number, "take_over")

    def writes(self, who: SlackPerson, number: int, text: str) -> Post:
        """In the ticket's thread."""
        return who.says(text, self.desk, thread=self.card(number))

    def marks(self, post: Post) -> set[str]:
        """The bot's reactions under a post."""
        return {name for name, users in post.reactions.items() if self.slack.app.bot_user in users}

    # The database

    async def ticket(self, number: int) -> Ticket:
        return next(ticket for ticket in await self.tickets() if ticket.number == number)

    async def tickets(self) -> list[Ticket]:
        return await self.all(select(Ticket).order_by(Ticket.number))

    async def events(self, number: int) -> list[TicketEvent]:
        ticket = await self.ticket(number)
        return await self.all(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id))

    async def kinds(self, number: int) -> list[str]:
        return [event.kind for event in await self.events(number)]

    async def notes(self) -> list[TicketNote]:
        return await self.all(select(TicketNote).order_by(TicketNote.id))

    async def messages(self) -> list[Message]:
        return await self.all(select(Message).order_by(Message.id))

    async def conversation(self, name: str = "Anna") -> Conversation:
        chat = str(self.customer(name).id)
        [found] = [one for one in await self.all(select(Conversation)) if one.chat_id == chat]
        return found

    async def all(self, look: Any) -> list[Any]:
        async with self.database.reading() as session:
            return list((await session.scalars(look)).all())

    # Time

    async def quiet(self) -> None:
        """Until all that was sent to us is worked and all that is due is sent."""
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                await self.slack.tick()
                self.telegram.tick()
                await asyncio.sleep(0.02)
                if not len(self.telegram.world.updates) and not await self._busy():
                    return

    async def _busy(self) -> bool:
        lanes = await self.all(select(Lane))
        soon = timedelta(seconds=2)
        return any(lane.head < lane.tail and (lane.owner is not None or _is_near(lane, soon)) for lane in lanes)

    async def later(self, **delta: float) -> None:
        """The clock moves on, and what has come due is done."""
        self.clock.move_on(**delta)
        for job in JOBS:
            async with self.database.reading() as session:
                due = await job.find(session, self.app.desk(), self.clock(), 100)
            for one in due:
                async with self.database.transaction() as session:
                    await job.work(session, self.app.desk(), self.clock(), one)
        await self.quiet()

    async def until(self, look: Callable[[], Awaitable[T] | T]) -> T:
        async with asyncio.timeout(LONGEST_SECONDS):
            while True:
                found = look()
                value = await found if isinstance(found, Awaitable) else found
                if value:
                    return value
                await asyncio.sleep(0.02)


def _is_filled(view: Any) -> bool:
    """The first drawing of a form only asks for a moment's patience."""
    return "Chwileczkę" not in str(view["blocks"])


def _is_near(lane: Lane, soon: timedelta) -> bool:
    return lane.ready_at is not None and lane.ready_at - datetime.now(UTC) < soon


def content_with(tmp_path: Path, **rules: Any) -> Path:
    """The shipped content with other rules of the desk."""
    folder = tmp_path / "content"
    if not folder.exists():
        ignored = shutil.ignore_patterns(".venv", "models", "intents", "tests", "components", "entities", "__pycache__")
        shutil.copytree(ROOT / "nlu_data", folder, ignore=ignored)
    yaml = YAML(typ="safe")
    path = folder / "desk.yml"
    told = yaml.load(path.read_text(encoding="utf-8")) | rules
    with path.open("w", encoding="utf-8") as target:
        yaml.dump(told, target)
    return folder


@asynccontextmanager
async def open_desk(
    database: Database,
    nlu: FakeNLU,
    tmp_path: Path,
    *,
    complaints_apart: bool = False,
    server: NLUServer | None = None,
    **rules: Any,
) -> AsyncIterator[DeskRig]:
    """`rules`: what is other than in the shipped `desk.yml`; words leave at once unless they say otherwise.
    `complaints_apart`: they have a channel of their own. `server` reads instead of `nlu`, and gets released models."""
    clock = Clock()
    rules = {"undo_seconds": 0, "assignment": {"offer": False}, **rules}
    async with TelegramStandIn(clock=clock, tick_seconds=0.02) as telegram, SlackStandIn(clock=clock) as slack:
        slack.pace.is_kept = telegram.pace.is_kept = False
        install(slack.app, MANIFEST)
        slack.use_sockets()
        ola, piotr = (slack.person(name, email=f"{name.lower()}@acme.example") for name in ("Ola", "Piotr"))
        desk, complaints = (slack.channel(name, ola, piotr, private=True) for name in ("support-desk", "complaints"))
        if complaints_apart:
            rules["places"] = [{"channel": complaints.id, "categories": ["complaint"]}]
        folder = content_with(tmp_path, **rules)
        settings = _settings(database, slack, telegram, desk, folder)
        if server is not None:
            served = {"nlu_url": server.url, "nlu_token": SecretStr(server.token), "models_dir": tmp_path / "models"}
            settings = settings.model_copy(update=served | {"training_niceness": 0})
        async with build(settings, None if server else nlu, clock) as app:
            await _staff(app, clock)
            sender = app.channels["slack"]
            assert isinstance(sender, Slack)
            sender.posts_per_channel_second = 1000.0
            sender.sharing.kept_seconds = 0.0
            sender.seconds_per_chat = 0.0  # type: ignore[misc] # so that tests need not wait
            rig = DeskRig(app, app.database, slack, telegram, clock, desk, complaints, nlu, ola, piotr)
            async with _running(rig):
                yield rig


def _settings(
    database: Database, slack: SlackStandIn, telegram: TelegramStandIn, desk: Channel, folder: Path
) -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg] # pydantic-settings takes it, its types do not tell
        database_url=database.url.set(drivername=database.url.get_backend_name()).render_as_string(False),
        content_dir=folder,
        slack_api_url=slack.api_url,
        slack_bot_token=slack.app.bot_token,
        slack_app_token=slack.app.app_token,
        slack_desk_channel=desk.id,
        slack_messages_per_second=1000,
        telegram_api_url=telegram.url,
        telegram_bot_token=telegram.token,
        telegram_messages_per_second=1000,
        burst_quiet_seconds=0,
        burst_most_seconds=0,
    )


async def _staff(app: App, clock: Clock) -> None:
    async with app.database.transaction() as session:
        await add(session, NewAgent("ola@acme.example", "Ola"), clock())
        await add(session, NewAgent("piotr@acme.example", "Piotr", Role.LEAD), clock())


@contextlib.asynccontextmanager
async def _running(rig: DeskRig) -> AsyncIterator[None]:
    parts: list[Part] = [worker_part(rig.app.worker)]
    for gate in rig.app.gates.values():
        parts += gate.worker_parts()
    if rig.app.releases is not None:
        parts.append(Part("releases", rig.app.releases.run, rig.app.releases.stop))
    tasks = [asyncio.create_task(part.run(), name=part.name) for part in parts]
    try:
        await rig.until(lambda: rig.slack.sockets.sockets)
        yield
    finally:
        for part in parts:
            part.stop()
        await asyncio.wait_for(asyncio.gather(*tasks), LONGEST_SECONDS)
