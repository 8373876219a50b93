"""Posts updates to the webhook: in order in each lane, lanes side by side, again and again until the bot says 2xx."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import httpx

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.faults import Faults
from bot.sandbox.telegram.journal import Delivery, Journal
from bot.sandbox.telegram.json_types import Clock
from bot.sandbox.telegram.updates import Lane, Update, UpdateQueue
from bot.sandbox.telegram.webhook import Trouble, Webhook, is_own_machine

IDLE = timedelta(seconds=60)
LONGEST_PAUSE = 60
LONGEST_RETRY_AFTER = 3600
GONE_LIFE = timedelta(hours=23)

Answered = Callable[[bytes], Awaitable[None]]
"""Given the body of a 2xx answer: a bot may call a method in it."""


@dataclass
class _Attempts:
    """What has been tried with the first update of a lane."""

    update_id: int
    due: datetime
    pause: int = 1
    failures: int = 0
    sent_at: datetime | None = None
    task: asyncio.Task[None] | None = None


def _client() -> httpx.AsyncClient:
    """Without time limits of its own: `tick()` gives up by the stand-in's clock. Only this machine is called."""
    return httpx.AsyncClient(timeout=None, trust_env=False, verify=False)  # noqa: S113, S501


@dataclass
class Courier:
    """Meets the faults of the method `webhook`: before, the bot never hears of the update; after, its answer is lost.

    `ways` maps a public address (`https://bot.example`) to one on this machine; no other host is ever called.
    """

    clock: Clock
    updates: UpdateQueue
    journal: Journal
    faults: Faults
    answered: Answered
    ways: Mapping[str, str] = field(default_factory=dict)
    webhook: Webhook | None = None
    trouble: Trouble = field(default_factory=Trouble)
    client: httpx.AsyncClient = field(default_factory=_client)
    dice: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - jitter
    _attempts: dict[Lane, _Attempts] = field(default_factory=dict)

    def set(self, webhook: Webhook | None) -> None:
        """Changes the address; what is under way to the old one is forgotten and sent to the new one."""
        self._cancel()
        self.webhook, self.trouble = webhook, Trouble()
        self.pump()

    def pump(self) -> None:
        """Sends what is due, to as many connections as the bot allows."""
        if self.webhook is None:
            return
        now = self.clock()
        busy = sum(tried.task is not None for tried in self._attempts.values())
        for update in self.updates.heads():
            tried = self._attempts.get(update.lane)
            if tried is None or (tried.update_id != update.id and tried.task is None):
                tried = self._attempts[update.lane] = _Attempts(update.id, now)
            if tried.task is None and tried.due <= now and busy < self.webhook.max_connections:
                busy += 1
                tried.sent_at = now
                tried.task = asyncio.create_task(self._send(self.webhook, update, tried))

    def tick(self) -> None:
        """Gives up on answers that take over a minute, and sends what has become due."""
        now = self.clock()
        for tried in self._attempts.values():
            if tried.task is not None and tried.sent_at is not None and now >= tried.sent_at + IDLE:
                tried.task.cancel()
        self.pump()

    @property
    def is_sending(self) -> bool:
        return bool(self.under_way())

    def under_way(self) -> list[asyncio.Task[None]]:
        return [tried.task for tried in self._attempts.values() if tried.task is not None]

    async def close(self) -> None:
        self.webhook = None
        tasks = self._cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.client.aclose()

    def _cancel(self) -> list[asyncio.Task[None]]:
        tasks = self.under_way()
        self._attempts.clear()
        for task in tasks:
            task.cancel()
        return tasks

    async def _send(self, webhook: Webhook, update: Update, tried: _Attempts) -> None:
        status, retry_after, body, error = None, 0, b"", ""
        fault = self.faults.take("webhook", Arguments({"chat_id": str(update.lane[1])}))
        try:
            if fault is not None and not fault.after:
                raise httpx.ConnectError("a fault that was asked for")
            response = await self.client.post(
                self._way(webhook.url), json=update.json(), headers=_headers(webhook), follow_redirects=False
            )
            if fault is not None:
                raise httpx.ReadError("a fault that was asked for")
            status, body = response.status_code, response.content
            retry_after = _seconds(response.headers.get("Retry-After", ""))
            if not response.is_success:
                error = f"Wrong response from the webhook: {status} {response.reason_phrase}"
        except httpx.ConnectError:
            error = "Connection refused"
        except (httpx.HTTPError, OSError):
            error = "Webhook connection closed"
        except asyncio.CancelledError:
            if self._attempts.get(update.lane) is not tried:
                raise  # the webhook was changed or the stand-in closes; otherwise it took too long
            error = "Read timeout expired"
        if self._attempts.get(update.lane) is not tried:
            return
        tried.task = None
        self.journal.deliveries.append(Delivery(self.clock(), update.json(), status, error))
        self._note_gone(status)
        if error:
            self._failed(update, tried, error, retry_after)
        else:
            del self._attempts[update.lane]
            self.updates.forget([update.id])
        self.pump()
        if body and not error:
            await self.answered(body)

    def _failed(self, update: Update, tried: _Attempts, error: str, retry_after: int) -> None:
        """The first time again at once, then after 2, 4, 8 … s, or when the bot asked for it; never after its life."""
        now = self.clock()
        self.trouble.note(now, error)
        wait = retry_after
        if retry_after == 0 and tried.failures > 0:
            tried.pause = min(self.dice.randint(LONGEST_PAUSE, LONGEST_PAUSE * 2), tried.pause * 2)
            wait = tried.pause
        tried.failures += 1
        tried.due = now + timedelta(seconds=wait)
        if tried.due > update.expires:
            del self._attempts[update.lane]
            self.updates.forget([update.id])

    def _note_gone(self, status: int | None) -> None:
        """A bot that answers 410 for 23 hours has no webhook any more."""
        now = self.clock()
        if status != 410:
            self.trouble.gone_since = None if status is not None else self.trouble.gone_since
        elif self.trouble.gone_since is None:
            self.trouble.gone_since = now
        elif now > self.trouble.gone_since + GONE_LIFE:
            self.webhook = None

    def _way(self, url: str) -> str:
        """The address on this machine for the bot's public one."""
        for public, own in self.ways.items():
            if url == public or url.startswith(f"{public.rstrip('/')}/"):
                return own.rstrip("/") + url[len(public.rstrip("/")) :]
        parts = urlsplit(url)
        if not is_own_machine(parts.hostname or ""):
            raise httpx.ConnectError("only this machine is called")
        return urlunsplit(parts)


def _headers(webhook: Webhook) -> dict[str, str]:
    named = {"X-Telegram-Bot-Api-Secret-Token": webhook.secret} if webhook.secret else {}
    return named | {"Accept-Encoding": "gzip, deflate"}


def _seconds(header: str) -> int:
    return min(int(header), LONGEST_RETRY_AFTER) if header.isdigit() else 0
