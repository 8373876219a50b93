"""The product as `bot.app` builds it between both stand-ins, on a clock that is moved by hand."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bench.month.quick_sqlite import make_quick
from bench.month.reading import WordNLU
from bot.app import App, build
from bot.channels.slack.channel import Slack
from bot.channels.telegram.channel import Telegram
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.manifest import install
from bot.sandbox.slack.person import Person
from bot.sandbox.slack_api import SlackStandIn
from bot.sandbox.telegram_api import TelegramStandIn
from bot.sandbox.world import MANIFEST
from bot.serve import worker_part
from bot.settings import ROOT, Settings
from handlers.agents import NewAgent, add
from storage import lanes
from storage.agents import Role
from storage.database import Database
from storage.migrate import migrate

NOT_CONTENT = (".venv", "models", "intents", "tests", "components", "entities", "concepts", "__pycache__")
SOON = timedelta(seconds=3)
LOOK_SECONDS = 0.02
QUIET_SECONDS = 120.0


class Clock:
    """Moves only when it is told to."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stage:
    app: App
    slack: SlackStandIn
    telegram: TelegramStandIn
    clock: Clock
    desk: Channel
    agents: list[Person]
    nlu: WordNLU

    @property
    def database(self) -> Database:
        return self.app.database

    async def pass_time(self, by: timedelta) -> None:
        """What has come due meanwhile happens: at the messengers, then in each job, then on its way out."""
        self.clock.now += by
        await self.settle()
        await self.app.scheduler.tick()
        await self.settle()

    async def settle(self) -> None:
        """Until everything that can be worked now is worked, and everything that may leave has left."""
        async with asyncio.timeout(QUIET_SECONDS):
            while True:
                self.telegram.tick()
                await self.slack.tick()
                await asyncio.sleep(LOOK_SECONDS)
                if not len(self.telegram.world.updates) and not await self._is_busy():
                    return

    async def _is_busy(self) -> bool:
        async with self.database.reading() as session:
            return await lanes.is_any_busy(session, datetime.now(UTC) + SOON)

    async def rows(self, look: Any) -> list[Any]:
        async with self.database.reading() as session:
            return list((await session.scalars(look)).all())


def _content(folder: Path) -> Path:
    """The shipped content; words leave at once, since nobody takes any back here."""
    content = folder / "content"
    shutil.copytree(ROOT / "nlu_data", content, ignore=shutil.ignore_patterns(*NOT_CONTENT))
    yaml, path = YAML(typ="safe"), content / "desk.yml"
    rules = yaml.load(path.read_text(encoding="utf-8")) | {"undo_seconds": 0}
    with path.open("w", encoding="utf-8") as target:
        yaml.dump(rules, target)
    return content


def _settings(folder: Path, slack: SlackStandIn, telegram: TelegramStandIn, desk: Channel) -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg] # pydantic-settings takes it, its types do not tell
        database_url=f"sqlite:///{folder / 'month.db'}",
        content_dir=_content(folder),
        slack_api_url=slack.api_url,
        slack_bot_token=slack.app.bot_token,  # type: ignore[arg-type] # pydantic makes it a secret
        slack_app_token=slack.app.app_token,  # type: ignore[arg-type]
        slack_desk_channel=desk.id,
        slack_messages_per_second=10_000,
        telegram_api_url=telegram.url,
        telegram_bot_token=telegram.token,  # type: ignore[arg-type]
        telegram_messages_per_second=10_000,
        burst_quiet_seconds=0,
        burst_most_seconds=0,
    )


@asynccontextmanager
async def open_stage(start: datetime, agents: list[str]) -> AsyncIterator[Stage]:
    """The first of `agents` leads. No pace is kept: time is simulated, the machine's is not to be waited for."""
    clock = Clock(start)
    with tempfile.TemporaryDirectory() as folder:
        async with TelegramStandIn(clock=clock, tick_seconds=0.02) as telegram, SlackStandIn(clock=clock) as slack:
            slack.pace.is_kept = telegram.pace.is_kept = False
            install(slack.app, MANIFEST)
            slack.use_sockets()
            people = [slack.person(name, email=f"{name.lower()}@acme.example") for name in agents]
            desk = slack.channel("support-desk", *people, private=True)
            settings = _settings(Path(folder), slack, telegram, desk)
            fresh = Database(settings.database_url)
            await migrate(fresh)
            await fresh.dispose()
            nlu = WordNLU()
            async with build(settings, nlu, clock) as app:
                await make_quick(app.database)
                stage = Stage(app, slack, telegram, clock, desk, people, nlu)
                await _staff(stage)
                _unpaced(app)
                async with _running(stage):
                    yield stage


async def _staff(stage: Stage) -> None:
    async with stage.database.transaction() as session:
        for number, person in enumerate(stage.agents):
            role = Role.AGENT if number else Role.LEAD
            await add(session, NewAgent(person.user.email or "", person.user.name, role, load_cap=40), stage.clock())


def _unpaced(app: App) -> None:
    slack, telegram = app.channels["slack"], app.channels["telegram"]
    assert isinstance(slack, Slack)
    assert isinstance(telegram, Telegram)
    slack.posts_per_channel_second = 10_000.0
    for channel in (slack, telegram):
        channel.seconds_per_chat = 0.0  # type: ignore[misc] # of this object only


@asynccontextmanager
async def _running(stage: Stage) -> AsyncIterator[None]:
    parts = [worker_part(stage.app.worker)]
    for gate in stage.app.gates.values():
        parts += gate.worker_parts()
    tasks = [asyncio.create_task(part.run(), name=part.name) for part in parts]
    try:
        async with asyncio.timeout(QUIET_SECONDS):
            while not stage.slack.sockets.sockets:  # noqa: ASYNC110 - the other side has no event to wait for
                await asyncio.sleep(0.02)
        yield
    finally:
        for part in parts:
            part.stop()
        await asyncio.gather(*tasks)
