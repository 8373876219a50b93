"""Looking for a message whose fate is unknown, by the outbox's key in its metadata.

https://docs.slack.dev/messaging/message-metadata
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from bot.channels.base import PermanentDeliveryError, TemporaryDeliveryError
from bot.channels.slack.client import Client
from bot.channels.slack.errors import DOWN_SECONDS, Refused
from bot.channels.slack.uploads import mark_of

EVENT_TYPE = "supportbot_message"
PAGE = 200
MOST_PAGES = 50

Message = dict[str, Any]


class Search:
    def __init__(self, client: Client) -> None:
        self._client = client

    async def find(self, channel: str, thread: str | None, key: str, since: datetime) -> str | None:
        """The provider's id of what went out under `key`. None only after everything since then has been read.

        Raises `TemporaryDeliveryError` where it cannot be read now, `PermanentDeliveryError` where it never can be.
        """
        oldest = f"{since.timestamp():.6f}"
        try:
            async for message in self._said(channel, thread, oldest):
                found = _sent_under(key, message)
                if found is not None:
                    return found
        except Refused as refused:
            raise _unreadable(refused) from refused
        return None

    async def _said(self, channel: str, thread: str | None, oldest: str) -> AsyncIterator[Message]:
        web = self._client.web
        cursor = ""
        for _ in range(MOST_PAGES):
            page: dict[str, Any] = {"channel": channel, "oldest": oldest, "include_all_metadata": True, "limit": PAGE}
            if cursor:
                page["cursor"] = cursor
            call = web.conversations_replies(ts=thread, **page) if thread else web.conversations_history(**page)
            answer = await self._client.call(call)
            for message in answer.get("messages") or []:
                yield message
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        raise TemporaryDeliveryError("Slack: more was said since than can be looked through")


def _sent_under(key: str, message: Message) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") == EVENT_TYPE:
        payload = metadata.get("event_payload")
        if payload is None:
            raise TemporaryDeliveryError("Slack: the metadata of our own messages is not told")
        return str(message["ts"]) if payload.get("outbox_id") == key else None
    mark = mark_of(key)
    files = message.get("files") or []
    return next((str(file["id"]) for file in files if str(file.get("title") or "").endswith(mark)), None)


def _unreadable(refused: Refused) -> Exception:
    """Not having been able to look is not the same as there being nothing."""
    text = f"Slack: whether it arrived cannot be seen: {refused.error}"
    if refused.error == "missing_scope":
        return TemporaryDeliveryError(text, DOWN_SECONDS)
    return PermanentDeliveryError(text)
