"""The content of a file that Telegram has. https://core.telegram.org/bots/api#getfile

The way to it holds the token: no text of ours has it, and it is kept nowhere.
"""

from __future__ import annotations

import asyncio

from telegram import File
from telegram.error import BadRequest, TelegramError

from bot.channels.base import MOST_FILE_BYTES, FileGone, FileTooBig, TemporaryDeliveryError
from bot.channels.telegram.api import Api

DOWNLOAD_SECONDS = 30.0


async def download(api: Api, file_id: str) -> bytes:
    """Raises `FileTooBig`, `FileGone`, `TemporaryDeliveryError`, and PTB's own errors of `getFile`."""
    told = await _told(api, file_id)
    if (told.file_size or 0) > MOST_FILE_BYTES:
        raise FileTooBig
    try:
        async with asyncio.timeout(DOWNLOAD_SECONDS):
            content = await told.download_as_bytearray()
    except (TelegramError, TimeoutError) as error:
        # Also PTB's "invalid token", which is what it makes of any 404: the way is good for an hour only.
        raise TemporaryDeliveryError(f"Telegram: the file did not come ({type(error).__name__})") from None
    if len(content) > MOST_FILE_BYTES:
        raise FileTooBig
    return bytes(content)


async def _told(api: Api, file_id: str) -> File:
    try:
        return await api.bot.get_file(file_id)
    except BadRequest as error:
        words = error.message.lower()
        if "file is too big" in words:
            raise FileTooBig from error
        if "file_id" in words or "file identifier" in words:
            raise FileGone(f"Telegram: {error.message}") from error
        raise
