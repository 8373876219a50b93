"""`supportbot release …`: a new model trained, compared, put live, taken back."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bot.command_line import run_to_end
from bot.queue_cli import with_database
from bot.settings import SettingsError, load_settings
from handlers import releases
from handlers.bands import misfits
from handlers.living_answers import read_living
from handlers.release_gate import Metrics
from storage import releases as stored
from storage.database import Database
from storage.releases import Release

release_app = typer.Typer(help="New models: trained from the living data, compared, put live.", no_args_is_help=True)
listing = Console(highlight=False, markup=False)
Id = Annotated[int, typer.Argument(help="As `list` shows it.")]
Override = Annotated[str | None, typer.Option("--override", help="Why it may go live all the same.")]


def _by() -> str:
    return f"cli:{getpass.getuser()}"


def _now() -> datetime:
    return datetime.now(UTC)


@release_app.command()
def train() -> None:
    """Ask a worker to train what the database holds now; `list` shows how far it is."""
    settings = load_settings()

    async def work(database: Database) -> None:
        async with database.transaction() as session:
            release = await releases.start(session, _by(), _now(), settings.content_dir)
        listing.print(f"Release {release.id} is in line: a worker trains it.")

    run_to_end(with_database(work))


@release_app.command(name="list")
def list_releases(limit: Annotated[int, typer.Option(min=1)] = 20) -> None:
    """The newest releases."""

    async def work(database: Database) -> None:
        async with database.reading() as session:
            found = await stored.listed(session, limit)
        table = Table("id", "status", "model", "started", "by", "share", "replay", "blocked", box=None)
        for one in found:
            table.add_row(*_row(one))
        Console(highlight=False).print(table)

    run_to_end(with_database(work))


def _row(one: Release) -> Sequence[str]:
    status = f"{one.status} ({one.progress} s)" if one.progress else str(one.status)
    replay = ", ".join(f"{count} {name}" for name, count in (one.replay or {}).items() if count)
    started = one.started_at.isoformat(sep=" ", timespec="minutes")
    reasons = str(len(one.blocked)) if one.blocked else ""
    return str(one.id), status, one.model or "", started, one.started_by, f"{one.share:.0%}", replay, reasons


@release_app.command()
def show(
    release_id: Id, verdict: Annotated[str | None, typer.Option(help="same, changed, better, worse, to_human")] = None
) -> None:
    """What a release is like: accuracy beside the live model's, what speaks against it, which replies change."""

    async def work(database: Database) -> None:
        async with database.reading() as session:
            release = await session.get(Release, release_id)
            if release is None:
                raise SettingsError(f"there is no release {release_id}")
            rows = await stored.replayed(session, release_id, verdict)
            reasons = releases.reasons_of(release, (await releases.standing(session)).live)
            living = await read_living(session)
        listing.print(f"Release {release.id}: {release.status}, model {release.model or '–'}, {release.started_by}")
        if release.error:
            listing.print(release.error)
        for reason in reasons:
            listing.print(f"✗ {reason}")
        if release.override_reason:
            listing.print(f"Overridden by {release.override_by}: {release.override_reason}")
        if release.metrics and "before" in release.metrics:
            _show_metrics(Metrics.from_json(release.metrics["before"]), Metrics.from_json(release.metrics["after"]))
        if living is not None and living.thresholds is not None:
            for language, border, used, measured in misfits(
                living.thresholds, (release.metrics or {}).get("thresholds", {})
            ):
                listing.print(f"! {language}: `{border}` is {used:.3f}; measured on this model: {measured:.3f}")
        for row in rows:
            if verdict or row.verdict != "same":
                listing.print(f"{row.verdict:8} {row.text}  {row.before['reply']} → {row.after['reply']}")

    run_to_end(with_database(work))


def _show_metrics(before: Metrics, after: Metrics) -> None:
    for was, now in ((before.languages, after.languages), (before.intents, after.intents)):
        for name, share in now.items():
            old = was.get(name)
            if old is None or name in after.languages or old.right != share.right:
                listing.print(f"  {name:24} {old.right if old else 0:.1%} → {share.right:.1%}  ({share.texts} texts)")


@release_app.command(name="go-live")
def go_live(release_id: Id, override: Override = None) -> None:
    """From now on this model answers everybody."""
    _go(release_id, 1.0, override)


@release_app.command()
def share(
    release_id: Id,
    percent: Annotated[float, typer.Argument(help="Of the conversations, more than 0 to 100.")],
    override: Override = None,
) -> None:
    """From now on this model answers a share of the conversations, each one always or never."""
    _go(release_id, percent / 100, override)


def _go(release_id: int, share: float, override: str | None) -> None:
    async def work(database: Database) -> None:
        async with database.transaction() as session:
            await releases.go_live(session, release_id, _by(), _now(), share=share, override_reason=override)
        listing.print(f"Release {release_id} answers {share:.0%} of the conversations within seconds.")

    run_to_end(with_database(work))


@release_app.command()
def rollback() -> None:
    """One step back, at once."""

    async def work(database: Database) -> None:
        async with database.transaction() as session:
            release = await releases.rollback(session, _by(), _now())
        done = f"model {release.model} is live again" if release.is_rollback else f"release {release.id} answers nobody"
        listing.print(f"Rolled back: {done}, within seconds.")

    run_to_end(with_database(work))


@release_app.command()
def explain(message_id: Annotated[int, typer.Argument(help="Of one of the bot's replies.")]) -> None:
    """Why the bot said something: what it read, which model, which version of which answer."""

    async def work(database: Database) -> None:
        async with database.reading() as session:
            found = await releases.explain(session, message_id)
        if found is None:
            raise SettingsError(f"there is no message {message_id}")
        sure = f" at {found.confidence:.2f}" if found.confidence is not None else ""
        listing.print(f"read as {found.intent or 'nothing'}{sure} by model {found.model or '–'}")
        if found.answer:
            listing.print(f"answer {found.answer}, version {found.answer_version}")
        if found.release is not None:
            listing.print(f"release {found.release.id}, data {found.release.data_digest}, {found.release.started_by}")

    run_to_end(with_database(work))
