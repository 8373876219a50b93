"""Keeps the demo to this machine's own browser pages: no other web site may drive or frame it."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


def is_own(hosts: list[str], origins: list[str]) -> bool:
    """Whether a request came to a loopback name and, where the browser says so, from a page of the same address.

    A name of somebody else's that resolves to 127.0.0.1 (DNS rebinding) shows in Host, another site in Origin.
    """
    if len(hosts) != 1 or _name(hosts[0]) not in NAMES:
        return False
    return all(origin.lower() in {f"http://{hosts[0].lower()}", f"https://{hosts[0].lower()}"} for origin in origins)


def _name(host: str) -> str:
    """The Host header without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()


class LoopbackOnly:
    """ASGI middleware, for HTTP and WebSocket: what is not our own is refused with 403."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if is_own(headers.getlist("host"), headers.getlist("origin")):
            await self._app(scope, receive, _unframed(send))
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008)(scope, receive, send)
        else:
            await PlainTextResponse("This page answers to 127.0.0.1 only.", 403)(scope, receive, send)


def _unframed(send: Send) -> Send:
    """No other page may show this one in a frame and let its visitor click through."""

    async def send_unframed(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Content-Security-Policy", "frame-ancestors 'none'")
        await send(message)

    return send_unframed
