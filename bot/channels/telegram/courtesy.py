"""What a customer sees at once: the pressed button stops spinning, the bot is "typing". Never in the way of work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog
from telegram.error import TelegramError

from bot.channels.telegram.api import Api
from bot.channels.telegram.events import NAME
from bot.channels.telegram.fields import Json
from bot.intake import Intake
from handlers.messages import IncomingMessage, Kind, Setting
from storage.conversations import Owner

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 50
TYPING_SECONDS = 4.0  # shown for five
MOST_CHATS = 10_000


class Courtesy:
    """Runs beside the work, for events that are on record already; what fails or is too much is left out."""

    def __init__(self, api: Api, intake: Intake) -> None:
        self._api = api
        self._intake = intake
        self._under_way: set[asyncio.Task[None]] = set()
        self._typed_at: dict[str, float] = {}

    def show(self, update: Json, new: list[IncomingMessage]) -> None:
        """`new` is what the update brought that was not known before."""
        query = update.get("callback_query")
        if isinstance(query, dict) and isinstance(query.get("id"), str):
            self._start(self._answer, query["id"])
        for message in new:
            if message.kind is Kind.SAID and message.setting is Setting.PRIVATE and not message.action:
                self._start(self._type, message.chat_id)

    async def close(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def _start(self, show: Callable[[str], Awaitable[None]], subject: str) -> None:
        if len(self._under_way) >= MOST_AT_ONCE:
            return
        task = asyncio.create_task(_quietly(show, subject))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _answer(self, query_id: str) -> None:
        """Each press wants an answer, also one that was worked before; a late one fails without harm."""
        await self._api.bot.answer_callback_query(query_id)

    async def _type(self, chat_id: str) -> None:
        """Not where a person answers: they are not seen typing either."""
        now = time.monotonic()
        if now - self._typed_at.get(chat_id, -TYPING_SECONDS) < TYPING_SECONDS:
            return
        if len(self._typed_at) >= MOST_CHATS:
            self._typed_at.clear()
        self._typed_at[chat_id] = now
        if await self._intake.owner_of(NAME, chat_id) != Owner.AGENT:
            await self._api.bot.send_chat_action(chat_id, "typing")


async def _quietly(show: Callable[[str], Awaitable[None]], subject: str) -> None:
    try:
        await show(subject)
    except TelegramError as error:
        log.info("telegram.courtesy_failed", error=type(error).__name__)
    except Exception as error:
        log.warning("telegram.courtesy_failed", error=type(error).__name__)
