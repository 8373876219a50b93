"""What keeps other web sites out of the console: Origin and Host on HTTP and on the socket, and the browser's own
protections. NiceGUI's socket takes any Origin, so it is checked here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from bot.settings import Settings, is_loopback

PATHS = ("/console", "/_nicegui")
SOCKET = "/_nicegui_ws"
LOGIN_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
PAGE_POLICY = (  # Vue compiles templates in the browser, and NiceGUI writes its start into the page
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
IsTheirs = Callable[[str, Mapping[str, str]], bool]


def is_offered(settings: Settings) -> bool:
    """Whoever can be reached from elsewhere needs a secret that all their processes share."""
    return settings.console_secret is not None or (is_loopback(settings.host) and settings.public_url is None)


def own_names(settings: Settings) -> frozenset[str] | None:
    """The host names we answer to; None: any, for nobody has told us ours."""
    loopback = {"127.0.0.1", "localhost", "::1"}
    if settings.public_url:
        return frozenset({urlsplit(settings.public_url).hostname or "", *loopback})
    return frozenset(loopback) if is_loopback(settings.host) else None


class OwnPagesOnly:
    """ASGI middleware for the console's paths. `is_theirs`: whether a socket for this page (NiceGUI's client id) comes
    with the cookies that the page was opened with."""

    def __init__(self, app: ASGIApp, names: frozenset[str] | None, is_theirs: IsTheirs) -> None:
        self._app = app
        self._names = names
        self._is_theirs = is_theirs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or not _is_ours(scope["path"]):
            await self._app(scope, receive, send)
        elif self._may_pass(scope):
            await self._app(scope, receive, _protected(send))
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008)(scope, receive, send)
        else:
            await PlainTextResponse("This page answers to its own address only.", 403)(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        changes = scope["type"] == "websocket" or scope["method"] not in {"GET", "HEAD"}
        if not self._is_own(headers, must_tell=changes):
            return False
        if not scope["path"].startswith(SOCKET):
            return True
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        return self._is_theirs(query.get("client_id", [""])[0], cookies_of(headers))

    def _is_own(self, headers: Headers, *, must_tell: bool) -> bool:
        """Whether Host is a name of ours and Origin, which what changes something `must_tell`, the same address."""
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or len(origins) > 1:
            return False
        host = _address(f"http://{hosts[0]}")
        if host is None or (self._names is not None and host[0] not in self._names):
            return False
        if not origins:
            return not must_tell
        return _is_same(origins[0], hosts[0])


def _is_ours(path: str) -> bool:
    return path.startswith(PATHS)


def _is_same(origin: str, host: str) -> bool:
    """As the browser compares them; a proxy in front may have taken the encryption off."""
    return any(_address(origin) == _address(f"{scheme}://{host}") for scheme in ("http", "https")) and (
        urlsplit(origin).scheme in {"http", "https"}
    )


def _address(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None:
        return None
    return parts.hostname, port or (443 if parts.scheme == "https" else 80)


def cookies_of(headers: Headers) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _protected(send: Send) -> Send:
    async def send_protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in ALWAYS.items():
                headers[name] = value
            headers.setdefault("Content-Security-Policy", PAGE_POLICY)
        await send(message)

    return send_protected


class ConsoleOnly:
    """What nobody else answers goes to NiceGUI; it is to see its own and the console's paths alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_ours(scope["path"]):
            await PlainTextResponse("not found", 404)(scope, receive, send)
        else:
            await self._app(scope, receive, send)
