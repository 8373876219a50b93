"""How long the console's pages take to answer with 100,000 tickets, outgoing messages and messages to label, and how
long it takes until those labelled with one press are saved and the list is shown anew: `python -m bench.console`, or
`python -m bench.console postgres`."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from os import getloadavg
from statistics import median

import httpx
from nicegui.testing.user_simulation import user_simulation

from bench.console_rows import NOW, ROWS, fill
from bench.database_server import Kind, database_server
from bot.app import App, build
from bot.console.app import add_pages, console_of
from bot.settings import load_settings
from handlers import admins
from handlers.admins import NewAdmin, Passwords
from storage import reviews
from storage.admins import AdminRole
from storage.database import Database
from storage.migrate import migrate
from storage.reviews import Asked
from tests.console.console_rig import Looking
from tests.fakes import FakeNLU

RUNS = 5
WANTED_MILLISECONDS = 300
ADDRESSES = (
    "inbox", "inbox?skip=5000", "inbox?why=corrected", "inbox?language=en", "inbox?words=lampa+zgin", "intents",
    "intents?words=order", "intents/track_order", "intents/track_order?words=kurier", "answers", "answers?words=zwrot",
    "answers/return_policy", "try", "releases", "releases/1", "releases/1?verdict=worse", "quality",
    "tickets", "tickets?status=", "tickets?status=&text=lampa+99", "tickets?status=resolved&category=complaint",
    "tickets?status=&before=500", "tickets/50000", "outbox", "outbox?show=waiting", "outbox?show=waiting&before=1-900",
    "people", "settings",
)  # fmt: skip
LABELLED = (slice(3, 4), slice(4, 9))
"""One group at once, and five."""


@dataclass(frozen=True)
class Took:
    """Milliseconds by the clock, and of the processor: what others do on the machine makes the first longer, a database
    server's work is not in the second."""

    clock: float
    processor: float

    @classmethod
    def middle(cls, runs: Sequence[Took]) -> Took:
        return cls(median(one.clock for one in runs), median(one.processor for one in runs))

    def worse(self, other: Took) -> Took:
        return Took(max(self.clock, other.clock), max(self.processor, other.processor))

    def __str__(self) -> str:
        return f"{self.clock:7.0f} ms (CPU {self.processor:4.0f} ms)"


async def main(kind: Kind) -> None:
    async with database_server(kind) as server:
        database = Database(server.url)
        await migrate(database)
        settings = load_settings(database_url=server.url)
        examples = await fill(database, settings.content_dir)
        async with build(settings, nlu=FakeNLU()) as app:
            worst = await measure(replace(app, gates={}))
        await database.dispose()
    verdict = "within" if worst.clock <= WANTED_MILLISECONDS else "over"
    print(
        f"console: database={kind.value} rows={ROWS} examples={examples} slowest={worst.clock:.0f}ms "
        f"cpu={worst.processor:.0f}ms load={getloadavg()[0]:.1f}, {verdict} {WANTED_MILLISECONDS} ms"
    )


async def measure(app: App) -> Took:
    """The slowest page or action."""
    console = console_of(app)
    token = await _token(app)
    worst = Took(0.0, 0.0)
    async with user_simulation() as user:
        add_pages(console)
        user.http_client.cookies.set(console.cookie, token)
        for address in ADDRESSES:
            took = Took.middle([await _timed(_get(user.http_client, f"/console/{address}")) for _ in range(RUNS)])
            worst = worst.worse(took)
            print(f"{took}   {address}")
        await user.open("/console/inbox")
        for groups in LABELLED:
            took, items = await _label(app, Looking(user, console), groups)
            worst = worst.worse(took)
            print(f"{took}   inbox: {items:.0f} messages labelled with one press, the list shown anew")
    return worst


async def _token(app: App) -> str:
    async with app.database.transaction() as session:
        password_hash = Passwords().hash("a password for a bench")
        await admins.add(session, NewAdmin("bench", "Bench", AdminRole.ADMIN), password_hash, NOW)
        knocked = await admins.knock(session, "bench", "bench", NOW)
        return await admins.enter(session, knocked, "bench", NOW) or ""


async def _label(app: App, page: Looking, chosen: slice) -> tuple[Took, float]:
    """The middle of several presses, each on other groups; how many messages each was."""
    took, items = [], []
    for _ in range(RUNS):
        async with app.database.reading() as session:
            groups = (await reviews.groups(session, Asked())).shown[chosen]
        likes = [group.like for group in groups]
        items.append(sum(group.count for group in groups))
        took.append(await _timed(page.send("sent", like=likes, intent=["delivery_problem"], do=["label"])))
    return Took.middle(took), median(items)


async def _get(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert answer.status_code == 200, (path, answer.status_code)


async def _timed(work: Awaitable[None]) -> Took:
    started, spent = time.perf_counter(), time.process_time()
    await work
    return Took((time.perf_counter() - started) * 1000, (time.process_time() - spent) * 1000)


if __name__ == "__main__":
    asyncio.run(main(Kind(sys.argv[1]) if len(sys.argv) > 1 else Kind.SQLITE))
