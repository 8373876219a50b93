"""`supportbot audit`: is the same question answered alike everywhere?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot import log
from bot.audit import audit as run_audit
from bot.command_line import run_to_end
from bot.settings import load_settings
from handlers.audits import LEAST_QUESTIONS

told = Console()


def audit(
    questions: Annotated[int, typer.Option(min=1, help="How many of the most asked questions.")] = LEAST_QUESTIONS,
    quarterly: Annotated[bool, typer.Option(help="Agents' replies of a quarter, not of a week.")] = False,
) -> None:
    """Asks the most asked questions on every channel in every language, against local stand-ins, and compares what is
    said there, and what agents wrote lately, with the answers."""
    settings = load_settings()
    log.set_up("ERROR", settings.log_format)

    async def start() -> None:
        run, wrong = await run_audit(settings, questions, quarterly=quarterly, by="cli", now=datetime.now(UTC))
        if wrong:
            table = Table("verdict", "question", "language", "who", "said", "the answer", "link")
            for one in wrong:
                table.add_row(
                    one.verdict, one.intent, one.language, one.source, one.said, one.canonical, one.link or ""
                )
            told.print(table)
        score = "–" if run.score is None else f"{run.score:.1f}"
        print(
            f"audit: questions={run.questions} answers={run.answers} score={score} contradictions={run.contradictions}"
        )

    run_to_end(start)
