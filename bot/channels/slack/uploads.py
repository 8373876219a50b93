"""A file in three steps; only the last one shows it to anybody.

https://docs.slack.dev/messaging/working-with-files
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from io import BytesIO

import aiohttp

from bot.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from bot.channels.slack.client import Client
from handlers.attachments import Attachment

MARK_BITS = 48
NAME_CHARACTERS = 120
ZERO, ONE = "\u200b", "\u200c"


def mark_of(key: str) -> str:
    """The outbox's key in characters nobody sees: a file's message takes no metadata, its title is all there is."""
    bits = int.from_bytes(hashlib.sha256(key.encode()).digest()[: MARK_BITS // 8], "big")
    return "".join(ONE if bits >> place & 1 else ZERO for place in range(MARK_BITS))


async def share(client: Client, channel: str, thread: str | None, file: Attachment, content: bytes, key: str) -> str:
    """Returns the file's id. Raises as `bot.channels.base.Channel.send`."""
    if not content:
        raise PermanentDeliveryError("Slack takes no empty files")
    name = file.file_name[-NAME_CHARACTERS:]
    try:
        ticket = await client.call(client.web.files_getUploadURLExternal(filename=name, length=len(content)))
        await _put(client, str(ticket["upload_url"]), content)
    except UnknownOutcome as error:
        raise TemporaryDeliveryError(str(error)) from error  # nothing has been shared yet
    file_id = str(ticket["file_id"])
    await client.call(
        client.web.files_completeUploadExternal(
            files=[{"id": file_id, "title": name + mark_of(key)}], channel_id=channel, thread_ts=thread
        )
    )
    return file_id


async def _put(client: Client, url: str, content: bytes) -> None:
    """The bytes to the address Slack named, which needs no token and gets none."""
    try:
        async with client.session.post(url, data=BytesIO(content), allow_redirects=False) as answer:
            if answer.status != HTTPStatus.OK:
                raise TemporaryDeliveryError(f"Slack's upload answered {answer.status}")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise TemporaryDeliveryError(f"Slack's upload broke: {type(error).__name__}") from error
