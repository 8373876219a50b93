"""The `supportbot` command."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr
from rich.console import Console
from rich.padding import Padding

from bot import log
from bot.admins_cli import admins_app
from bot.agents_cli import agents_app
from bot.app import App, build
from bot.audit_cli import audit
from bot.command_line import console, run_to_end
from bot.console.app import add_console, mount_console
from bot.doctor import examine
from bot.findings import Finding
from bot.intake import Clock
from bot.nlu_cli import nlu_app
from bot.nlu_model import ModelSource
from bot.nlu_server import NLUServer, NLUServerSettings
from bot.parts import Part
from bot.progress_bar import shown_progress
from bot.queue_cli import desk_app, inbox_app, outbox_app
from bot.release_cli import release_app
from bot.report_cli import report
from bot.sandbox.console_admin import let_demo_admin_in
from bot.sandbox.page import mount_demo
from bot.sandbox.world import open_world, staff_desk
from bot.serve import listen, run_parts, scheduler_part, web_part, worker_part
from bot.settings import ROOT, Settings, SettingsError, load_settings
from bot.telegram_cli import telegram_app
from bot.terminal import Terminal
from bot.web import create_web
from handlers.content_transfer import seed_if_empty
from handlers.errors import SupportError
from storage.database import Database
from storage.migrate import migrate
from storage.presence import AlreadyWorked

VAR = Path("var")
cli = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="A customer-support bot.")
cli.add_typer(nlu_app, name="nlu")
cli.add_typer(agents_app, name="agents")
cli.add_typer(admins_app, name="admin")
cli.add_typer(outbox_app, name="outbox")
cli.add_typer(inbox_app, name="inbox")
cli.add_typer(desk_app, name="desk")
cli.add_typer(telegram_app, name="telegram")
cli.command()(audit)
cli.command()(report)
cli.add_typer(release_app, name="release")


def main() -> None:
    """An expected refusal is told in a sentence; only a fault shows a traceback."""
    try:
        cli()
    except (SupportError, SettingsError, AlreadyWorked) as error:
        console.print(f"[bold red]supportbot:[/] {error}", highlight=False)
        sys.exit(1)


def _start_log(settings: Settings, file: Path | None = None) -> None:
    log.set_up(settings.log_level, settings.log_format, file)


@cli.command()
def demo(port: Annotated[int, typer.Option(help="Where the page listens, on 127.0.0.1.")] = 8080) -> None:
    """Try everything on one page, with no account: a customer's Telegram beside a Slack workspace."""
    listening = listen("127.0.0.1", port)

    async def start() -> None:
        async with open_world() as world:
            with tempfile.TemporaryDirectory() as folder:  # the world is new at each start, and so is what is known
                settings = _demo_settings(Path(folder) / "demo.db", port=port, **world.settings)
                _start_log(settings)
                async with _standing_alone(settings, world.clock) as app:
                    await staff_desk(world, app.database)
                    web = create_web(app)
                    login, password = await let_demo_admin_in(app.database)
                    add_console(web, app)
                    mount_demo(web, app, world)
                    listening.listen()  # whoever reads the address and is faster than the server waits for it
                    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
                    console.print(f"\n  supportbot is ready: [bold]{url}[/]   (Ctrl+C ends it)")
                    way_in = f"  console: {url}/console   login: {login}   password: {password}\n"
                    console.print(way_in, highlight=False, markup=False, soft_wrap=True)
                    await run_parts(web_part(web, listening), *_gate_parts(app), *_worker_parts(app))

    run_to_end(start)


@cli.command()
def chat(name: Annotated[str, typer.Option("--as", help="The customer's name.")] = "Anna") -> None:
    """Talk to the bot in the terminal. A number presses a button, an empty line ends the chat."""
    settings = _demo_settings(VAR / "chat.db")
    VAR.mkdir(exist_ok=True)
    _start_log(settings, VAR / "chat.log")

    async def start() -> None:
        async with _standing_alone(settings) as app:
            console.print("\n  Write to the bot, in Polish or English. An empty line ends the chat.\n")
            terminal = Terminal(app, Console(), name)
            await run_parts(Part("chat", terminal.run, terminal.stop), *_worker_parts(app))

    run_to_end(start)


