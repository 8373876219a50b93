"""The demo's world: a Telegram and a Slack of its own on one clock, and the people in both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from bot.sandbox.clock import DemoClock, wall_clock
from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.manifest import install
from bot.sandbox.slack.person import Person as SlackPerson
from bot.sandbox.slack_api import SlackStandIn
from bot.sandbox.telegram.people import Person as TelegramPerson
from bot.sandbox.telegram_api import TelegramStandIn
from bot.settings import ROOT
from handlers.agents import AlreadyOnTheList, NewAgent, add
from storage.agents import Role
from storage.database import Database

MOST_NAME_CHARACTERS = 40
MANIFEST = ROOT / "slack-app-manifest.yaml"


@dataclass
class DemoWorld:
    """`customers` are those in Telegram; `colleagues` sit in the desk's channel without being agents. Everything is in
    memory: another start, another world."""

    clock: DemoClock
    telegram: TelegramStandIn
    slack: SlackStandIn
    customers: list[TelegramPerson]
    slack_customers: list[SlackPerson]
    agents: list[SlackPerson]
    colleagues: list[SlackPerson]
    desk_channel: Channel

    @property
    def settings(self) -> dict[str, str]:
        """What the bot has to be told to live here, by the names of `bot.settings.Settings`."""
        return {
            "slack_api_url": self.slack.api_url,
            "slack_bot_token": self.slack.app.bot_token,
            "slack_app_token": self.slack.app.app_token,
            "slack_desk_channel": self.desk_channel.id,
            "telegram_api_url": self.telegram.url,
            "telegram_bot_token": self.telegram.token,
        }

    @property
    def slack_people(self) -> list[SlackPerson]:
        return [*self.slack_customers, *self.desk_people]

    @property
    def desk_people(self) -> list[SlackPerson]:
        """Whoever sees the desk's channel."""
        return [*self.agents, *self.colleagues]

    def add_customer(self, name: str, language: str) -> TelegramPerson:
        """Somebody in Telegram who has never written to us."""
        self.customers.append(self.telegram.person(name[:MOST_NAME_CHARACTERS], language=language))
        return self.customers[-1]

    def places_of(self, person: SlackPerson) -> list[Channel]:
        """The channels somebody is a member of, by name."""
        channels = self.slack.space.channels.values()
        inside = (one for one in channels if person.id in one.members and one.kind in {Kind.CHANNEL, Kind.PRIVATE})
        return sorted(inside, key=lambda channel: channel.name)

    async def move_on(self, by: timedelta) -> None:
        self.clock.move_on(by)
        await self._tick()

    async def move_to_next(self, hour: int) -> None:
        self.clock.to_next(hour)
        await self._tick()

    async def _tick(self) -> None:
        """What has come due meanwhile happens now."""
        self.telegram.tick()
        await self.slack.tick()


async def staff_desk(world: DemoWorld, database: Database) -> None:
    """Puts the world's agents on the list of those who may act; Piotr may do everything."""
    async with database.transaction() as session:
        for person in world.agents:
            role = Role.ADMIN if person.user.name == "Piotr" else Role.AGENT
            new = NewAgent(person.user.email or "", person.user.name, role)
            with suppress(AlreadyOnTheList):
                await add(session, new, world.clock())


@asynccontextmanager
async def open_world(clock: DemoClock | None = None) -> AsyncIterator[DemoWorld]:
    """Both stand-ins on free ports of loopback, with the standing cast. Slack uses Socket Mode."""
    clock = clock or DemoClock()
    async with TelegramStandIn(clock=clock) as telegram, SlackStandIn(clock=clock, signing_clock=wall_clock) as slack:
        slack.use_sockets()
        yield _with_cast(clock, telegram, slack)


def _with_cast(clock: DemoClock, telegram: TelegramStandIn, slack: SlackStandIn) -> DemoWorld:
    """Zofia is a guest in our workspace; Dave is of another company, reached over Slack Connect. Iga of marketing and
    Leon, whose account is a guest's, can see the desk and do nothing there."""
    install(slack.app, MANIFEST)
    customers = [
        telegram.person("Anna", language="pl"),
        telegram.person("Marek", language="pl"),
        telegram.person("Tom", language="en"),
    ]
    zofia = slack.person("Zofia", guest=True)
    dave = slack.person("Dave", tz="Europe/London", locale="en-GB", from_other_company=True)
    agents = [slack.person(name, email=f"{name.lower()}@acme.example") for name in ("Ola", "Piotr")]
    colleagues = [slack.person("Iga", email="iga@acme.example"), slack.person("Leon", guest=True)]
    slack.channel("acme-support", dave, *agents, shared=True)
    desk = slack.channel("support-desk", *agents, *colleagues, private=True)
    return DemoWorld(clock, telegram, slack, customers, [zofia, dave], agents, colleagues, desk)
