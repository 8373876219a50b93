"""From pressing "train" to live, for the shipped catalogue, with Rasa and the worker's part, while customers' messages
are read: `python -m bench.release [messages a second]`.

The last line is the figure; `cpu_s` is the work of training and comparing, whatever else the machine was doing.
"""

from __future__ import annotations

import asyncio
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from bench.percentiles import percentile
from bot.app import App, build
from bot.nlu_model import ModelSource, train_model
from bot.nlu_progress import log_progress
from bot.nlu_server import NLUServer, NLUServerSettings
from bot.nlu_sets import read_sets
from bot.release_work import ReleaseWork
from bot.settings import ROOT, Settings
from handlers import releases
from handlers.content_transfer import seed_if_empty
from handlers.nlu import NLU, NLUUnavailable
from storage.conversations import Author, Conversation, Message
from storage.customers import Customer
from storage.database import Database
from storage.migrate import migrate
from storage.releases import UNFINISHED, Release, ReleaseStatus

REPLAYED = 200
MESSAGES_A_SECOND = 20.0
POLL_SECONDS = 0.05


async def main(a_second: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = ModelSource(ROOT / "nlu_data")
        await source.environment.install(log_progress)
        shipped = await train_model(source, NLUServerSettings().models, log_progress)
        served = Path(shutil.copy(shipped, folder / shipped.name))
        async with NLUServer(NLUServerSettings(source, folder, model=served)) as server:
            settings = Settings(
                _env_file=None, database_url=f"sqlite:///{folder}/bench.db", models_dir=folder, nlu_url=server.url,
                nlu_token=SecretStr(server.token),
            )  # fmt: skip
            await _fill(Database(settings.database_url))
            async with build(settings) as app:
                await _release(app, a_second)


async def _fill(database: Database) -> None:
    """The shipped content, and as many past messages as are replayed."""
    now = datetime.now(UTC)
    await migrate(database)
    async with database.transaction() as session:
        await seed_if_empty(session, ROOT / "nlu_data", now)
        customer = Customer(created_at=now)
        session.add(customer)
        await session.flush()
        chat = Conversation(customer_id=customer.id, channel="bench", chat_id="1", created_at=now)
        session.add(chat)
        await session.flush()
        step = max(1, len(held := read_sets([])) // REPLAYED)
        said = {"conversation_id": chat.id, "author": Author.CUSTOMER, "correlation_id": "bench", "created_at": now}
        for one in held[::step][:REPLAYED]:
            session.add(Message(text=one.text, intent=one.intent, language=one.language, **said))
    await database.dispose()


async def _release(app: App, a_second: float) -> None:
    work = app.releases
    assert work is not None
    async with reading(app.nlu, a_second) as asked, running(work):
        began, used = time.monotonic(), _children_cpu_seconds()
        async with app.database.transaction() as session:
            number = (await releases.start(session, "bench", datetime.now(UTC), app.settings.content_dir)).id
        while (release := await _look(app, number)).status in UNFINISHED:  # noqa: ASYNC110 - another task's rows
            await asyncio.sleep(0.2)
        if release.status != ReleaseStatus.CANDIDATE or release.metrics is None:
            raise SystemExit(f"release: {release.status} {release.error}")
        print("blocked:", *(release.blocked or ["nothing"]), "replay:", release.replay)
        live = time.monotonic()
        async with app.database.transaction() as session:
            await releases.go_live(session, number, "bench", datetime.now(UTC), override_reason="bench")
        while asked[-1].model != release.model:  # noqa: ASYNC110 - another process's model
            await asyncio.sleep(POLL_SECONDS)
        ended = time.monotonic()
    print(
        f"release: train_s={release.metrics['train_s']} compare_s={release.metrics['compare_s']}"
        f" swap_ms={(ended - live) * 1000:.0f} {_latencies(asked, live)}"
        f" texts={release.metrics['texts']} replayed={sum((release.replay or {}).values())}"
        f" largest_process_mb={release.metrics['largest_process_mb']} cpu_s={_children_cpu_seconds() - used:.1f}"
        f" load={os.getloadavg()[0]:.1f} total_s={ended - began:.1f}"
    )


def _latencies(asked: Sequence[Asked], live: float) -> str:
    """Of all that was read, and of what was read while the model was exchanged."""
    whole = sorted(one.seconds * 1000 for one in asked)
    exchange = [one.seconds * 1000 for one in asked if one.ended > live]
    lost = sum(one.model is None for one in asked)
    return (
        f"parsed={len(asked)} unread={lost} p95_parse_ms={percentile(whole, 95):.0f} slowest_parse_ms={whole[-1]:.0f}"
        f" slowest_parse_while_swapping_ms={max(exchange, default=0):.0f}"
    )


@dataclass(frozen=True)
class Asked:
    """`model`: None where nothing answered."""

    ended: float
    seconds: float
    model: str | None


@asynccontextmanager
async def reading(nlu: NLU, a_second: float) -> AsyncIterator[list[Asked]]:
    """Customers' messages come at this rate, whether or not the ones before are read yet."""
    asked: list[Asked] = []
    tasks: set[asyncio.Task[None]] = set()

    async def ask() -> None:
        began = time.monotonic()
        try:
            model = (await nlu.parse("gdzie jest moja paczka", "bench")).model
        except NLUUnavailable:
            model = None
        asked.append(Asked(time.monotonic(), time.monotonic() - began, model))

    async def come() -> None:
        while True:
            task = asyncio.create_task(ask())
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            await asyncio.sleep(1 / a_second)

    coming = asyncio.create_task(come())
    try:
        yield asked
    finally:
        coming.cancel()
        await asyncio.gather(*tasks)


@asynccontextmanager
async def running(work: ReleaseWork) -> AsyncIterator[None]:
    task = asyncio.create_task(work.run())
    yield
    work.stop()
    await task


def _children_cpu_seconds() -> float:
    """Of those that have ended: not of the language server."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


async def _look(app: App, number: int) -> Release:
    async with app.database.reading() as session:
        return await session.get_one(Release, number)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES_A_SECOND))