@cli.command()
def run() -> None:
    """Everything on one machine: the language server (unless NLU_URL is set), web and worker."""
    settings = load_settings()
    _start_log(settings)

    listening = listen(settings.host, settings.port)

    async def start() -> None:
        async with _standing_alone(settings) as app:
            site = create_web(app, held=tuple(app.gates))
            mount_console(site, app)
            await run_parts(web_part(site, listening), *_gate_parts(app), *_worker_parts(app))

    run_to_end(start)


@cli.command()
def web() -> None:
    """Webhooks, health and metrics."""
    settings = load_settings()
    _start_log(settings)

    listening = listen(settings.host, settings.port)

    async def start() -> None:
        async with build(settings) as app:
            parts = {name: gate.web_parts() for name, gate in app.gates.items()}
            held = [name for name, of_gate in parts.items() if of_gate]
            site = create_web(app, held)
            mount_console(site, app)
            await run_parts(web_part(site, listening), *(part for of_gate in parts.values() for part in of_gate))

    run_to_end(start)


@cli.command()
def worker() -> None:
    """Works the inbox and delivers the outbox."""
    settings = load_settings()
    _start_log(settings)

    async def start() -> None:
        async with build(settings) as app:
            parts = [part for gate in app.gates.values() for part in gate.worker_parts()]
            await run_parts(*parts, *_worker_parts(app))

    run_to_end(start)


@cli.command(name="migrate")
def migrate_() -> None:
    """Brings the database's tables up to date."""
    settings = load_settings()
    _start_log(settings)
    run_to_end(lambda: _migrate(settings))
    console.print("The database is up to date.")


@cli.command()
def doctor() -> None:
    """Says what is missing or wrong in the settings, in plain words."""

    async def start() -> None:
        problems = 0
        async for finding in examine(load_settings()):
            problems += _show_finding(finding)
        if problems:
            raise SettingsError(f"{problems} thing(s) to put right")

    run_to_end(start)


def _show_finding(finding: Finding) -> int:
    """Prints it; 1 where it has to be put right."""
    if finding.problem is None:
        console.print(f"[green]✓[/] {finding.subject}", highlight=False)
        return 0
    mark = "[yellow]![/]" if finding.is_note else "[red]✗[/]"
    console.print(f"{mark} [bold]{finding.subject}[/]: {finding.problem}", highlight=False)
    console.print(Padding(finding.advice, (0, 0, 0, 2)), highlight=False)
    return 0 if finding.is_note else 1


def _worker_parts(app: App) -> list[Part]:
    work = [Part("releases", app.releases.run, app.releases.stop)] if app.releases else []
    return [worker_part(app.worker), scheduler_part(app.scheduler), *work]


def _gate_parts(app: App) -> list[Part]:
    """What the ways in need of a process that is web and worker at once."""
    return [part for gate in app.gates.values() for part in (*gate.web_parts(), *gate.worker_parts())]


def _demo_settings(database: Path, **overrides: object) -> Settings:
    """What needs no account: a database of its own, orders from a file, and nothing of the real messengers, whatever
    `.env` says."""
    real = (
        "slack_bot_token", "slack_app_token", "slack_signing_secret", "telegram_bot_token", "public_url",
        "console_secret",
    )  # fmt: skip
    return load_settings(
        **{
            **dict.fromkeys(real),
            "database_url": f"sqlite:///{database}",
            "orders_file": ROOT / "nlu_data" / "demo_orders.yml",
            "orders_url": None,
            "log_level": "WARNING",
            **overrides,
        },
    )


@asynccontextmanager
async def _standing_alone(settings: Settings, clock: Clock | None = None) -> AsyncIterator[App]:
    """A migrated database, and a language server of our own unless the settings name one."""
    async with AsyncExitStack() as stack:
        await _migrate(settings)
        if settings.nlu_url is None:
            with shown_progress(console) as progress:
                source = ModelSource(content=settings.content_dir)
                server = NLUServer(NLUServerSettings(source, settings.models_dir), progress)
                await stack.enter_async_context(server)
            settings = settings.model_copy(update={"nlu_url": server.url, "nlu_token": SecretStr(server.token)})
        yield await stack.enter_async_context(build(settings, clock=clock))


async def _migrate(settings: Settings) -> None:
    """Tables up to date, and living data in those that are still empty."""
    database = Database(settings.database_url)
    if database.url.database and not database.is_postgres:
        Path(database.url.database).parent.mkdir(parents=True, exist_ok=True)
    try:
        await migrate(database)
        async with database.transaction() as session:
            await seed_if_empty(session, settings.content_dir, datetime.now(UTC))
    finally:
        await database.dispose()
