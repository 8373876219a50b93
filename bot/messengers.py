"""The messengers that the settings name: one line each, and how each is put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr

from bot.channels.base import Channel
from bot.channels.gate import Gate
from bot.channels.health import Health
from bot.channels.slack.channel import Slack
from bot.channels.slack.gate import SlackGate
from bot.channels.slack.reception import AgentsSide
from bot.channels.telegram.api import Api as TelegramApi
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.gate import TelegramGate
from bot.content_files import ContentFiles
from bot.file_sources import FileSources
from bot.intake import Intake
from bot.settings import Settings
from handlers.desk import Desk
from storage.database import Database

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Inside:
    """What a way in hands messages to, and what it may ask."""

    intake: Intake
    desk: Callable[[], Desk]
    database: Database
    clock: Clock
    agents_side: AgentsSide | None = None


@dataclass(frozen=True)
class Messenger:
    """A channel to send through; `open_gate` makes its way in, once there is an intake."""

    channel: Channel
    open_gate: Callable[[Inside, AsyncExitStack], Gate]


@asynccontextmanager
async def messengers(settings: Settings, database: Database, clock: Clock) -> AsyncIterator[dict[str, Messenger]]:
    """Those whose token is set; their connections are closed at the end."""
    async with AsyncExitStack() as stack:
        found: dict[str, Messenger] = {}
        files = FileSources(ContentFiles(settings.content_dir))
        if settings.slack_bot_token is not None:
            health = Health(database, "slack", clock)
            found["slack"] = _slack(settings, settings.slack_bot_token, files, health, stack)
        if settings.telegram_bot_token is not None:
            health = Health(database, "telegram", clock)
            found["telegram"] = _telegram(settings, settings.telegram_bot_token, files, health, stack)
        for messenger in found.values():
            files.add(messenger.channel)
        yield found


def _slack(
    settings: Settings, token: SecretStr, files: FileSources, health: Health, stack: AsyncExitStack
) -> Messenger:
    channel = Slack(token.get_secret_value(), settings.slack_api_url, settings.slack_messages_per_second, files, health)
    stack.push_async_callback(channel.aclose)

    def open_gate(inside: Inside, _stack: AsyncExitStack) -> Gate:
        return SlackGate(
            channel,
            inside.intake,
            inside.desk,
            signing_secret=_revealed(settings.slack_signing_secret),
            app_token=_revealed(settings.slack_app_token),
            agents_side=inside.agents_side,
            clock=inside.clock,
        )

    return Messenger(channel, open_gate)


def _telegram(
    settings: Settings, token: SecretStr, files: FileSources, health: Health, stack: AsyncExitStack
) -> Messenger:
    api = TelegramApi(token.get_secret_value(), settings.telegram_api_url)
    stack.push_async_callback(api.close)
    channel = Telegram(api, settings.telegram_messages_per_second, files, health)

    def open_gate(inside: Inside, gates: AsyncExitStack) -> Gate:
        gate = TelegramGate(
            api,
            inside.intake,
            health,
            inside.database,
            inside.desk,
            inside.clock,
            public_url=settings.public_url,
            webhook_secret=_revealed(settings.telegram_webhook_secret),
        )
        gates.push_async_callback(gate.close)
        return gate

    return Messenger(channel, open_gate)


def _revealed(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
