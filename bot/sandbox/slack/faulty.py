"""Answers a request, or fails to as a planned fault says, and writes the journal."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from bot.sandbox.slack.connections import Connections
from bot.sandbox.slack.faults import Fault, Faults, Kind
from bot.sandbox.slack.journal import Call, Journal

ERROR_PAGE = "<!DOCTYPE html><html><head><title>Server Error | Slack</title></head><body>Oh no!</body></html>"


class Answering:
    """Every endpoint of the stand-in answers through this one."""

    def __init__(self, faults: Faults, journal: Journal, connections: Connections) -> None:
        self._faults, self._journal, self._connections = faults, journal, connections
        self._closing = asyncio.Event()

    def let_go(self) -> None:
        """Requests that are never answered end when the stand-in does."""
        self._closing.set()

    async def answer(
        self, request: Request, call: Call, channel: str | None, take_effect: Callable[[], Response]
    ) -> Response:
        """`take_effect` changes the state and tells what Slack would answer; a fault may come before or after it."""
        self._journal.record(call)
        fault = self._faults.draw(call.method, channel)
        if fault is None:
            return _noted(call, take_effect())
        call.fault = str(fault.kind)
        if fault.kind is Kind.SLOW:
            return await self._late(fault, call, take_effect)
        if fault.after_storing:
            take_effect()
        return await self._failure(request, fault, call)

    async def _late(self, fault: Fault, call: Call, take_effect: Callable[[], Response]) -> Response:
        """Stored at once or only after the wait; the caller may be gone by then."""
        response = take_effect() if fault.after_storing else None
        await self._wait(fault.seconds)
        return _noted(call, response or take_effect())

    async def _failure(self, request: Request, fault: Fault, call: Call) -> Response:
        client = (request.client.host, request.client.port) if request.client else None
        match fault.kind:
            case Kind.RATE_LIMIT:
                headers = {"Retry-After": str(math.ceil(fault.seconds))}
                answer = {"ok": False, "error": "ratelimited"}
                return _noted(call, JSONResponse(answer, HTTPStatus.TOO_MANY_REQUESTS, headers))
            case Kind.ERROR:
                return _noted(call, JSONResponse({"ok": False, "error": fault.error}))
            case Kind.SERVER_ERROR:
                return _noted(call, PlainTextResponse("Internal Server Error", HTTPStatus.INTERNAL_SERVER_ERROR))
            case Kind.UNAVAILABLE:
                return _noted(call, HTMLResponse(ERROR_PAGE, HTTPStatus.SERVICE_UNAVAILABLE))
            case Kind.HTML:
                return _noted(call, HTMLResponse(ERROR_PAGE))
            case Kind.DROP:
                await self._until_gone(request)
        call.status = 0
        await self._connections.reset(client)
        return Response()

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return

    async def _until_gone(self, request: Request) -> None:
        """Holds the request until its client gives up."""
        gone = asyncio.create_task(_gone(request))
        closing = asyncio.create_task(self._closing.wait())
        _, left = await asyncio.wait({gone, closing}, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()


async def _gone(request: Request) -> None:
    """Waits for the client to hang up; the body has been read before."""
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _noted(call: Call, response: Response) -> Response:
    """Writes into the journal what is being answered."""
    call.status = response.status_code
    text = bytes(response.body).decode("utf-8", "replace")
    is_json = response.headers.get("content-type", "").startswith("application/json")
    call.answer = json.loads(text) if is_json else text
    return response
