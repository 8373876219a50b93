"""The HTTP face: finds bot and method, lets faults happen, writes the journal."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.sandbox.telegram.arguments import Arguments, from_json, read_arguments
from bot.sandbox.telegram.faults import Fault, Faults, Kind
from bot.sandbox.telegram.journal import Entry, Journal
from bot.sandbox.telegram.json_types import Clock, Json
from bot.sandbox.telegram.methods import METHODS, Call
from bot.sandbox.telegram.refusal import Refused, unauthorized
from bot.sandbox.telegram.server import RESET

TOKEN = re.compile(r"\d+:[\w-]+")
NOT_IN_A_WEBHOOK = frozenset({"deletewebhook", "setwebhook", "close", "logout"})
PAGE = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)


@dataclass
class Front:
    """The ASGI app. `new_call` gives a method what it may use; a revoked token answers 401 to everything."""

    token: str
    clock: Clock
    journal: Journal
    faults: Faults
    new_call: Callable[[Arguments], Call]
    is_revoked: bool = False
    _held: list[tuple[datetime, asyncio.Event]] = field(default_factory=list)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        found = re.fullmatch(r"/(?P<file>file/)?bot(?P<token>[^/]*)/(?P<rest>.+)", scope["path"])
        try:
            if found is None or not TOKEN.fullmatch(found["token"]):
                raise Refused(404, "Not Found")
            if found["token"] != self.token or self.is_revoked:
                raise unauthorized()
        except Refused as refused:
            self.journal.entries.append(_refused_entry(self.clock(), found, refused))
            await _refusal(refused)(scope, receive, send)
            return
        response = self._file(found["rest"]) if found["file"] else await self._method(request, found["rest"])
        if response is not None:
            await response(scope, receive, send)

    def tick(self) -> None:
        """Lets go of slow answers whose time has come."""
        now = self.clock()
        for due, event in self._held:
            if due <= now:
                event.set()
        self._held = [held for held in self._held if held[0] > now]

    def close(self) -> None:
        self._closing.set()
        for _, event in self._held:
            event.set()

    async def from_webhook(self, body: bytes) -> None:
        """Runs the method that a bot named in its answer to a webhook; what comes of it the bot never learns."""
        try:
            given = from_json(body)
        except Refused:
            return
        method = given.pop("method", "")
        if method and method.lower() not in NOT_IN_A_WEBHOOK and not method.lower().startswith("get"):
            arguments = Arguments(given)
            entry = Entry(self.clock(), method, arguments.shown(), via="webhook")
            self.journal.entries.append(entry)
            await self._perform(entry, arguments)

    async def _method(self, request: Request, method: str) -> Response | None:
        """The answer, or None when there is none."""
        entry = Entry(self.clock(), method, {})
        self.journal.entries.append(entry)
        try:
            arguments = await read_arguments(request)
        except ClientDisconnect:
            return None  # killed while it spoke: nothing was done
        except Refused as refused:
            return _answered(entry, refused.body(), refused)
        entry.arguments = arguments.shown()
        fault = self.faults.take(method, arguments)
        if fault is None:
            return await self._perform(entry, arguments)
        entry.fault = str(fault)
        if fault.kind is Kind.SLOW:
            return await self._slowly(entry, arguments, fault)
        if fault.after:
            await self._perform(entry, arguments)
            entry.status, entry.answer = None, None
        return await self._fail(request, entry, fault)

    async def _slowly(self, entry: Entry, arguments: Arguments, fault: Fault) -> Response:
        if not fault.after:
            await self._hold(fault.seconds)
        response = await self._perform(entry, arguments)
        if fault.after:
            await self._hold(fault.seconds)
        return response

    async def _perform(self, entry: Entry, arguments: Arguments) -> Response:
        method = METHODS.get(entry.method.lower())
        call = self.new_call(arguments)
        try:
            if method is None:
                raise Refused(404, "Not Found: method not found")
            result = await method(call)
        except Refused as refused:
            return _answered(entry, refused.body(), refused)
        entry.was_done = True
        remark = {"description": call.remark} if call.remark else {}
        return _answered(entry, {"ok": True, "result": result} | remark)

    async def _fail(self, request: Request, entry: Entry, fault: Fault) -> Response | None:
        if fault.kind is Kind.REFUSE and fault.refusal is not None:
            return _answered(entry, fault.refusal.body(), fault.refusal)
        if fault.kind is Kind.HTML:
            entry.status = 502
            return HTMLResponse(PAGE, 502)
        if fault.kind is Kind.SILENCE:
            await self._until_gone(request)
        request.scope[RESET]()
        await self._until_gone(request)
        return None

    async def _until_gone(self, request: Request) -> None:
        """Until the caller has hung up, or the stand-in closes."""
        gone = asyncio.ensure_future(_hung_up(request))
        closing = asyncio.ensure_future(self._closing.wait())
        await asyncio.wait({gone, closing}, return_when=asyncio.FIRST_COMPLETED)
        for task in (gone, closing):
            task.cancel()

    async def _hold(self, seconds: float) -> None:
        if self._closing.is_set():
            return
        event = asyncio.Event()
        self._held.append((self.clock() + timedelta(seconds=seconds), event))
        await event.wait()

    def _file(self, path: str) -> Response:
        stored = self.new_call(Arguments({})).world.files.at(path)
        entry = Entry(self.clock(), "file", {"file_path": path}, status=404 if stored is None else 200)
        self.journal.entries.append(entry)
        if stored is None:
            return _refusal(Refused(404, "Not Found"))
        return Response(stored.content, media_type="application/octet-stream")


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _answered(entry: Entry, body: Json, refused: Refused | None = None) -> Response:
    entry.status, entry.answer = (refused.code if refused else 200), body
    return JSONResponse(body, entry.status, refused.headers() if refused else None)


def _refusal(refused: Refused) -> Response:
    return JSONResponse(refused.body(), refused.code)


def _refused_entry(at: datetime, found: re.Match[str] | None, refused: Refused) -> Entry:
    method = found["rest"] if found and not found["file"] else "file" if found else ""
    return Entry(at, method, {}, status=refused.code, answer=refused.body())
