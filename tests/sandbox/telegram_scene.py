"""A Telegram stand-in on a clock that stands still until it is moved, a real python-telegram-bot Bot, and raw HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.sandbox.telegram_api import TelegramStandIn

NO_CERTIFICATES = {"verify": False}  # all is http, and reading the machine's certificates takes 20 ms each time
MONDAY = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@dataclass
class Scene:
    api: TelegramStandIn
    http: httpx.AsyncClient
    bot: Bot
    now: list[datetime]

    async def call(self, method: str, **arguments: Any) -> Any:
        """The result of a method, called with a JSON body. Fails when it is refused."""
        answer = (await self.raw(method, **arguments)).json()
        assert answer["ok"], answer
        return answer["result"]

    async def refused(self, method: str, **arguments: Any) -> str:
        """The words of a refusal."""
        answer = (await self.raw(method, **arguments)).json()
        assert not answer["ok"], answer
        return str(answer["description"])

    async def raw(self, method: str, **arguments: Any) -> httpx.Response:
        return await self.http.post(f"/bot{self.api.token}/{method}", json=arguments)

    def later(self, seconds: float) -> None:
        """Moves the clock, and lets the stand-in look at it."""
        self.now[0] += timedelta(seconds=seconds)
        self.api.tick()

    async def poller(self, **arguments: Any) -> asyncio.Task[httpx.Response]:
        """A getUpdates that waits."""
        task = asyncio.create_task(self.raw("getUpdates", **arguments))
        await until(lambda: self.api.polling.is_waiting)
        return task


async def until(is_so: Callable[[], bool]) -> None:
    """Waits for what other tasks are about to do; fails after five seconds."""
    async with asyncio.timeout(5):
        while not is_so():  # noqa: ASYNC110 - many conditions, none with an event of its own
            await asyncio.sleep(0.001)


@contextlib.asynccontextmanager
async def open_scene(**options: Any) -> AsyncIterator[Scene]:
    now = [MONDAY]
    async with TelegramStandIn(clock=lambda: now[0], tick_seconds=None, **options) as api:
        requests = [HTTPXRequest(httpx_kwargs=NO_CERTIFICATES) for _ in range(2)]
        bot = Bot(
            api.token, f"{api.url}/bot", f"{api.url}/file/bot", request=requests[0], get_updates_request=requests[1]
        )
        async with httpx.AsyncClient(base_url=api.url, timeout=10, **NO_CERTIFICATES) as http, bot:
            api.journal.entries.clear()
            yield Scene(api, http, bot, now)
