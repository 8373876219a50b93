"""Telegram as a channel: replies go out as HTML, files one by one and without captions, so only texts are edited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from telegram import LinkPreviewOptions
from telegram.error import BadRequest, InvalidToken, TelegramError

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
from bot.channels.telegram.api import Api
from bot.channels.telegram.downloads import download
from bot.channels.telegram.errors import TOKEN_REFUSED, refusal
from bot.channels.telegram.events import NAME
from bot.channels.telegram.html import in_messages, to_html
from bot.channels.telegram.keyboard import keyboard
from handlers.attachments import Attachment, AttachmentKind
from handlers.markup import to_plain
from handlers.messages import Reply

PER_GROUP_MINUTE = 20
MOST_PHOTO_BYTES = 10 * 2**20
OWN_FILES = f"{NAME}:"
NOT_MODIFIED = "message is not modified"
NOT_THERE = "message to delete not found"
NO_PHOTOS = ("image_process_failed", "photo_invalid", "photo_ext_invalid", "photo_save_file_invalid")
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

Files = Callable[[Attachment], Awaitable[bytes]]
"""The content of any file that is not Telegram's."""


class Telegram:
    """`api` is shared with the gate. `health`, where given, is told when Telegram refuses the token."""

    name: ClassVar[str] = NAME
    seconds_per_chat: ClassVar[float] = 1.0
    after_unknown: ClassVar[AfterUnknown] = AfterUnknown.FLAG

    def __init__(self, api: Api, messages_per_second: float, files: Files, health: Health | None = None) -> None:
        self._api = api
        self._budget = Budget(NAME, messages_per_second)
        self._files = files
        self._health = health

    def budgets(self, to: Address) -> tuple[Budget, ...]:
        """Groups, whose ids are negative, take 20 messages a minute."""
        if not to.chat_id.startswith("-"):
            return (self._budget,)
        return self._budget, Budget(f"{NAME}:{to.chat_id}", PER_GROUP_MINUTE / 60)

    def split(self, reply: Reply) -> tuple[Reply, ...]:
        """The text in as many messages as it needs, then the files; the buttons stand under the end of the text."""
        bare = replace(reply, buttons=(), files=())
        texts = in_messages(reply.text) if reply.text.strip() else []
        parts = [replace(bare, text=text) for text in texts]
        parts += [replace(bare, text="", files=(file,)) for file in reply.files]
        if not parts:
            return (reply,)
        under = len(texts) - 1 if texts else -1
        parts[under] = replace(parts[under], buttons=reply.buttons)
        return tuple(parts)

    async def send(self, to: Address, reply: Reply, key: str) -> str:  # noqa: ARG002 - Telegram has no key
        """Sends one message and returns its id in the chat. Raises the errors of `bot.channels.base`."""
        where: dict[str, Any] = {"chat_id": to.chat_id, "reply_markup": keyboard(reply.buttons)}
        if to.thread is not None:
            where["message_thread_id"] = int(to.thread)
        async with self._translated():
            if reply.files:
                return await self._send_file(where, reply.files[0])
            send = partial(self._anywhere, self._api.bot.send_message, {**where, "link_preview_options": _NO_PREVIEW})
            sent = await self._formatted(send, reply.text)
            return str(sent.message_id)

    async def edit(self, to: Address, provider_id: str, reply: Reply, key: str) -> None:  # noqa: ARG002
        """As `Channel.edit`. Buttons that the reply does not have any more go, too."""
        change = partial(
            self._api.bot.edit_message_text,
            chat_id=to.chat_id,
            message_id=int(provider_id),
            reply_markup=keyboard(reply.buttons),
            link_preview_options=_NO_PREVIEW,
        )
        async with self._translated():
            try:
                await self._formatted(change, reply.text)
            except BadRequest as error:
                if NOT_MODIFIED not in error.message.lower():
                    raise

    async def delete(self, to: Address, provider_id: str, key: str) -> None:  # noqa: ARG002
        """As `Channel.delete`; Telegram takes messages away for two days."""
        async with self._translated():
            try:
                await self._api.bot.delete_message(to.chat_id, int(provider_id))
            except BadRequest as error:
                if NOT_THERE not in error.message.lower():
                    raise

    async def fetch(self, file: Attachment) -> bytes:
        if not file.reference.startswith(OWN_FILES):
            raise FileGone(f"not a file at Telegram: {file.source or file.kind}")
        try:
            async with self._translated():
                return await download(self._api, file.reference.removeprefix(OWN_FILES))
        except UnknownOutcome as error:
            raise TemporaryDeliveryError(str(error)) from error

    async def find(self, to: Address, key: str, since: datetime) -> str | None:  # noqa: ARG002
        """Bots cannot read back what they sent."""
        return None

    async def profile(self, sender_id: str) -> Profile:  # noqa: ARG002
        """A name and a language come with each update."""
        return Profile()

    async def show_home(self, sender_id: str, chat_id: str, sections: tuple[Reply, ...]) -> None:
        """Telegram has none."""

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        """Raises ours for PTB's, and has a refused token known."""
        try:
            yield
        except TelegramError as error:
            if isinstance(error, InvalidToken) and self._health is not None:
                await self._health.unwell(TOKEN_REFUSED)
            raise refusal(error) from error

    async def _formatted(self, call: Callable[..., Awaitable[Any]], text: str) -> Any:
        try:
            return await call(text=to_html(text), parse_mode="HTML")
        except BadRequest as error:
            # Refused before anything was done: better without emphasis than not at all.
            if "can't parse entities" not in error.message.lower():
                raise
            return await call(text=to_plain(text))

    async def _send_file(self, where: dict[str, Any], file: Attachment) -> str:
        content: str | bytes
        if file.reference.startswith(OWN_FILES):
            content, is_small = file.reference.removeprefix(OWN_FILES), True
        else:
            content = await self._bytes(file)
            is_small = len(content) <= MOST_PHOTO_BYTES
        as_document = partial(self._anywhere, self._api.bot.send_document, where, document=content)
        if file.kind is not AttachmentKind.PHOTO or not is_small:
            sent = await as_document(filename=file.file_name)
            return str(sent.message_id)
        try:
            sent = await self._anywhere(self._api.bot.send_photo, where, photo=content, filename=file.file_name)
        except BadRequest as error:
            # Not every image of another messenger's is a photo here; nothing was sent yet.
            if not error.message.lower().startswith(NO_PHOTOS):
                raise
            sent = await as_document(filename=file.file_name)
        return str(sent.message_id)

    async def _bytes(self, file: Attachment) -> bytes:
        try:
            return await self._files(file)
        except (PermanentDeliveryError, TemporaryDeliveryError):
            raise
        except Exception as error:
            # Nothing was sent, whatever it was: it must not pass for a send whose fate is unknown.
            raise PermanentDeliveryError(f"the file cannot be read: {type(error).__name__}") from error

    async def _anywhere(self, call: Callable[..., Awaitable[Any]], where: dict[str, Any], **content: Any) -> Any:
        """In the topic where the answer belongs, or, when that has been deleted, in the group."""
        try:
            return await call(**where, **content)
        except BadRequest as error:
            if "message thread not found" not in error.message.lower() or "message_thread_id" not in where:
                raise
            return await call(**{**where, "message_thread_id": None}, **content)
