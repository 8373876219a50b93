"""The connection to the Bot API: python-telegram-bot's `Application`, with limits of our own on every wait."""

from __future__ import annotations

import os
from typing import Any, cast
from urllib.parse import urlsplit

from telegram.error import InvalidToken
from telegram.ext import Application, ApplicationBuilder, ExtBot
from telegram.request import BaseRequest, HTTPXRequest

from bot.channels.telegram.errors import translated
from bot.channels.telegram.events import Me

LONG_POLL_SECONDS = 25
ANSWER_SECONDS = 15.0  # the later we give up, the fewer sends end unknown; a lane's lease is longer
CONNECT_SECONDS = 10.0
POOL_SECONDS = 5.0
UPLOAD_SECONDS = 60.0
SENDING_CONNECTIONS = 64
POLLING_CONNECTIONS = 4  # python-telegram-bot's single one can jam for ever after a broken connection


class RawUpdates(HTTPXRequest):
    """Keeps what `getUpdates` brings as it came.

    One update that python-telegram-bot cannot read would have `get_updates` raise, again and again, with no progress.
    So its own reading gets none, and ours gets all.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._came: list[Any] = []

    def take(self) -> list[Any]:
        """What has come since the last look."""
        came, self._came = self._came, []
        return came

    def parse_json_payload(self, payload: bytes) -> dict[str, Any]:  # type: ignore[override] # static there
        answer = BaseRequest.parse_json_payload(payload)
        if isinstance(answer.get("result"), list):
            self._came = answer["result"]
            return {**answer, "result": []}
        return answer


class Api:
    """One bot at Telegram. Works unconnected, too; `connect` asks Telegram who we are."""

    def __init__(self, token: str, api_url: str) -> None:
        os.environ.setdefault("PTB_TIMEDELTA", "1")  # the library's only switch; without it each 429 warns
        address = api_url.rstrip("/")
        self._sending = HTTPXRequest(connection_pool_size=SENDING_CONNECTIONS, **_limits(address))
        self._polling = RawUpdates(connection_pool_size=POLLING_CONNECTIONS, **_limits(address))
        self._application = cast(
            "Application[Any, Any, Any, Any, Any, Any]",
            ApplicationBuilder()
            .token(token)
            .base_url(f"{address}/bot")
            .base_file_url(f"{address}/file/bot")
            .request(self._sending)
            .get_updates_request(self._polling)
            .updater(None)  # it keeps updates in memory, where kill -9 loses them
            .job_queue(None)
            .build(),
        )
        self.me = Me(int(token.partition(":")[0]))

    @property
    def bot(self) -> ExtBot[Any]:
        bot: ExtBot[Any] = self._application.bot
        return bot

    async def connect(self) -> Me:
        """Raises `telegram.error.TelegramError`; may be called again, and asks again each time."""
        told = await self.bot.get_me()
        self.me = Me(told.id, told.username or "")
        try:
            await self._application.initialize()
        except InvalidToken as error:
            raise InvalidToken("Unauthorized") from error.__cause__  # the library's own text holds the token
        return self.me

    async def updates(self, offset: int | None, allowed: list[str]) -> list[Any]:
        """The next updates as they came, after at most `LONG_POLL_SECONDS`; confirms those below `offset`."""
        await self.bot.get_updates(offset=offset, limit=100, timeout=LONG_POLL_SECONDS, allowed_updates=allowed)
        return self._polling.take()

    async def renew_polling(self) -> None:
        """New connections for `updates`, whatever state the old ones are in."""
        await self._polling.shutdown()
        await self._polling.initialize()

    async def close(self) -> None:
        await self._application.shutdown()
        await self._sending.shutdown()
        await self._polling.shutdown()


def _limits(address: str) -> dict[str, Any]:
    limits: dict[str, Any] = {
        "read_timeout": ANSWER_SECONDS,
        "write_timeout": ANSWER_SECONDS,
        "connect_timeout": CONNECT_SECONDS,
        "pool_timeout": POOL_SECONDS,
        "media_write_timeout": UPLOAD_SECONDS,
    }
    if urlsplit(address).scheme == "http":
        # Only a stand-in on this machine is spoken to so: no proxy lies between, and no certificates are needed.
        limits["httpx_kwargs"] = {"trust_env": False, "verify": False}
    return limits


async def identify(token: str, api_url: str) -> Me:
    """Who the token is for. Raises as a channel's `send`."""
    api = Api(token, api_url)
    try:
        async with translated():
            return await api.connect()
    finally:
        await api.close()


async def unhook(token: str, api_url: str) -> str:
    """Removes the webhook, so that polling can begin, and returns where it pointed to; empty when there was none.

    What waits at Telegram goes on waiting. Raises as a channel's `send`.
    """
    api = Api(token, api_url)
    try:
        async with translated():
            info = await api.bot.get_webhook_info()
            await api.bot.delete_webhook(drop_pending_updates=False)
    finally:
        await api.close()
    return str(info.url)
