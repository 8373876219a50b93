"""Puts the console on the web process."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote, urlsplit
from weakref import WeakKeyDictionary

import nicegui
import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from nicegui import ui
from pwdlib import PasswordHash

from bot.app import App
from bot.console import layout
from bot.console.elements import Words
from bot.console.example_index import KeptIndex
from bot.console.guard import LOGIN, Console, Visit
from bot.console.login import HOME, login_routes
from bot.console.pages import PAGES, Page
from bot.console.security import ConsoleOnly, OwnPagesOnly, is_offered, own_names
from bot.settings import is_loopback
from handlers.admins import Passwords, hash_of

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 10
FAVICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f5fbf"/>'
    '<path d="M8 10h16v10H15l-5 4v-4H8z" fill="#fff"/></svg>'
)


def mount_console(web: FastAPI, app: App) -> None:
    """The console, alone on the web process. Once per process: NiceGUI has one app."""
    if not is_offered(app.settings):
        log.warning("console.off", needs="CONSOLE_SECRET")
        return
    add_console(web, app)
    nicegui.app.add_middleware(ConsoleOnly)
    run_nicegui(web)


def run_nicegui(web: FastAPI, title: str = "supportbot") -> None:
    """Without a `storage_secret`: nothing of a visitor is kept by NiceGUI, neither in a cookie nor on the disk."""
    ui.run_with(web, title=title, favicon=FAVICON, tailwind=False, show_welcome_message=False)


def add_console(web: FastAPI, app: App, now: Callable[[], datetime] | None = None) -> Console:
    """Login and pages; NiceGUI is to be started afterwards. `now`: the time for sessions."""
    console = console_of(app, now)
    web.include_router(login_routes(console))
    add_pages(console)
    web.add_middleware(OwnPagesOnly, names=own_names(app.settings), is_theirs=console.is_theirs)
    return console


def console_of(app: App, now: Callable[[], datetime] | None = None, hasher: PasswordHash | None = None) -> Console:
    settings = app.settings
    secret = settings.console_secret.get_secret_value() if settings.console_secret else secrets.token_urlsafe(32)
    is_secure = not is_loopback(urlsplit(settings.public_url).hostname or "" if settings.public_url else settings.host)
    return Console(
        app, Passwords(hasher), secret.encode(), is_secure, now or (lambda: datetime.now(UTC)), WeakKeyDictionary(),
        KeptIndex(),
    )  # fmt: skip


def add_pages(console: Console) -> None:
    for page in PAGES:
        _add(console, page)

    @ui.page(HOME)
    async def home(request: Request) -> Response:
        visit = await _visit(console, request)
        first = next((page for page in PAGES if isinstance(visit, Visit) and visit.who.may(page.role)), PAGES[0])
        return RedirectResponse(first.path, 303) if isinstance(visit, Visit) else visit


def _add(console: Console, page: Page) -> None:
    @ui.page(page.path, response_timeout=PATIENCE_SECONDS)
    async def show(request: Request) -> Response | None:
        visit = await _visit(console, request)
        if not isinstance(visit, Visit):
            return visit
        client = ui.context.client
        console.visits[client] = visit
        texts = visit.texts
        layout.head(visit, texts(page.title))
        with layout.lay_out(visit, page.in_menu or page.path, _menu(visit)):
            if visit.who.may(page.role):
                await page.build(visit)
            else:
                client.status_code = 403
                Words("h1", texts(page.title))
                Words("p", texts("console.refused.role", role=texts(f"console.role.{page.role.value}")), "notice bad")
        return None


async def _visit(console: Console, request: Request) -> Visit | Response:
    """Who opens the page, or where they have to go first."""
    path = request.url.path
    address = f"{path}?{request.url.query}" if request.url.query else path
    token = request.cookies.get(console.cookie)
    if token is None and request.headers.get("sec-fetch-site") == "cross-site":
        return _once_more(address)
    who = await console.who(hash_of(token)) if token else None
    if token is None or who is None:
        return RedirectResponse(f"{LOGIN}?next={quote(address)}", 303)
    return Visit(console, hash_of(token), who, address, {**request.query_params, **request.path_params})


def _once_more(address: str) -> Response:
    """Followed from another site, say from Slack, a link comes without the session's cookie (SameSite=Strict); followed
    from our own page it has it."""
    again = escape(address, quote=True)
    return HTMLResponse(f'<!doctype html><title>supportbot</title><meta http-equiv="refresh" content="0; url={again}">')


def _menu(visit: Visit) -> list[tuple[str, str]]:
    return [(page.path, visit.texts(page.title)) for page in PAGES if page.in_menu is None and visit.who.may(page.role)]
