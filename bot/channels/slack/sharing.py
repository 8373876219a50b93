"""Whether people of another company read along in a channel; asked once and kept for a while.

https://docs.slack.dev/reference/objects/conversation-object (is_ext_shared)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bot.channels.base import TemporaryDeliveryError
from bot.channels.slack.client import Client
from bot.channels.slack.errors import Refused

KEPT_SECONDS = 60.0
SHARED = "is_ext_shared"
"""As `Refused.error`: nothing internal is posted there."""


class Sharing:
    """`clock` counts seconds."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self.kept_seconds = KEPT_SECONDS
        self._kept: dict[str, tuple[bool, float]] = {}

    async def refuse_shared(self, channel: str) -> None:
        """Raises `Refused` where it is shared; and as `Channel.send` where Slack does not tell, for what is not known
        to be ours alone gets nothing."""
        if await self.is_shared(channel):
            raise Refused(SHARED)

    async def is_shared(self, channel: str) -> bool:
        kept = self._kept.get(channel)
        if kept is not None and kept[1] > self._clock():
            return kept[0]
        told = await self._info(channel)
        is_shared = told.get("is_ext_shared") is True
        self._kept[channel] = (is_shared, self._clock() + self.kept_seconds)
        return is_shared

    async def _info(self, channel: str) -> dict[str, Any]:
        try:
            answer = await self._client.call(self._client.web.conversations_info(channel=channel))
        except Refused as refused:
            if refused.error != "missing_scope":
                raise
            raise TemporaryDeliveryError("Slack: missing_scope (channels:read, groups:read)") from refused
        found = answer.get("channel")
        return found if isinstance(found, dict) else {}
