"""Calls to Slack's Web API: one connection pool, no retries of the SDK's, errors of ours."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from typing import Any

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.channels.health import Health
from bot.channels.slack.errors import PROBLEMS, Refused, SlackDown, problem_with_token, translated
from bot.channels.slack.standing import Concern, Standing

log = structlog.get_logger(__name__)

CALL_SECONDS = 10.0
CONNECT_SECONDS = 5.0
BOT_TOKEN = "SLACK_BOT_TOKEN"  # noqa: S105 - the setting's name

QUIET = logging.getLogger("slack_quiet")
"""For the SDK and bolt: on DEBUG they write out requests with a customer's words, on INFO bodies with a bad signature.
They take over the level at construction, so it is set before anything of theirs is built."""
QUIET.setLevel(logging.WARNING)


class Client:
    """`await client.call(client.web.auth_test())`. To be used in one event loop, and closed there."""

    def __init__(self, bot_token: str, api_url: str, health: Health | None = None) -> None:
        self._bot_token = bot_token
        self.api_url = api_url
        self.standing = Standing(health)
        self._web: AsyncWebClient | None = None

    @property
    def web(self) -> AsyncWebClient:
        """The SDK's client on our own pool; made at first use, inside the running loop."""
        if self._web is None:
            limits = aiohttp.ClientTimeout(total=CALL_SECONDS, sock_connect=CONNECT_SECONDS)
            self._web = self.new_web(aiohttp.ClientSession(timeout=limits))
        return self._web

    @property
    def session(self) -> aiohttp.ClientSession:
        """For what is not a method: file contents. Sends no token by itself."""
        assert self.web.session is not None  # noqa: S101 - `web` made it
        return self.web.session

    @property
    def authorization(self) -> dict[str, str]:
        """Headers that hold the bot's token: for Slack's own addresses only."""
        return {"Authorization": f"Bearer {self._bot_token}"}

    def new_web(self, session: aiohttp.ClientSession | None = None) -> AsyncWebClient:
        """Another client on the same workspace; without a session each call opens its own.

        `retry_handlers=[]`: the SDK's default posts a second time when the connection broke after the first.
        """
        return AsyncWebClient(
            token=self._bot_token,
            base_url=self.api_url,
            timeout=int(CALL_SECONDS),
            session=session,
            logger=QUIET,
            retry_handlers=[],
        )

    async def call(self, calling: Awaitable[AsyncSlackResponse]) -> dict[str, Any]:
        """The answer. Raises what `bot.channels.slack.errors` makes of a refusal or a lost one."""
        try:
            response = await calling
            data = response.data
        except Exception as error:
            raised = translated(error)
            await self._tell(raised)
            raise raised from error
        return data if isinstance(data, dict) else {}

    async def _tell(self, raised: Exception) -> None:
        """What somebody has to mend is on the health page, not only with the message that met it."""
        if isinstance(raised, SlackDown):
            await self.standing.unwell(Concern.TOKEN, problem_with_token(raised.error, BOT_TOKEN))
        elif isinstance(raised, Refused) and raised.error in PROBLEMS:
            await self.standing.unwell(Concern.TOKEN, PROBLEMS[raised.error])

    async def aclose(self) -> None:
        if self._web is not None and self._web.session is not None:
            await self._web.session.close()
        self._web = None
