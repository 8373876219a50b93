"""The documents that answers offer: files under the content's `files/`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bot.channels.base import FileGone
from handlers.attachments import CONTENT_FILE, Attachment
from handlers.content import FILES


class ContentFiles:
    def __init__(self, directory: Path) -> None:
        self._directory = directory / FILES

    async def __call__(self, file: Attachment) -> bytes:
        """Its bytes. Raises `FileGone`, also when it was taken away since the answer was given; only names, no paths,
        are looked at."""
        name = file.reference.removeprefix(CONTENT_FILE)
        path = self._directory / name
        if not file.reference.startswith(CONTENT_FILE) or name != path.name:
            raise FileGone(f"not a file of ours: {file.kind}")
        try:
            return await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            raise FileGone(name) from error
