"""The content of any file, by its reference: our own documents, and what came by one channel and leaves by another."""

from __future__ import annotations

from bot.channels.base import Channel, FileGone
from bot.content_files import ContentFiles
from handlers.attachments import CONTENT_FILE, Attachment


class FileSources:
    """`own` reads the content's files. A channel is added once it is there: it needs this itself, to send."""

    def __init__(self, own: ContentFiles) -> None:
        self._own = own
        self._channels: dict[str, Channel] = {}

    def add(self, channel: Channel) -> None:
        self._channels[channel.name] = channel

    async def __call__(self, file: Attachment) -> bytes:
        """Raises as `Channel.fetch`."""
        if file.reference.startswith(CONTENT_FILE):
            return await self._own(file)
        channel = self._channels.get(file.source)
        if channel is None:
            raise FileGone(f"nobody here has this file: {file.source or file.kind}")
        return await channel.fetch(file)
