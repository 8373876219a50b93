"""A stand-in Slack on a clock that is moved by hand, and an app that takes what is sent to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.slack.connections import Connections, LoopbackServer
from bot.sandbox.slack_api import SlackStandIn


@dataclass
class MovedClock:
    now: datetime = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Got:
    """One request that reached the app."""

    headers: dict[str, str]
    body: bytes

    @property
    def payload(self) -> dict[str, Any]:
        if self.headers["content-type"] == "application/json":
            return dict(json.loads(self.body))
        fields = {name: values[0] for name, values in parse_qs(self.body.decode()).items()}
        return dict(json.loads(fields["payload"])) if "payload" in fields else fields

    @property
    def event(self) -> dict[str, Any]:
        return dict(self.payload["event"])


@dataclass
class Receiver:
    """An app's HTTP side. `answers` are used up first, then everything is taken with 200."""

    got: list[Got] = field(default_factory=list)
    answers: list[Response | Callable[[], Awaitable[Response]]] = field(default_factory=list)
    url: str = ""

    async def take(self, request: Request) -> Response:
        one = Got(dict(request.headers), await request.body())
        if b'"url_verification"' in one.body:
            return JSONResponse({"challenge": one.payload["challenge"]})
        self.got.append(one)
        if not self.answers:
            return PlainTextResponse("")
        answer = self.answers.pop(0)
        return answer if isinstance(answer, Response) else await answer()

    def events(self) -> list[dict[str, Any]]:
        return [one.event for one in self.got]


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    app = Receiver()
    server = LoopbackServer(Starlette(routes=[Route("/slack/events", app.take, methods=["POST"])]), Connections())
    app.url = f"http://127.0.0.1:{server.port}/slack/events"
    await server.start()
    yield app

    async def nothing() -> None: ...

    await server.stop(nothing)


@asynccontextmanager
async def standing_in(**options: Any) -> AsyncIterator[tuple[SlackStandIn, MovedClock, AsyncWebClient]]:
    clock = MovedClock()
    async with SlackStandIn(clock=clock, **options) as slack:
        yield slack, clock, AsyncWebClient(token=slack.app.bot_token, base_url=slack.api_url, retry_handlers=[])
