"""Asks Telegram for updates where it cannot call us: what is on record is confirmed, never the reverse.

python-telegram-bot's own updater keeps updates in memory and confirms them there: kill -9 loses them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.health import Health
from bot.channels.telegram.api import ANSWER_SECONDS, LONG_POLL_SECONDS, Api
from bot.channels.telegram.commands_menu import Menu
from bot.channels.telegram.errors import in_words, seconds_of
from bot.channels.telegram.events import ALLOWED_UPDATES
from bot.channels.telegram.fields import Json
from bot.channels.telegram.patience import Patience, pause
from bot.intake import NotAccepted
from handlers.desk import Desk
from storage.leadership import Leadership

log = structlog.get_logger(__name__)

HASTY_SECONDS = 1.0
ENOUGH_SECONDS = LONG_POLL_SECONDS + 2 * ANSWER_SECONDS
WEBHOOK_IS_SET = (
    "a webhook is set for this token, so that polling would take its updates away from whoever set it:"
    " `supportbot telegram unhook` removes it, PUBLIC_URL uses it"
)
OTHER_POLLER = "another program asks for this bot's updates with the same token: only one can; end the other"


class Taker(Protocol):
    """Puts updates on record. Both raise `NotAccepted`."""

    async def take(self, update: Json) -> None: ...

    async def quarantine(self, update: object) -> None: ...


class _WebhookIsSet(Exception):
    """Somebody is called for this bot; a program that asks would take that away."""


class Poller:
    """Part of the worker process; of several workers one polls."""

    def __init__(
        self, api: Api, taker: Taker, health: Health, office: Leadership, desk: Callable[[], Desk], patience: Patience,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._api = api
        self._taker = taker
        self._health = health
        self._office = office
        self._menu = Menu(api, desk)
        self._patience = patience
        self._monotonic = monotonic
        self._stopping = asyncio.Event()
        self._is_ready = False
        self._offset: int | None = None
        self._failures = 0
        self._answered_at = monotonic()

    async def run(self) -> None:
        """Polls until `stop()`; whatever Telegram's trouble is, it is waited out."""
        try:
            while not self._stopping.is_set():
                await pause(await self._turn(), self._stopping)
        finally:
            await self._office.resign()

    def stop(self) -> None:
        self._stopping.set()

    async def _turn(self) -> float:
        """One round; returns how long to wait before the next."""
        if not await self._office.is_held():
            self._is_ready = False
            return self._patience.leader
        try:
            if not self._is_ready:
                await self._get_ready()
            return await self._poll()
        except _WebhookIsSet:
            await self._health.unwell(WEBHOOK_IS_SET)
            return self._patience.longest
        except (TelegramError, TimeoutError) as error:
            return await self._failed(error)

    async def _get_ready(self) -> None:
        await self._api.connect()
        if (await self._api.bot.get_webhook_info()).url:
            raise _WebhookIsSet
        await self._menu.offer()
        self._is_ready = True
        if not self._failures:
            await self._health.well()  # the first long poll may take half a minute to say so

    async def _poll(self) -> float:
        asked_at = self._monotonic()
        updates = await self._unless_stopped(self._api.updates(self._offset, ALLOWED_UPDATES))
        if updates is None:
            return 0.0
        self._failures, self._answered_at = 0, self._monotonic()
        try:
            is_progress = await self._commit(updates)
        except NotAccepted:
            return self._patience.first  # asked for again with the same offset: Telegram keeps them
        await self._health.well()
        if updates:
            return 0.0 if is_progress else self._patience.longest
        # A server that says "nothing" at once, where it was to wait, would be asked without end.
        return 0.0 if self._answered_at - asked_at >= HASTY_SECONDS else self._patience.hasty

    async def _commit(self, updates: list[Any]) -> bool:
        """Puts the updates on record one by one; the next offset confirms those that are. Whether there are any.

        Ids may start again elsewhere after a quiet week: the next offset follows the last one, not the highest.
        """
        before = self._offset
        for update in updates:
            if self._stopping.is_set():
                break
            number = update.get("update_id") if isinstance(update, dict) else None
            if isinstance(number, int):
                await self._taker.take(update)
                self._offset = number + 1
            else:
                await self._taker.quarantine(update)
        return self._offset != before

    async def _unless_stopped(self, asking: Awaitable[list[Any]]) -> list[Any] | None:
        """The answer; None when we are to stop: what was not confirmed comes again."""
        asked = asyncio.ensure_future(asking)
        stopped = asyncio.ensure_future(self._stopping.wait())
        try:
            done, _ = await asyncio.wait(
                {asked, stopped}, timeout=ENOUGH_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )  # fmt: skip
            if asked in done:
                return asked.result()
            if stopped in done:
                return None
            raise TimeoutError
        finally:
            for task in (asked, stopped):
                task.cancel()
            await asyncio.gather(asked, stopped, return_exceptions=True)

    async def _failed(self, error: TelegramError | TimeoutError) -> float:
        self._failures += 1
        match error:
            case Conflict():
                self._is_ready = False  # it may be a webhook: that is looked at first
                problem, wait = OTHER_POLLER, self._patience.conflict
            case InvalidToken():
                problem, wait = in_words(error), self._patience.token
            case RetryAfter():
                problem, wait = in_words(error), seconds_of(error)
            case _:
                await self._renew_when_dead()
                problem = in_words(error) if isinstance(error, TelegramError) else "Telegram does not answer"
                wait = self._patience.after(self._failures)
        await self._health.unwell(problem)
        return wait

    async def _renew_when_dead(self) -> None:
        """Connections can be jammed for good: after a long silence it is not Telegram that is asked again and again."""
        if self._monotonic() - self._answered_at > self._patience.silence:
            log.error("telegram.poller_rebuilt")
            self._answered_at = self._monotonic()
            await self._api.renew_polling()
