"""Both messengers' stand-ins in this process, and the time that the product took to acknowledge what they brought."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from bot.sandbox.slack.outcome import Outcome, Parcel, Transport
from bot.sandbox.slack_api import SlackStandIn
from bot.sandbox.telegram_api import TelegramStandIn

SECRET = "bench-only-secret_0123456789"  # noqa: S105 - opens nothing but these stand-ins


@dataclass(frozen=True)
class Ack:
    """One delivery: when it was begun and when it was answered (epoch seconds); `taken`: with a 2xx."""

    began: float
    ended: float
    taken: bool

    @property
    def seconds(self) -> float:
        return self.ended - self.began


@dataclass
class StandIns:
    slack: SlackStandIn
    telegram: TelegramStandIn
    acks: list[Ack] = field(default_factory=list)

    def settings(self, public_url: str) -> dict[str, str]:
        """What the product is told of them; both call it by webhook."""
        return {
            "PUBLIC_URL": public_url,
            "SLACK_API_URL": self.slack.api_url,
            "SLACK_BOT_TOKEN": self.slack.app.bot_token,
            "SLACK_SIGNING_SECRET": self.slack.app.signing_secret,
            "TELEGRAM_API_URL": self.telegram.url,
            "TELEGRAM_BOT_TOKEN": self.telegram.token,
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }

    async def call_slack_at(self, public_url: str) -> None:
        """Pastes the Request URL, as an operator does; Telegram's is set by the product itself."""
        if not await self.slack.use_http(f"{public_url}/slack/events"):
            raise RuntimeError("the product did not answer Slack's url_verification")
        transport = self.slack.deliveries.transport
        assert transport is not None
        self.slack.deliveries.transport = _Timed(transport, self.acks)

    @property
    def undelivered(self) -> int:
        """Events and updates that have not been taken yet."""
        return self.slack.deliveries.waiting + len(self.telegram.updates)


@asynccontextmanager
async def open_stand_ins(seed: int = 1) -> AsyncIterator[StandIns]:
    async with SlackStandIn(seed=seed) as slack, TelegramStandIn() as telegram:
        both = StandIns(slack, telegram)
        _time_telegram(telegram, both.acks)
        yield both


class _Timed:
    """Slack's transport with a stop-watch."""

    def __init__(self, transport: Transport, acks: list[Ack]) -> None:
        self._transport, self._acks = transport, acks
        self.name = transport.name

    async def send(self, parcel: Parcel) -> Outcome:
        """One that is not answered within 3 s is cancelled, and counts with those."""
        began, is_taken = time.time(), False
        try:
            outcome = await self._transport.send(parcel)
            is_taken = outcome.is_taken
            return outcome
        finally:
            self._acks.append(Ack(began, time.time(), is_taken))


def _time_telegram(telegram: TelegramStandIn, acks: list[Ack]) -> None:
    async def begin(request: httpx.Request) -> None:
        request.extensions["began"] = time.time()

    async def end(response: httpx.Response) -> None:
        acks.append(Ack(response.request.extensions["began"], time.time(), response.is_success))

    telegram.courier.client.event_hooks = {"request": [begin], "response": [end]}
