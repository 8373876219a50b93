"""An HTTP server on a free loopback port, in this process, that can also reset a connection."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

RESET = "sandbox.reset"
"""The scope's key for a function without arguments that resets the connection."""

GRACE_SECONDS = 2
AT_ONCE = struct.pack("ii", 1, 0)


class _ResettableProtocol(H11Protocol):
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        plain: Any = self.app

        async def with_reset(scope: Scope, receive: Receive, send: Send) -> None:
            scope[RESET] = lambda: _reset(transport)
            await plain(scope, receive, send)

        self.app = with_reset


def _reset(transport: asyncio.Transport) -> None:
    """Closes without a goodbye: the other side reads "connection reset by peer", unless it has hung up itself."""
    if transport.is_closing():
        return
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    transport.abort()


@contextlib.asynccontextmanager
async def serving(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    """Serves the app and yields its URL, `http://127.0.0.1:<port>`.

    uvicorn is started by hand: without its signal handlers, and without its loop that wakes ten times a second.
    """
    # With the protocol named asyncio turns Nagle's algorithm off; with 0 each answer would wait 40 ms.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    config = uvicorn.Config(
        app,
        http=_ResettableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup([listening])
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        await _stop(server)


async def _stop(server: uvicorn.Server) -> None:
    """As `Server.shutdown`, without its fixed pauses: what is being answered gets `GRACE_SECONDS`."""
    for one in server.servers:
        one.close()
    for connection in list(server.server_state.connections):
        connection.shutdown()
    tasks = list(server.server_state.tasks)
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=GRACE_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
    await asyncio.sleep(0)
