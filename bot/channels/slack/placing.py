"""What an event does not tell and Slack has to be asked for: a direct conversation, a thread, a workspace."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from bot.channels.base import PermanentDeliveryError, TemporaryDeliveryError
from bot.channels.slack.client import Client
from bot.channels.slack.people import PATIENCE_SECONDS, People
from handlers.messages import IncomingMessage, Kind, Setting


class Placing:
    """Slack waits 3 s for its acknowledgement, so each question has `PATIENCE_SECONDS`."""

    def __init__(self, client: Client, people: People) -> None:
        self._client = client
        self.people = people

    async def placed(self, message: IncomingMessage, team: str) -> IncomingMessage | None:
        """The message with its sender's workspace (`team`: the event's) and its chat. None: it has no place.

        Raises `TemporaryDeliveryError` or `UnknownOutcome` where Slack does not tell now.
        """
        if message.sender_id.startswith(":"):
            user = message.sender_id[1:]
            message = replace(message, sender_id=f"{await self.people.team_of(user) or team}:{user}")
        try:
            if not message.chat_id:
                return replace(message, chat_id=await self.people.dm_of(message.sender_id.partition(":")[2]))
            if message.kind is Kind.REACTED and message.setting is Setting.THREAD:
                return await self._in_its_thread(message)
        except PermanentDeliveryError:
            if message.kind is Kind.REACTED:
                return None  # a channel we may not read, or a message that is gone
            raise
        except TimeoutError as error:
            raise TemporaryDeliveryError("Slack does not answer in time") from error
        return message

    async def _in_its_thread(self, message: IncomingMessage) -> IncomingMessage | None:
        """A reaction names the message it stands under and not that message's thread."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            calling = self._client.web.conversations_replies(channel=message.chat_id, ts=message.about or "", limit=1)
            answer = await self._client.call(calling)
        found: dict[str, Any] = next(iter(answer.get("messages") or []), {})
        thread = found.get("thread_ts")
        if not thread:
            return None  # not in a thread of ours
        return replace(message, chat_id=f"{message.chat_id}:{thread}", thread=thread, addressed=False)
