"""`supportbot admin …`: who may use the console. The first one is made here, and nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncSession

from bot.command_line import run_to_end
from bot.queue_cli import with_database
from handlers import admins as console_admins
from handlers.admins import NewAdmin, Passwords, check_password, generated_password, tidy
from storage import admins
from storage.admins import Admin, AdminRole
from storage.database import Database

admins_app = typer.Typer(help="Who may use the console.", no_args_is_help=True)
listing = Console()

Login = Annotated[str, typer.Argument(help="What they sign in with.")]
Generate = Annotated[bool, typer.Option("--generate", help="Makes a password and prints it, instead of asking.")]


@admins_app.command()
def add(
    login: Login,
    role: AdminRole = AdminRole.ADMIN,
    name: Annotated[str, typer.Option(help="What they are called in the console.")] = "",
    language: Annotated[Literal["pl", "en"], typer.Option()] = "pl",
    generate: Generate = False,
) -> None:
    """Lets somebody in."""
    password, is_generated = _password(login, generate)
    password_hash = Passwords().hash(password)

    async def work(session: AsyncSession) -> str:
        admin = await console_admins.add(
            session, NewAdmin(login, name, role, language), password_hash, datetime.now(UTC)
        )
        return _told(f"{admin.login} may use the console as {admin.role}.", password if is_generated else None)

    _change(work)


@admins_app.command(name="list")
def list_admins() -> None:
    """Everybody who may use the console, or could once."""

    async def show(database: Database) -> None:
        async with database.reading() as session:
            everybody = await admins.admins(session)
        table = Table("login", "name", "role", "may come in", box=None, pad_edge=False)
        for one in everybody:
            row = (one.login, one.name, one.role, "yes" if one.is_active else "no")
            table.add_row(*(cell.replace("[", "\\[") for cell in row))
        listing.print(table)

    run_to_end(with_database(show))


@admins_app.command()
def passwd(login: Login, generate: Generate = False) -> None:
    """Another password; they are signed out everywhere, and let back in if they were removed."""
    password, is_generated = _password(login, generate)
    password_hash = Passwords().hash(password)

    async def change(session: AsyncSession, admin: Admin) -> str:
        await console_admins.set_password(session, admin, password_hash, datetime.now(UTC))
        await console_admins.let_back_in(session, admin)
        return _told(f"{admin.login} has another password.", password if is_generated else None)

    _change_one(login, change)


@admins_app.command(name="role")
def set_role(login: Login, role: AdminRole) -> None:
    """Another role: viewer, editor or admin."""

    async def change(session: AsyncSession, admin: Admin) -> str:
        await console_admins.set_role(session, admin, role)
        return f"{admin.login} is {role} now."

    _change_one(login, change)


@admins_app.command()
def remove(login: Login) -> None:
    """Somebody may not come in any more."""

    async def change(session: AsyncSession, admin: Admin) -> str:
        await console_admins.remove(session, admin)
        return f"{admin.login} may not use the console any more."

    _change_one(login, change)


def _password(login: str, generate: bool) -> tuple[str, bool]:
    """What they type, twice; without a terminal, or with `generate`, one that is made up."""
    if generate or not typer.get_text_stream("stdin").isatty():
        return generated_password(), True
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    check_password(password, tidy(login))
    return password, False


def _told(said: str, password: str | None) -> str:
    return said if password is None else f"{said}\nPassword, shown this once: {password}"


def _change_one(login: str, change: Callable[[AsyncSession, Admin], Awaitable[str]]) -> None:
    async def work(session: AsyncSession) -> str:
        return await change(session, await console_admins.with_login(session, login))

    _change(work)


def _change(work: Callable[[AsyncSession], Awaitable[str]]) -> None:
    async def start(database: Database) -> None:
        async with database.transaction() as session:
            said = await work(session)
        listing.print(said, highlight=False, markup=False)

    run_to_end(with_database(start))
