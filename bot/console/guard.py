"""Who may do what: every page and every handler looks at the session and the role anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from inspect import isawaitable
from typing import Any, Protocol
from urllib.parse import quote
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import structlog
from nicegui import Client
from nicegui.events import GenericEventArguments
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import App
from bot.console.example_index import KeptIndex
from bot.console.refusals import refusal
from handlers import admins
from handlers.admins import Passwords, Who
from handlers.content import Content
from handlers.errors import SupportError
from handlers.texts import Texts
from storage import admins as stored_admins
from storage.admins import AdminRole
from storage.database import Database

log = structlog.get_logger(__name__)

LOGIN = "/console/login"
Handler = Callable[..., Any]


@dataclass(frozen=True)
class Console:
    """What all pages share. `now`: for sessions, the real time, also where the desk's clock is moved on."""

    app: App
    passwords: Passwords
    secret: bytes
    is_secure: bool
    now: Callable[[], datetime]
    visits: WeakKeyDictionary[Client, Visit]
    examples: KeptIndex

    @property
    def cookie(self) -> str:
        return "__Host-console" if self.is_secure else "console"

    async def who(self, token_hash: str) -> Who | None:
        """Whose session it is; None when it has ended."""
        now = self.now()
        async with self.app.database.reading() as session:
            seen = await admins.seen(session, token_hash, now)
        if seen is not None and seen.is_to_be_noted:
            async with self.app.database.transaction() as session:
                await stored_admins.was_seen(session, token_hash, now)
        return seen.who if seen else None

    def is_theirs(self, client_id: str, cookies: Mapping[str, str]) -> bool:
        """Whether a socket for the page comes from the browser that opened it. Pages that are not ours are not
        asked."""
        client = Client.instances.get(client_id)
        visit = self.visits.get(client) if client is not None else None
        return visit is None or admins.hash_of(cookies.get(self.cookie, "")) == visit.token_hash


class Board(Protocol):
    """Where a page tells what came of something."""

    def tell(self, text: str, *, is_bad: bool = False, href: str = "", link: str = "") -> None: ...


class Visit:
    """One open page, and who looks at it. `query`: what stands in the address."""

    def __init__(self, console: Console, token_hash: str, who: Who, path: str, query: Mapping[str, str]) -> None:
        self.console = console
        self.token_hash = token_hash
        self.who = who
        self.path = path
        self.query = query
        self.board: Board | None = None

    @property
    def app(self) -> App:
        return self.console.app

    @property
    def database(self) -> Database:
        return self.app.database

    @property
    def content(self) -> Content:
        return self.app.desk().content

    @property
    def texts(self) -> Texts:
        return self.app.desk().catalogue[self.who.language]

    @property
    def zone(self) -> ZoneInfo:
        return self.content.calendar.zone

    def now(self) -> datetime:
        """By the desk's clock."""
        return self.app.clock()

    def may(self, role: AdminRole, handler: Handler) -> Handler:
        """`handler`, which does nothing, and says why, once the session has ended or the role is less than `role`."""
        return _checked(handler, role, lambda _: self)

    async def check(self, role: AdminRole) -> bool:
        """Whether whoever looks at this page may do this now; told on the page if not."""
        who = await self.console.who(self.token_hash)
        if who is None:
            self._tell_to_sign_in()
            return False
        self.who = who
        if not who.may(role):
            log.info("console.refused", admin_id=who.id, role=who.role, needed=role)
            self.tell(self.texts("console.refused.role", role=self.texts(f"console.role.{role.value}")), is_bad=True)
            return False
        return True

    def _tell_to_sign_in(self) -> None:
        if self.board is not None:
            self.board.tell(
                self.texts("console.refused.session"),
                is_bad=True,
                href=f"{LOGIN}?next={quote(self.path)}",
                link=self.texts("console.login.again"),
            )

    def tell(self, text: str, *, is_bad: bool = False) -> None:
        """In a line at the top of the page, which is also read out."""
        if self.board is not None:
            self.board.tell(text, is_bad=is_bad)

    @asynccontextmanager
    async def changing(self) -> AsyncIterator[AsyncSession]:
        async with self.database.transaction() as session:
            yield session

    @property
    def by(self) -> str:
        """How changes name whoever made them."""
        return f"admin:{self.who.login}"


class HasVisit(Protocol):
    @property
    def visit(self) -> Visit: ...


def may(role: AdminRole) -> Callable[[Handler], Handler]:
    """For methods that are handlers, of something that has a `visit`."""

    def guarded(handler: Handler) -> Handler:
        return _checked(handler, role, lambda args: args[0].visit, keep=1)

    return guarded


def _checked(handler: Handler, role: AdminRole, visit_of: Callable[[Any], Visit], keep: int = 0) -> Handler:
    @wraps(handler)
    async def checked(*args: Any) -> None:
        visit = visit_of(args)
        if not await visit.check(role):
            return
        given = [arg.args if isinstance(arg, GenericEventArguments) else arg for arg in args[keep:]]
        try:
            result = handler(*args[:keep], *given)
            if isawaitable(result):
                await result
        except SupportError as error:
            visit.tell(refusal(error, visit.texts), is_bad=True)

    checked.needs_role = role  # type: ignore[attr-defined] # the tests look for it
    return checked


Build = Callable[[Visit], Coroutine[Any, Any, None]]
