"""`supportbot report`: what leads look at, on the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.command_line import run_to_end
from bot.content import read_content
from bot.queue_cli import with_database
from bot.settings import load_settings
from handlers.desk_report import desk_report, lines
from storage.database import Database

NOT_SHOWN = "–"
told = Console()


def report(days: Annotated[int, typer.Option(min=1, help="Of so many days, until now.")] = 30) -> None:
    """Priorities, SLA, promises kept, and what surveys say; docs/metrics.md has the formulas."""
    settings = load_settings()
    content = read_content(settings.content_dir, settings.timezone)

    async def show(database: Database) -> None:
        now = datetime.now(UTC)
        async with database.reading() as session:
            found = await desk_report(session, content, now - timedelta(days=days), now, now)
        table = Table("figure", "value", "n", "of")
        for line in lines(found):
            table.add_row(line.name, line.value or NOT_SHOWN, str(line.n), str(line.out_of))
        told.print(table)

    run_to_end(with_database(show))
