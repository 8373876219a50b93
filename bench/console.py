"""How long the console's lists take to answer with 100,000 tickets and outgoing messages: `python -m bench.console`."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nicegui.testing.user_simulation import user_simulation
from sqlalchemy import insert

from bot.app import App, build
from bot.console.app import add_pages, console_of
from bot.settings import load_settings
from handlers import admins
from handlers.admins import NewAdmin, Passwords
from storage.admins import AdminRole
from storage.conversations import Conversation, Message
from storage.customers import Customer
from storage.database import Database
from storage.lanes import Lane
from storage.migrate import migrate
from storage.outbox import OutboxMessage
from storage.tickets import Status, Ticket
from tests.fakes import FakeNLU

ROWS, CHUNK, RUNS = 100_000, 5_000, 5
WANTED_MILLISECONDS = 300
NOW = datetime.now(UTC)
ADDRESSES = (
    "tickets", "tickets?status=", "tickets?status=&text=lampa+99", "tickets?status=resolved&category=complaint",
    "tickets?status=&before=500", "tickets/50000", "outbox", "outbox?show=waiting", "outbox?show=waiting&before=1-900",
    "people", "settings",
)  # fmt: skip


async def main(url: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(url or f"sqlite:///{Path(folder) / 'bench.db'}")
        await migrate(database)
        await fill(database)
        settings = load_settings(database_url=database.url.render_as_string(hide_password=False))
        async with build(settings, nlu=FakeNLU()) as app:
            await measure(replace(app, gates={}))
        await database.dispose()


async def fill(database: Database) -> None:
    async with database.transaction() as session:
        customer = Customer(name="Anna", created_at=NOW, tier="mass", updates="normal")
        session.add(customer)
        await session.flush()
        chat = Conversation(customer_id=customer.id, channel="local", chat_id="anna", created_at=NOW)
        session.add_all([chat, Lane(queue="out", key="local:anna", tail=ROWS)])
        await session.flush()
        said = Message(
            conversation_id=chat.id, author="bot", text="dzień dobry", correlation_id="bench", created_at=NOW
        )
        session.add(said)
        await session.flush()
    for start in range(0, ROWS, CHUNK):
        numbers = range(start + 1, start + CHUNK + 1)
        async with database.transaction() as session:
            await session.execute(insert(Ticket), [_ticket(one, customer.id, chat.id) for one in numbers])
            await session.execute(insert(OutboxMessage), [_message(one, chat.id, said.id) for one in numbers])


def _ticket(number: int, customer_id: int, chat_id: int) -> dict[str, object]:
    return {
        "number": number, "customer_id": customer_id, "conversation_id": chat_id, "reason": "form", "language": "pl",
        "category": "complaint" if number % 3 else "get_invoice", "facts": {}, "missing": [], "priority": "normal",
        "status": list(Status)[number % len(Status)], "subject": f"lampa {number} nie działa", "summary": "",
        "assignee": "Ola" if number % 2 else None, "opened_at": NOW - timedelta(minutes=ROWS - number),
    }  # fmt: skip


def _message(seq: int, chat_id: int, message_id: int) -> dict[str, object]:
    return {
        "lane_id": 1, "seq": seq, "dedupe": f"bench{seq}", "correlation_id": "bench", "channel": "local",
        "chat_id": "anna", "conversation_id": chat_id, "message_id": message_id, "author": "bot",
        "payload": {"text": "dzień dobry", "buttons": [], "files": []}, "provider_ids": [],
        "status": ("waiting", "dead", "sent")[seq % 3], "created_at": NOW - timedelta(minutes=ROWS - seq),
    }  # fmt: skip


async def measure(app: App) -> None:
    console = console_of(app)
    async with app.database.transaction() as session:
        password_hash = Passwords().hash("a password for a bench")
        await admins.add(session, NewAdmin("bench", "Bench", AdminRole.ADMIN), password_hash, NOW)
        knocked = await admins.knock(session, "bench", "bench", NOW)
        token = await admins.enter(session, knocked, "bench", NOW)
    async with user_simulation() as user:
        add_pages(console)
        user.http_client.cookies.set(console.cookie, token or "")
        worst = 0.0
        for address in ADDRESSES:
            took = sorted([await _timed(user.http_client, f"/console/{address}") for _ in range(RUNS)])
            worst = max(worst, took[RUNS // 2])
            print(f"{took[RUNS // 2]:7.0f} ms   {address}")
    verdict = "within" if worst <= WANTED_MILLISECONDS else "over"
    print(f"console: rows={ROWS} slowest={worst:.0f}ms, {verdict} {WANTED_MILLISECONDS} ms")


async def _timed(http: object, path: str) -> float:
    started = time.perf_counter()
    answer = await http.get(path)  # type: ignore[attr-defined]
    assert answer.status_code == 200, (path, answer.status_code)
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else None))
