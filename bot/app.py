"""Builds everything and hands each part what it needs: the only place that chooses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from bot.channels.base import Channel
from bot.channels.gate import Gate
from bot.channels.local import LocalChannel
from bot.channels.slack.channel import Slack
from bot.content import LiveDesk, read_content
from bot.delivery import Courier
from bot.desk.side import DeskSide
from bot.intake import Clock, Intake
from bot.messengers import Inside, messengers
from bot.nlu_remote import NLURemote
from bot.nlu_share import NLUShare
from bot.nlu_thresholds import read_thresholds
from bot.orders_file import FileOrders
from bot.orders_http import HttpOrders
from bot.rasa import RasaNLU
from bot.release_making import ReleaseMaking, Workshop
from bot.release_work import ReleaseWork
from bot.scheduler import Scheduler
from bot.settings import Settings, SettingsError
from bot.worker import Worker
from handlers.desk import Desk
from handlers.nlu import NLU
from handlers.orders import Orders
from handlers.texts import Catalogue
from storage.database import Database
from storage.lanes import Gathering
from storage.leadership import Leadership, Office


@dataclass(frozen=True)
class App:
    """The parts of a running bot."""

    settings: Settings
    database: Database
    channels: Mapping[str, Channel]
    gates: Mapping[str, Gate]
    desk: LiveDesk
    intake: Intake
    worker: Worker
    scheduler: Scheduler
    clock: Clock
    nlu: NLU
    releases: ReleaseWork | None = None


@asynccontextmanager
async def build(settings: Settings, nlu: NLU | None = None, clock: Clock | None = None) -> AsyncIterator[App]:
    """A bot on `settings`; `nlu` stands in for the server named there. Raises `SettingsError`, `ContentError`."""
    clock = clock or _utc_now
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient())
        database = Database(settings.database_url)
        stack.push_async_callback(database.dispose)
        orders = _orders(settings, client)
        desk = LiveDesk(_desk(settings, orders), settings.content_dir, settings.timezone)
        await stack.enter_async_context(desk.following(database))
        found = await stack.enter_async_context(messengers(settings, database, clock))
        channels: dict[str, Channel] = {LocalChannel.name: LocalChannel()}
        channels |= {name: messenger.channel for name, messenger in found.items()}
        slack = channels.get(Slack.name)
        side = None
        if isinstance(slack, Slack) and settings.slack_desk_channel:
            side = DeskSide.build(slack, database, desk, clock)
        reads = nlu or _nlu(settings, client)
        share = NLUShare(reads, client)
        work = None if nlu else _releases(settings, database, desk, clock, share, client)
        intake = Intake(
            database, desk, share, orders, clock, _gathering(settings), channels,
            side.work.work if side else None, side.work.homes.opened if side else None,
        )  # fmt: skip
        inside = Inside(intake, desk, database, clock, side.reception(intake) if side else None)
        gates = {name: messenger.open_gate(inside, stack) for name, messenger in found.items()}
        tell_desk = side.tell if side else None
        worker = Worker(database, intake.work, Courier(database, channels, clock).work, tell_desk)
        scheduler = Scheduler(database, desk, clock, Leadership(database, Office.JOBS))
        yield App(settings, database, channels, gates, desk, intake, worker, scheduler, clock, reads, work)


def _gathering(settings: Settings) -> Gathering:
    return Gathering(timedelta(seconds=settings.burst_quiet_seconds), timedelta(seconds=settings.burst_most_seconds))


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _desk(settings: Settings, orders: Orders | None) -> Desk:
    return Desk(
        content=read_content(settings.content_dir, settings.timezone),
        catalogue=Catalogue(settings.register_),
        thresholds=read_thresholds(settings.content_dir / "thresholds.yml"),
        has_orders=orders is not None,
        default_language=settings.default_language,
        messages_per_minute=settings.messages_per_minute,
        desk_channel=settings.slack_desk_channel if settings.slack_bot_token else None,
    )


def _nlu(settings: Settings, client: httpx.AsyncClient) -> NLU:
    if settings.nlu_url is None or settings.nlu_token is None:
        raise SettingsError("NLU_URL and NLU_TOKEN: where the language server listens (see `supportbot nlu serve`)")
    return RasaNLU(settings.nlu_url, settings.nlu_token.get_secret_value(), client)


def _releases(
    settings: Settings, database: Database, desk: LiveDesk, clock: Clock, share: NLUShare, client: httpx.AsyncClient
) -> ReleaseWork | None:
    """Only with a language server of our own, which can be told what to load."""
    if settings.nlu_url is None or settings.nlu_token is None:
        return None
    remote = NLURemote(settings.nlu_url, settings.nlu_token.get_secret_value(), client)
    workshop = Workshop(
        settings.content_dir, settings.models_dir, settings.replayed_messages, settings.training_niceness
    )
    making = ReleaseMaking(database, desk, clock, workshop, remote)
    return ReleaseWork(database, making, workshop, remote, share, Leadership(database, Office.RELEASES))


def _orders(settings: Settings, client: httpx.AsyncClient) -> Orders | None:
    if settings.orders_url is not None:
        token = settings.orders_token.get_secret_value() if settings.orders_token else None
        return HttpOrders(settings.orders_url, token, client)
    return FileOrders(settings.orders_file) if settings.orders_file else None
