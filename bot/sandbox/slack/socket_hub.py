"""Socket Mode: one-shot tickets, up to ten sockets, envelopes that want an acknowledgement.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from starlette.responses import PlainTextResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.outcome import Outcome, Parcel
from bot.sandbox.slack.workspace import Workspace

MOST_SOCKETS = 10
TICKET_LIFE = timedelta(seconds=30)
LIFE_SECONDS = 3600
SHORT_LIFE_SECONDS = 360
WARNING = timedelta(seconds=10)
HOST = "applink-stand-in"


@dataclass(eq=False)
class Socket:
    """One open connection; `waiting` are the envelopes it has not acknowledged, the same one more than once when it
    is delivered twice."""

    websocket: WebSocket
    ends_at: datetime
    number: int
    is_warned: bool = False
    waiting: list[tuple[str, asyncio.Future[Outcome]]] = field(default_factory=list)

    async def send(self, frame: Json) -> None:
        await self.websocket.send_text(json.dumps(frame))


class SocketHub:
    """`refusals` is how many handshakes from now on fail, with `refusal_status`; their tickets are used up."""

    name = "socket"

    def __init__(self, space: Workspace) -> None:
        self._space = space
        self._tickets: dict[str, datetime] = {}
        self._numbers = count(1)
        self._turn = count()
        self.sockets: list[Socket] = []
        self.handshakes: list[int] = []
        self.refusals = 0
        self.refusal_status = 503
        self.ignores_acknowledgements = False

    def issue_url(self) -> str:
        """A URL for one connection, to be used at once (30 s, our assumption)."""
        ticket = self._space.ids.new("ticket-")
        self._tickets[ticket] = self._space.clock()
        host = self._space.url.removeprefix("http")
        return f"ws{host}/link/?ticket={ticket}&app_id={self._space.app.app_id}"

    async def accept(self, websocket: WebSocket) -> None:
        """The endpoint: handshake, `hello`, then acknowledgements until either side closes."""
        status = self._refusal(websocket.query_params.get("ticket", ""))
        self.handshakes.append(status or 101)
        if status:
            await websocket.send_denial_response(PlainTextResponse("", status))
            return
        await websocket.accept()
        is_short = websocket.query_params.get("debug_reconnects") == "true"
        life = SHORT_LIFE_SECONDS if is_short else LIFE_SECONDS
        socket = Socket(websocket, self._space.clock() + timedelta(seconds=life), next(self._numbers))
        if len(self.sockets) >= MOST_SOCKETS:
            await socket.send(self._farewell("too_many_websockets"))
            await websocket.close()
            return
        self.sockets.append(socket)
        try:
            await socket.send(self._hello(life))
            while True:
                self._acknowledged(socket, await websocket.receive_text())
        except (RuntimeError, WebSocketDisconnect):  # closed by us, or by them
            return
        finally:
            self._forget(socket)

    def _refusal(self, ticket: str) -> int:
        """The status of a refused handshake; a ticket is good for one, whatever comes of it."""
        issued = self._tickets.pop(ticket, None)
        if self.refusals > 0:
            self.refusals -= 1
            return self.refusal_status
        return 404 if issued is None or self._space.clock() - issued > TICKET_LIFE else 0

    def _hello(self, life: int) -> Json:
        debug = {"host": HOST, "build_number": 1, "approximate_connection_time": life}
        app = {"app_id": self._space.app.app_id}
        return {"type": "hello", "num_connections": len(self.sockets), "connection_info": app, "debug_info": debug}

    def _farewell(self, reason: str) -> Json:
        return {"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}}

    def _acknowledged(self, socket: Socket, text: str) -> None:
        """`{"envelope_id": …, "payload": …}`; anything else is ignored."""
        try:
            frame = json.loads(text)
        except ValueError:
            return
        if not isinstance(frame, dict) or self.ignores_acknowledgements:
            return
        for envelope_id, waiting in socket.waiting:
            if envelope_id == frame.get("envelope_id") and not waiting.done():
                waiting.set_result(Outcome(status=200, answer=frame.get("payload")))

    async def send(self, parcel: Parcel) -> Outcome:
        """To any one of the sockets, in turn; ends when it is acknowledged or the socket is lost."""
        if not self.sockets:
            return Outcome("timeout")
        socket = self.sockets[next(self._turn) % len(self.sockets)]
        waiting: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        entry = (parcel.envelope_id, waiting)
        socket.waiting.append(entry)
        try:
            await socket.send(_envelope(parcel))
            return await waiting
        except (RuntimeError, WebSocketDisconnect):
            return Outcome("timeout")
        finally:
            socket.waiting.remove(entry)

    async def tick(self) -> None:
        """Warns sockets about 10 s before their end, and ends them."""
        now = self._space.clock()
        for socket in list(self.sockets):
            if now >= socket.ends_at:
                await self.end(socket, "refresh_requested")
            elif now >= socket.ends_at - WARNING and not socket.is_warned:
                socket.is_warned = True
                await self.say_goodbye(socket, "warning")

    async def say_goodbye(self, socket: Socket, reason: str) -> None:
        """A `disconnect` frame; the socket stays open."""
        await socket.send(self._farewell(reason))

    async def end(self, socket: Socket, reason: str) -> None:
        """A `disconnect` frame and the end of the connection."""
        self._forget(socket)
        try:
            await self.say_goodbye(socket, reason)
            await socket.websocket.close()
        except (RuntimeError, WebSocketDisconnect):
            return

    async def cut(self) -> None:
        """All connections break without a word."""
        for socket in list(self.sockets):
            self._forget(socket)
            await socket.websocket.close(1011)

    def _forget(self, socket: Socket) -> None:
        if socket in self.sockets:
            self.sockets.remove(socket)
        for _, waiting in socket.waiting:
            if not waiting.done():
                waiting.set_result(Outcome("timeout"))


def _envelope(parcel: Parcel) -> Json:
    """Events also tell of their attempt; only some interactions take an answer along with the acknowledgement."""
    takes_answer = parcel.kind == "slash_commands" or parcel.payload.get("type") in {
        "view_submission",
        "block_suggestion",
    }
    frame: Json = {
        "envelope_id": parcel.envelope_id,
        "payload": parcel.payload,
        "type": parcel.kind,
        "accepts_response_payload": takes_answer,
    }
    if parcel.kind == "events_api":
        frame |= {"retry_attempt": parcel.attempt, "retry_reason": parcel.reason}
    return frame
