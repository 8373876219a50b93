"""Who may use the console, as an admin keeps it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from nicegui import ui
from sqlalchemy.ext.asyncio import AsyncSession

from bot.console.elements import Fields, Press, Words, box, choice, field, first, row, sending, submit, table
from bot.console.guard import Visit, may
from handlers import admins
from handlers.admins import NewAdmin, generated_password
from handlers.texts import LANGUAGES
from storage import admins as stored_admins
from storage.admins import Admin, AdminRole

Change = Callable[[AsyncSession, Admin], Awaitable[None]]


class ConsolePeople:
    def __init__(self, visit: Visit) -> None:
        self.visit = visit

    async def build(self) -> None:
        texts = self.visit.texts
        with box("section", "console-people", aria_label=texts("console.admins.title")):
            Words("h2", texts("console.admins.title"))
            Words("p", texts("console.admins.intro"), "intro")
            self._list = box("div")
            await self._refresh()
            with box("details", "card"):
                Words("summary", texts("console.admins.add"))
                with sending(self.add) as self._form:
                    field("login", texts("console.login.login"), required="true", autocomplete="off")
                    field("name", texts("console.people.name"), required="true")
                    choice("role", texts("console.people.role"), self._roles(), AdminRole.VIEWER)
                    choice("language", texts("console.language"), {"pl": "Polski", "en": "English"}, texts.language)
                    submit(texts("console.admins.add"))

    def _roles(self) -> dict[str, str]:
        return {role.value: self.visit.texts(f"console.role.{role.value}") for role in AdminRole}

    async def _refresh(self) -> None:
        texts = self.visit.texts
        async with self.visit.database.reading() as session:
            everybody = await stored_admins.admins(session)
        columns = [texts("console.login.login"), texts("console.people.name"), texts("console.people.role"), ""]
        columns[-1] = texts("console.admins.deeds")
        self._list.clear()
        with self._list, table(texts("console.admins.title"), columns):
            for admin in everybody:
                cells = (admin.login, admin.name, texts(f"console.role.{admin.role}"))
                row(*cells, partial(self._draw_deeds, admin), classes="" if admin.is_active else "gone")

    def _draw_deeds(self, admin: Admin) -> None:
        texts = self.visit.texts
        if not admin.is_active:
            Press(texts("console.admins.let_in"), partial(self.let_in, admin.id), "button small")
            return
        with box("details", "deeds"):
            Words("summary", texts("console.admins.change"))
            with sending(partial(self.set_role, admin.id), "form"):
                choice("role", texts("console.people.role"), self._roles(), admin.role)
                submit(texts("console.save"), "button small main")
            Press(texts("console.admins.password"), partial(self.new_password, admin.id), "button small")
            Press(texts("console.admins.remove", name=admin.name), partial(self.remove, admin.id), "button small bad")

    @may(AdminRole.ADMIN)
    async def add(self, fields: Fields) -> None:
        role, language = first(fields, "role"), first(fields, "language")
        new = NewAdmin(
            first(fields, "login"),
            first(fields, "name")[:80],
            AdminRole(role) if role in set(AdminRole) else AdminRole.VIEWER,
            language if language in LANGUAGES else "pl",
        )
        password, hashed = await self._made_up()
        async with self.visit.changing() as session:
            admin = await admins.add(session, new, hashed, self.visit.console.now())
        ui.run_javascript(f"getHtmlElement({self._form.id}).reset()")
        await self._told("console.admins.added", admin, password=password)

    @may(AdminRole.ADMIN)
    async def set_role(self, admin_id: int, fields: Fields) -> None:
        role = first(fields, "role")
        if role in set(AdminRole):
            await self._change(
                admin_id, lambda session, admin: admins.set_role(session, admin, AdminRole(role)), "changed"
            )

    @may(AdminRole.ADMIN)
    async def new_password(self, admin_id: int) -> None:
        password, hashed = await self._made_up()
        now = self.visit.console.now()
        await self._change(
            admin_id,
            lambda session, admin: admins.set_password(session, admin, hashed, now),
            "password_changed",
            password,
        )

    @may(AdminRole.ADMIN)
    async def remove(self, admin_id: int) -> None:
        await self._change(admin_id, admins.remove, "removed")

    @may(AdminRole.ADMIN)
    async def let_in(self, admin_id: int) -> None:
        await self._change(admin_id, admins.let_back_in, "changed")

    async def _change(self, admin_id: int, change: Change, told: str, password: str = "") -> None:
        async with self.visit.changing() as session:
            admin = await session.get_one(Admin, admin_id, with_for_update=True)
            await change(session, admin)
        await self._told(f"console.admins.{told}", admin, password=password)

    async def _told(self, key: str, admin: Admin, password: str = "") -> None:
        self.visit.tell(self.visit.texts(key, name=admin.name, login=admin.login, password=password))
        await self._refresh()

    async def _made_up(self) -> tuple[str, str]:
        """A password and its hash."""
        password = generated_password()
        return password, await asyncio.to_thread(self.visit.console.passwords.hash, password)
