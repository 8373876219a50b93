"""`supportbot nlu export|import|seed`: living data in and out of a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.command_line import run_to_end
from bot.content import read_content
from bot.queue_cli import with_database
from bot.settings import Settings, SettingsError, load_settings
from handlers import content_import, content_transfer
from handlers.content_diff import DiffLine
from handlers.content_folder import Snapshot
from handlers.content_history import Editor
from handlers.content_import import Conflicts, Plan, Step
from storage.database import Database

listing = Console()
BY = "cli"
STYLES = {"+": "green", "-": "red", "~": "yellow"}
Folder = Annotated[Path, typer.Argument(help="A content folder: intents/, answers/, thresholds.yml.")]


def seed() -> None:
    """Fill an empty database with the shipped content; `migrate`, `run` and `demo` do so by themselves."""
    settings = load_settings()

    async def work(database: Database) -> None:
        async with database.transaction() as session:
            found = await content_transfer.seed(session, settings.content_dir, datetime.now(UTC))
        listing.print(_counted(found))

    run_to_end(with_database(work))


def export(folder: Annotated[Path, typer.Argument(help="Where to; made when it is not there.")]) -> None:
    """Write intents, answers and thresholds of the database to a folder: the same data, the same bytes."""
    settings = load_settings()

    async def work(database: Database) -> None:
        async with database.reading() as session:
            _seeded(await content_transfer.is_seeded(session))
            found = await content_transfer.export(session, folder, settings.content_dir)
        listing.print(f"{_counted(found)} written to {folder}", highlight=False)

    run_to_end(with_database(work))


def import_(
    folder: Folder,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    theirs: Annotated[bool, typer.Option("--theirs", help="In a conflict take what the folder has.")] = False,
    ours: Annotated[bool, typer.Option("--ours", help="In a conflict keep the database's (the default).")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Show every line that differs.")] = False,
) -> None:
    """Show what a folder would change in the database, and take it over."""
    settings = load_settings()
    if theirs and ours:
        raise SettingsError("either --theirs or --ours")
    conflicts = Conflicts.THEIRS if theirs else Conflicts.OURS
    run_to_end(with_database(lambda database: _import(database, settings, folder, conflicts, yes=yes, all_=all_)))


async def _import(
    database: Database, settings: Settings, folder: Path, conflicts: Conflicts, *, yes: bool, all_: bool
) -> None:
    content = read_content(settings.content_dir, settings.timezone)
    async with database.reading() as session:
        _seeded(await content_transfer.is_seeded(session))
        plan = await content_import.plan_import(session, folder, content)
    _show(plan, conflicts, 1_000_000 if all_ else 10)
    steps = plan.chosen(conflicts)
    if not steps:
        listing.print("Nothing to take over.")
        return
    if not yes and not typer.confirm(f"Take over {len(steps)} of {len(plan.steps)}?"):
        raise SettingsError("nothing was changed")
    async with database.transaction() as session:
        editor = Editor(session, BY, datetime.now(UTC))
        change = await content_import.import_(editor, folder, content, plan, conflicts)
    listing.print(f"{len(steps)} taken over, as change {change.id if change else 0}.")


def _show(plan: Plan, conflicts: Conflicts, most: int) -> None:
    for step in plan.steps:
        counts = Counter(line.sign for line in step.lines)
        listing.print(Text.assemble(
            (f"{step.subject} {step.key}", "bold"), f"  +{counts['+']} −{counts['-']} ~{counts['~']}  ",
            (_fate(step, conflicts), "yellow"),
        ))  # fmt: skip
        listing.print(_lines(step.lines[:most]))
        if len(step.lines) > most:
            listing.print(f"  … {len(step.lines) - most} more (--all shows them)")


def _fate(step: Step, conflicts: Conflicts) -> str:
    if step.kept:
        return f"kept: {step.kept}"
    if not step.conflict:
        return ""
    if conflicts == Conflicts.THEIRS:
        return "conflict: edited in the database since; the folder's is taken (--theirs)"
    return "conflict: edited in the database since; kept (--theirs takes the folder's)"


def _lines(lines: Iterable[DiffLine]) -> Table:
    """What people wrote is text, never markup."""
    table = Table(box=None, show_header=False, padding=(0, 1))
    for line in lines:
        words = f"{line.old} → {line.new}" if line.sign == "~" else line.new or line.old or ""
        table.add_row(Text(f"  {line.sign}", STYLES[line.sign]), Text(line.what, "dim"), Text(words))
    return table


def _seeded(seeded: bool) -> None:
    if not seeded:
        raise SettingsError("there are no living data yet: supportbot nlu seed")


def _counted(found: Snapshot) -> str:
    examples = sum(map(len, found.examples.values()))
    return f"{len(found.examples)} intents, {examples} examples, {len(found.answers)} answers"
