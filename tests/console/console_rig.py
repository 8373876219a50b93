"""The console in a test's hands: its web process without a browser, and its pages as a simulated visitor sees them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import httpx
from fastapi import FastAPI
from nicegui import Client, ui
from nicegui.events import GenericEventArguments
from nicegui.helpers import expects_arguments
from nicegui.testing import User
from nicegui.testing.user_simulation import user_simulation
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from bot.app import App
from bot.console.app import add_pages, console_of
from bot.console.guard import Console, Visit
from bot.console.login import login_routes
from bot.console.security import OwnPagesOnly, own_names
from handlers import admins
from handlers.admins import NewAdmin, Passwords
from storage.admins import Admin, AdminRole
from storage.database import Database
from tests.bot_under_test import BotUnderTest
from tests.sandbox.page_scene import app_of

HOST = "127.0.0.1:8080"
ORIGIN = f"http://{HOST}"
PASSWORD = "correct horse battery"
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))  # tests need no strong hash
HASHED = Passwords(QUICK).hash(PASSWORD)


def console_on(app: App, bot: BotUnderTest) -> Console:
    return console_of(app, lambda: bot.now, QUICK)


async def let_in(database: Database, login: str, role: AdminRole, now: datetime) -> Admin:
    async with database.transaction() as session:
        return await admins.add(session, NewAdmin(login, login.capitalize(), role, "en"), HASHED, now)


async def token_of(database: Database, admin: Admin, now: datetime) -> str:
    """A session of theirs."""
    async with database.transaction() as session:
        knocked = await admins.knock(session, admin.login, "test", now)
        token = await admins.enter(session, knocked, "test", now)
    assert token is not None
    return token


class Visitor:
    """Somebody at the door, with a browser's cookies and headers."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def form(self, path: str = "/console/login") -> dict[str, str]:
        """The hidden fields of the form that stands there."""
        page = await self.http.get(path)
        return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        return await self.http.post(path, data=fields, headers={"Origin": ORIGIN, **headers})

    async def sign_in(self, login: str, password: str = PASSWORD, **more: str) -> httpx.Response:
        return await self.post("/console/login", {**await self.form(), "login": login, "password": password, **more})


@asynccontextmanager
async def door(console: Console, address: str = "203.0.113.7") -> AsyncIterator[Visitor]:
    web = FastAPI()
    web.include_router(login_routes(console))
    web.add_middleware(OwnPagesOnly, names=own_names(console.app.settings), is_theirs=console.is_theirs)
    transport = httpx.ASGITransport(web, client=(address, 5000))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as http:
        yield Visitor(http)


class Looking:
    """A visitor with a page open."""

    def __init__(self, user: User, console: Console) -> None:
        self.user = user
        self.console = console

    @property
    def elements(self) -> list[Any]:
        assert self.user.client is not None
        return list(self.user.client.elements.values())

    def texts(self) -> list[str]:
        return [one.text for one in self.elements if getattr(one, "text", "")]

    def sees(self, words: str) -> bool:
        return any(words in text for text in self.texts())

    def htmls(self) -> list[str]:
        return [str(one.content) for one in self.elements if isinstance(one, ui.html)]

    def listeners(self) -> Iterable[tuple[Any, Any]]:
        """Everything on the page that calls back, besides what is NiceGUI's own: (element, listener)."""
        for element in [one for one in self.elements if one.tag != "q-layout"]:
            for listener in list(element._event_listeners.values()):
                if listener.handler is not None:
                    yield element, listener

    async def trigger(self, element: Any, listener: Any, args: object) -> None:
        with element.client:
            event = GenericEventArguments(sender=element, client=element.client, args=args)
            result = listener.handler(event) if expects_arguments(listener.handler) else listener.handler()
            if result is not None:
                await result

    def show(self, visit: Visit) -> None:
        """Another page that is open."""
        self.user.client = next(client for client, one in self.console.visits.items() if one is visit)

    async def use(self, element: Any, listener: Any, fields: dict[str, list[str]]) -> None:
        await self.trigger(element, listener, fields if listener.type == "submit" else {})

    async def press(self, words: str) -> None:
        """The button that says so."""
        element = next(one for one in self.elements if one.tag == "button" and getattr(one, "text", "") == words)
        await self._only(element, "click", {})

    async def send(self, handler: str, **fields: list[str]) -> None:
        """The form whose handler has that name, filled in; of several the one that has these fields."""
        forms = [one for one in self.listeners() if one[1].type == "submit" and _name(one[1].handler) == handler]
        assert forms, f"no form is sent to {handler}"
        element, listener = min(forms, key=lambda one: len(fields.keys() - _fields_of(one[0])))
        await self.trigger(element, listener, fields)

    async def _only(self, element: Any, kind: str, args: object) -> None:
        for listener in list(element._event_listeners.values()):
            if listener.type == kind:
                await self.trigger(element, listener, args)


def _fields_of(form: Any) -> set[str]:
    return {str(one.props["name"]) for one in form.descendants() if "name" in one.props}


def _name(handler: Any) -> str:
    return str(getattr(getattr(handler, "func", handler), "__name__", ""))


@asynccontextmanager
async def looking(bot: BotUnderTest, admin: Admin, console: Console | None = None) -> AsyncIterator[Looking]:
    """The pages, for somebody who is signed in."""
    async with user_simulation() as user:
        console = console or console_on(app_of(bot), bot)
        add_pages(console)
        user.http_client.cookies.set(console.cookie, await token_of(bot.database, admin, bot.now))
        yield Looking(user, console)
        for client in list(Client.instances.values()):
            client.delete()
