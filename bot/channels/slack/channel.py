"""Sending to Slack: messages, files, the Home tab; changing and looking for what was sent; fetching files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from bot.channels.base import (
    Address,
    AfterUnknown,
    Budget,
    FileGone,
    PermanentDeliveryError,
    Profile,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from bot.channels.health import Health
from bot.channels.slack import blocks, downloads, uploads
from bot.channels.slack.client import Client
from bot.channels.slack.errors import Refused
from bot.channels.slack.people import People
from bot.channels.slack.search import EVENT_TYPE, Search
from bot.channels.slack.sharing import Sharing
from handlers import markup
from handlers.attachments import Attachment
from handlers.errors import SupportError
from handlers.messages import Reply

ReadFile = Callable[[Attachment], Awaitable[bytes]]
POSTS_PER_CHANNEL_SECOND = 1.0
_GONE = frozenset({"message_not_found", "file_not_found", "file_deleted"})


class Slack:
    """A chat is a direct conversation (`D…`) or a customer's thread in a channel (`C…:thread_ts`).

    `files` reads any file. To be closed in the loop it was used in.
    """

    name: ClassVar[str] = "slack"
    seconds_per_chat: ClassVar[float] = 1.0
    posts_per_channel_second: float = POSTS_PER_CHANNEL_SECOND
    after_unknown: ClassVar[AfterUnknown] = AfterUnknown.LOOK

    def __init__(
        self,
        bot_token: str,
        api_url: str,
        messages_per_second: float,
        files: ReadFile,
        health: Health | None = None,
    ) -> None:
        self.client = Client(bot_token, api_url, health)
        self.people = People(self.client)
        self.sharing = Sharing(self.client)
        self._search = Search(self.client)
        self._files = files
        self._messages_per_second = messages_per_second

    def budgets(self, to: Address) -> tuple[Budget, ...]:
        """Several threads of a channel share its pace; a direct conversation has `seconds_per_chat` of its own."""
        all_chats = Budget("slack", self._messages_per_second)
        channel, _, thread = to.chat_id.partition(":")
        return (all_chats, Budget(f"slack:{channel}", self.posts_per_channel_second)) if thread else (all_chats,)

    def split(self, reply: Reply) -> tuple[Reply, ...]:
        """Texts first, the buttons under the last of them; then each file by itself, as Slack takes them."""
        texts = [Reply(text) for text in markup.split(reply.text, blocks.fits)]
        texts[-1] = replace(texts[-1], buttons=reply.buttons)
        files = [Reply("", files=(file,)) for file in reply.files]
        if files and len(texts) == 1 and not texts[0].text.strip() and not reply.buttons:
            texts = []
        return (*texts, *files)

    async def send(self, to: Address, reply: Reply, key: str) -> str:
        channel, thread = place(to)
        if reply.files:
            content = await self.content_of(reply.files[0])
            return await uploads.share(self.client, channel, thread, reply.files[0], content, key)
        text, body = blocks.message(reply)
        answer = await self.client.call(
            self.client.web.chat_postMessage(
                channel=channel,
                thread_ts=thread,
                text=text,
                blocks=body,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"outbox_id": key}},
                unfurl_links=False,
                unfurl_media=False,
            )
        )
        return str(answer.get("ts", ""))

    async def edit(self, to: Address, provider_id: str, reply: Reply, key: str) -> None:  # noqa: ARG002
        """As `Channel.edit`. What is left out stays: the metadata with the outbox's key."""
        channel, _ = place(to)
        text, body = blocks.message(reply)
        await self.client.call(self.client.web.chat_update(channel=channel, ts=provider_id, text=text, blocks=body))

    async def delete(self, to: Address, provider_id: str, key: str) -> None:  # noqa: ARG002
        """As `Channel.delete`. What went out as a file goes with its file."""
        channel, _ = place(to)
        web = self.client.web
        calling = (
            web.chat_delete(channel=channel, ts=provider_id)
            if _is_ts(provider_id)
            else web.files_delete(file=provider_id)
        )
        try:
            await self.client.call(calling)
        except Refused as refused:
            if refused.error not in _GONE:
                raise

    async def fetch(self, file: Attachment) -> bytes:
        if file.source != self.name:
            raise FileGone(f"not a file at Slack: {file.source or file.kind}")
        try:
            return await downloads.download(self.client, file.reference.partition(":")[2])
        except UnknownOutcome as error:
            raise TemporaryDeliveryError(str(error)) from error

    async def content_of(self, file: Attachment) -> bytes:
        """The bytes of a file to be sent, wherever it lies. Raises as `send`."""
        try:
            return await self._files(file)
        except SupportError:
            raise
        except Exception as error:
            raise PermanentDeliveryError(f"a file of ours cannot be read: {type(error).__name__}") from error

    async def find(self, to: Address, key: str, since: datetime) -> str | None:
        channel, thread = place(to)
        return await self._search.find(channel, thread, key, since)

    async def profile(self, sender_id: str) -> Profile:
        return await self.people.profile(sender_id)

    async def show_home(self, sender_id: str, chat_id: str, sections: tuple[Reply, ...]) -> None:
        user = sender_id.partition(":")[2]
        view = blocks.home(sections, chat_id)
        await self.client.call(self.client.web.views_publish(user_id=user, view=view))

    async def aclose(self) -> None:
        await self.client.aclose()


def _is_ts(provider_id: str) -> bool:
    """A message's id is a time, `1730000000.000100`; a file's begins with a letter."""
    return provider_id[:1].isdecimal()


def place(to: Address) -> tuple[str, str | None]:
    """Channel and thread: that of the chat itself, else where the customer last wrote."""
    channel, _, thread = to.chat_id.partition(":")
    return channel, thread or to.thread
