"""`supportbot outbox …`, `supportbot inbox …` and `supportbot desk …`: what did not go through, and another try."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot import log
from bot.command_line import run_to_end
from bot.settings import SettingsError, load_settings
from handlers.markup import to_plain
from handlers.plain_text import shorten
from storage import desk_posts, inbound, outbox
from storage.database import Database
from storage.inbound import InboundEvent
from storage.migrate import is_migrated
from storage.outbox import Delivery, Failed

outbox_app = typer.Typer(help="Messages that did not reach a customer.", no_args_is_help=True)
inbox_app = typer.Typer(help="Events that could not be worked.", no_args_is_help=True)
desk_app = typer.Typer(help="What agents could not be told in Slack.", no_args_is_help=True)
listing = Console()

SHOWN_CHARACTERS = 60
FAILED = (Delivery.DEAD, Delivery.UNKNOWN, Delivery.BLOCKED)
Ids = Annotated[list[str] | None, typer.Argument(help="Ids as `list` shows them, such as 12-3.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many, the newest.")]


@outbox_app.command(name="list")
def list_outbox(limit: Limit = 50) -> None:
    """What failed, is of unknown fate, or was stopped by a customer who blocked us."""

    async def show(database: Database) -> None:
        async with database.reading() as session:
            found = await outbox.failed(session, FAILED, limit)
        listing.print(_table("id", "since", "channel", "status", "why", "text", rows=map(_failed_row, found)))

    run_to_end(with_database(show))


@outbox_app.command()
def resend(
    ids: Ids = None,
    all_: Annotated[
        bool, typer.Option("--all-dead", help="All that failed for sure; never those of unknown fate.")
    ] = False,
) -> None:
    """Puts messages in line again, at the end of their chat. One of unknown fate may then arrive twice."""
    wanted = [_parsed(one) for one in ids or ()]
    if not wanted and not all_:
        raise SettingsError("name the messages to send again, or say --all-dead")

    async def send(database: Database) -> None:
        async with database.transaction() as session:
            rows = [await outbox.numbered(session, *key) for key in wanted]
            if all_:
                failed = await outbox.failed(session, [Delivery.DEAD], limit=10_000)
                rows += [one.row for one in failed]
            for key, row in zip(wanted, rows, strict=False):
                if row is None or Delivery(row.status) not in FAILED or row.resent_as:
                    raise SettingsError(f"{_id(*key)}: no message that failed and has not been sent again")
            for row in rows:
                if row is not None:
                    await outbox.send_again(session, row, datetime.now(UTC))
        listing.print(f"{len(rows)} message(s) in line again.")

    run_to_end(with_database(send))


@inbox_app.command(name="list")
def list_inbox(limit: Limit = 50) -> None:
    """Events that could not be worked. Each that could be read has a ticket, too."""

    async def show(database: Database) -> None:
        async with database.reading() as session:
            found = await inbound.dead(session, limit)
        listing.print(_table("id", "received", "chat", "why", rows=map(_dead_row, found)))

    run_to_end(with_database(show))


@inbox_app.command()
def replay(ids: Ids = None) -> None:
    """Works events again, at the end of their conversation, once what made them fail is mended."""
    wanted = [_parsed(one) for one in ids or ()]
    if not wanted:
        raise SettingsError("name the events to work again")

    async def again(database: Database) -> None:
        async with database.transaction() as session:
            for key in wanted:
                if not await inbound.work_again(session, *key):
                    raise SettingsError(f"{_id(*key)}: no event that failed, could be read and was not replayed yet")
        listing.print(f"{len(wanted)} event(s) in line again.")

    run_to_end(with_database(again))


@desk_app.command(name="list")
def list_desk(limit: Limit = 50) -> None:
    """Lines, cards and marks in agents' threads that were given up."""

    async def show(database: Database) -> None:
        async with database.reading() as session:
            found = await desk_posts.dead(session, limit)
        rows = ((_id(one.lane_id, one.seq), f"{one.created_at:%Y-%m-%d %H:%M}", f"#{ticket.number}", one.kind,
                 one.last_error or "") for one, ticket in found)  # fmt: skip
        listing.print(_table("id", "since", "ticket", "kind", "why", rows=rows))

    run_to_end(with_database(show))


@desk_app.command(name="resend")
def tell_again(
    ids: Ids = None, all_: Annotated[bool, typer.Option("--all", help="All that `list` shows.")] = False
) -> None:
    """Tells it again, at the end of what waits for its ticket."""
    wanted = [_parsed(one) for one in ids or ()]
    if not wanted and not all_:
        raise SettingsError("name what is to be told again, or say --all")

    async def send(database: Database) -> None:
        async with database.transaction() as session:
            dead = await desk_posts.dead(session, limit=10_000) if all_ else []
            keys = dict.fromkeys([*wanted, *((one.lane_id, one.seq) for one, _ in dead)])
            for key in keys:
                if not await desk_posts.tell_again(session, *key):
                    raise SettingsError(f"{_id(*key)}: nothing that was given up")
        listing.print(f"{len(keys)} in line again.")

    run_to_end(with_database(send))


def with_database(
    work: Callable[[Database], Coroutine[Any, Any, None]],
) -> Callable[[], Coroutine[Any, Any, None]]:
    async def start() -> None:
        settings = load_settings()
        log.set_up("WARNING", settings.log_format)
        async with _opened(settings.database_url) as database:
            await work(database)

    return start


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        if not await is_migrated(database.engine):
            raise SettingsError("the database's tables are not up to date; run: supportbot migrate")
        yield database
    finally:
        await database.dispose()


def _parsed(text: str) -> tuple[int, int]:
    lane, _, seq = text.partition("-")
    if not (lane.isdecimal() and seq.isdecimal()):
        raise SettingsError(f"{text}: not an id such as 12-3")
    return int(lane), int(seq)


def _id(lane_id: int, seq: int) -> str:
    return f"{lane_id}-{seq}"


def _failed_row(failed: Failed) -> tuple[str, ...]:
    row = failed.row
    text = shorten(to_plain(row.payload.get("text", "")), SHOWN_CHARACTERS)
    since = f"{row.created_at:%Y-%m-%d %H:%M}"
    return _id(row.lane_id, row.seq), since, row.channel, row.status, row.last_error or "", text


def _dead_row(event: InboundEvent) -> tuple[str, ...]:
    chat = f"{event.payload.get('channel', '?')}:{event.payload.get('chat_id', '?')}"
    return _id(event.lane_id, event.seq), f"{event.received_at:%Y-%m-%d %H:%M}", chat, event.reason or ""


def _table(*columns: str, rows: Any) -> Table:
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(cell.replace("[", "\\[") for cell in row))
    return table
