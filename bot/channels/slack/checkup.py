"""Whether our token is good and may do what we need, asked at the start and every minute.

https://docs.slack.dev/reference/methods/auth.test
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping

import structlog

from bot.channels.base import TemporaryDeliveryError
from bot.channels.slack.client import BOT_TOKEN, Client
from bot.channels.slack.errors import Refused, SlackDown, problem_with_token, translated
from bot.channels.slack.standing import Concern
from bot.channels.slack.stopping import rest, unless
from handlers.errors import SupportError

log = structlog.get_logger(__name__)

EVERY_SECONDS = 60.0  # a sign of life for the health page, which calls two minutes without one silence
AGAIN_SECONDS = 5.0
MOST_SECONDS = 60.0
SCOPES = frozenset(
    {
        "app_mentions:read", "channels:history", "channels:read", "chat:write", "commands", "files:read", "files:write",
        "groups:history", "groups:read", "im:history", "im:write", "mpim:history", "reactions:read", "reactions:write",
        "users:read", "users:read.email",
    }
)  # fmt: skip
"""What the code calls and hears needs these; `slack-app-manifest.yaml` asks for them."""


class Checkup:
    """`learned` gets our bot user's id."""

    def __init__(self, client: Client, learned: Callable[[str], None]) -> None:
        self._client = client
        self._learned = learned
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        """Until stopped."""
        wait = AGAIN_SECONDS
        while not self._stopping.is_set():
            if await unless(self._stopping, self.check()):
                wait, pause = AGAIN_SECONDS, EVERY_SECONDS
            else:
                wait, pause = min(wait * 2, MOST_SECONDS), wait
            await rest(self._stopping, pause)

    async def check(self) -> bool:
        """Asks once and tells the health page."""
        problem = await problem_of(self._client, self._learned)
        if problem is None:
            await self._client.standing.well(Concern.TOKEN)
        else:
            await self._client.standing.unwell(Concern.TOKEN, problem)
        return problem is None


async def problem_of(client: Client, learned: Callable[[str], None] | None = None) -> str | None:
    """What keeps us from working, in an operator's words; None where nothing does. `learned` gets our bot user's id."""
    try:
        answer = await client.web.auth_test()
    except Exception as error:
        return _in_words(translated(error))
    bot_user = answer.get("user_id")
    if learned is not None and isinstance(bot_user, str) and bot_user:
        learned(bot_user)
    missing = missing_scopes(answer.headers)
    if not missing:
        return None
    return f"Slack: scopes are missing, add them and install the app again: {', '.join(sorted(missing))}"


def missing_scopes(headers: Mapping[str, str]) -> Collection[str]:
    """By the header that Slack sends with every answer; none where it does not."""
    told = {name.lower(): value for name, value in headers.items()}.get("x-oauth-scopes")
    return SCOPES - {one.strip() for one in told.split(",")} if told else frozenset()


def _in_words(error: SupportError) -> str:
    if isinstance(error, (SlackDown, Refused)):
        return problem_with_token(error.error, BOT_TOKEN)
    return str(error) if isinstance(error, TemporaryDeliveryError) else f"{error} (auth.test)"
