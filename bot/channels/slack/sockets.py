"""Socket Mode: one connection, and a watchdog that builds a new one when it is dead.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot.channels.base import TemporaryDeliveryError
from bot.channels.slack.client import QUIET, Client
from bot.channels.slack.errors import Refused, SlackDown, problem_with_token, translated
from bot.channels.slack.standing import Concern
from bot.channels.slack.stopping import rest, unless
from handlers.errors import SupportError

log = structlog.get_logger(__name__)

APP_TOKEN = "SLACK_APP_TOKEN"  # noqa: S105 - the setting's name


@dataclass(frozen=True)
class Patience:
    """`dead`: how long without a connection until a new one is built. `refused`: between tries with a token that
    Slack does not take. `again`: between other tries, doubled up to `most`; `apps.connections.open` may be called
    about once a minute in the long run."""

    look: float = 1.0
    connect: float = 10.0
    dead: float = 30.0
    again: float = 2.0
    most: float = 60.0
    refused: float = 60.0
    close: float = 2.0


class SocketKeeper:
    """slack_sdk reconnects by itself when Slack says so; but it tries a failed handshake's used ticket for ever, and
    an invalid token too. Hence the ticket is asked for here, and a connection that stays down is given up."""

    def __init__(
        self, app: Callable[[], AsyncApp], client: Client, app_token: str,
        patience: Patience | None = None,
    ) -> None:  # fmt: skip
        self._build = app
        self._app: AsyncApp | None = None
        self._client = client
        self._standing = client.standing
        self._app_token = app_token
        self._patience = patience or Patience()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """Until stopped."""
        failures = 0
        while not self._stopping.is_set():
            was_up, wait = await self._hold()
            failures = 0 if was_up else failures + 1
            pause = min(self._patience.again * 2 ** max(0, failures - 1), self._patience.most)
            await rest(self._stopping, wait if wait is not None else pause)

    async def _hold(self) -> tuple[bool, float | None]:
        """One connection from its beginning to its end: whether it stood, and how long to wait now if that is told."""
        try:
            url = await unless(self._stopping, self._ticket())
        except SupportError as error:
            return False, await self._not_let_in(error)
        if url is None:
            return False, None
        self._app = self._app or self._build()
        handler = AsyncSocketModeHandler(self._app, self._app_token, logger=QUIET, web_client=self._client.web)
        handler.client.wss_uri = url
        try:
            is_up = await self._connected(handler)
            if is_up:
                await self._watch(handler)
            elif not self._stopping.is_set():
                await self._standing.unwell(Concern.SOCKET, "Slack: the Socket Mode connection cannot be made")
        finally:
            await self._close(handler)
        return is_up, None

    async def _connected(self, handler: AsyncSocketModeHandler) -> bool:
        """A handshake that fails is repeated by the SDK without end, so this one may not take for ever."""
        connecting = handler.connect_async()  # type: ignore[no-untyped-call] # bolt does not say
        await unless(self._stopping, connecting, self._patience.connect)
        return await handler.client.is_connected()

    async def _ticket(self) -> str:
        """A URL good for one connection. Raises as `Client.call`, without blaming the bot's token."""
        try:
            answer = await self._client.web.apps_connections_open(app_token=self._app_token)
            return str(answer["url"])
        except Exception as error:
            raise translated(error) from error

    async def _not_let_in(self, error: SupportError) -> float | None:
        if isinstance(error, (SlackDown, Refused)):
            await self._standing.unwell(Concern.SOCKET, problem_with_token(error.error, APP_TOKEN))
            return self._patience.refused
        await self._standing.unwell(Concern.SOCKET, f"{error} (Socket Mode)")
        return error.retry_after if isinstance(error, TemporaryDeliveryError) else None

    async def _watch(self, handler: AsyncSocketModeHandler) -> None:
        """Returns when it is time for another connection."""
        loop = asyncio.get_running_loop()
        log.info("slack.socket_open")
        alive_at = loop.time()
        while not self._stopping.is_set():
            if await handler.client.is_connected():
                alive_at = loop.time()
                await self._standing.well(Concern.SOCKET)
            elif loop.time() - alive_at > self._patience.dead:
                log.warning("slack.socket_dead", seconds=round(loop.time() - alive_at))
                await self._standing.unwell(Concern.SOCKET, "Slack: the Socket Mode connection is lost")
                return
            await rest(self._stopping, self._patience.look)

    async def _close(self, handler: AsyncSocketModeHandler) -> None:
        client = handler.client
        with contextlib.suppress(Exception):
            async with asyncio.timeout(self._patience.close):
                await handler.close_async()  # type: ignore[no-untyped-call] # bolt does not say
        await client.aiohttp_client_session.close()
        left = [client.message_processor, client.current_session_monitor, client.message_receiver]
        tasks = [task for task in left if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
