"""Sees to it that Telegram calls us: sets the webhook, and looks again whether it still stands."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from telegram import WebhookInfo
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.channels.health import Health
from bot.channels.telegram.api import Api
from bot.channels.telegram.commands_menu import Menu
from bot.channels.telegram.errors import in_words, seconds_of
from bot.channels.telegram.events import ALLOWED_UPDATES
from bot.channels.telegram.patience import Patience, pause
from handlers.desk import Desk

log = structlog.get_logger(__name__)

CONNECTIONS = 40
MOVED_AWAY = "the webhook pointed to another address and was set again: does another program use this token?"
RECENT = timedelta(minutes=3)  # Telegram goes on telling a trouble that is over


class Registrar:
    """Part of the web process."""

    def __init__(
        self, api: Api, health: Health, desk: Callable[[], Desk], clock: Callable[[], datetime], url: str, secret: str,
        patience: Patience,
    ) -> None:  # fmt: skip
        self._api = api
        self._health = health
        self._menu = Menu(api, desk)
        self._clock = clock
        self._url = url
        self._secret = secret
        self._patience = patience
        self._since = clock()  # before that nobody was there to be called
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Registers, trying again until Telegram has taken it, then looks after it."""
        failures, is_set = 0, False
        while not self._stopping.is_set():
            try:
                if not is_set:
                    await self._register()
                    is_set = True
                await self._menu.offer()
                await self._look_after()
                failures, wait = 0, self._patience.look
            except TelegramError as error:
                failures += 1
                wait = await self._failed(error, failures)
            await pause(wait, self._stopping)

    def stop(self) -> None:
        self._stopping.set()

    async def _register(self) -> None:
        await self._api.connect()
        await self._set_webhook()

    async def _set_webhook(self) -> None:
        """What waits at Telegram is kept: it came while we were away."""
        await self._api.bot.set_webhook(
            self._url,
            secret_token=self._secret,
            allowed_updates=ALLOWED_UPDATES,
            max_connections=CONNECTIONS,
            drop_pending_updates=False,
        )
        log.info("telegram.webhook_set")

    async def _look_after(self) -> None:
        info = await self._api.bot.get_webhook_info()
        problem = _problem(info, max(self._since, self._clock() - RECENT))
        if info.url != self._url:
            log.warning("telegram.webhook_lost", was_empty=not info.url)
            await self._set_webhook()
            problem = MOVED_AWAY if info.url else None
        if problem is None:
            await self._health.well()
        else:
            await self._health.unwell(problem)

    async def _failed(self, error: TelegramError, failures: int) -> float:
        await self._health.unwell(in_words(error))
        if isinstance(error, InvalidToken):
            return self._patience.token
        return seconds_of(error) if isinstance(error, RetryAfter) else self._patience.after(failures)


def _problem(info: WebhookInfo, since: datetime) -> str | None:
    """What Telegram says of its calls after `since`."""
    if info.last_error_date is None or info.last_error_date < since:
        return None
    return (
        f"Telegram cannot deliver to PUBLIC_URL ({info.last_error_message}),"
        f" {info.pending_update_count} update(s) wait there: is it reachable from outside, with a valid certificate?"
    )
