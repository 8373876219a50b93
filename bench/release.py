"""From pressing "train" to live, for the shipped catalogue: `python -m bench.release`, with Rasa and the worker's part.

The last line is the figure; `slowest_parse_ms` is the longest that a customer's message was read in while the model
was exchanged, `cpu_s` the work of training and comparing, whatever else the machine was doing.
"""

from __future__ import annotations

import asyncio
import resource
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from bot.app import App, build
from bot.nlu_model import ModelSource, train_model
from bot.nlu_progress import log_progress
from bot.nlu_server import NLUServer, NLUServerSettings
from bot.nlu_sets import read_sets
from bot.settings import ROOT, Settings
from handlers import releases
from handlers.content_transfer import seed_if_empty
from storage.conversations import Author, Conversation, Message
from storage.customers import Customer
from storage.database import Database
from storage.migrate import migrate
from storage.releases import UNFINISHED, Release, ReleaseStatus

REPLAYED = 200
ASKED_EVERY_SECONDS = 0.05


async def main() -> None:
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
                await _release(app)


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


async def _release(app: App) -> None:
    work = app.releases
    assert work is not None
    running = asyncio.create_task(work.run())
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
    slowest = 0.0
    model = None
    while model != release.model:
        asked = time.monotonic()
        model = (await app.nlu.parse("gdzie jest moja paczka", "bench")).model
        slowest = max(slowest, time.monotonic() - asked)
        await asyncio.sleep(ASKED_EVERY_SECONDS)
    ended = time.monotonic()
    work.stop()
    await running
    print(
        f"release: train_s={release.metrics['train_s']} compare_s={release.metrics['compare_s']}"
        f" swap_ms={(ended - live) * 1000:.0f} slowest_parse_ms={slowest * 1000:.0f}"
        f" texts={release.metrics['texts']} replayed={sum((release.replay or {}).values())}"
        f" largest_process_mb={release.metrics['largest_process_mb']} cpu_s={_children_cpu_seconds() - used:.1f}"
        f" total_s={ended - began:.1f}"
    )


def _children_cpu_seconds() -> float:
    """Of those that have ended: not of the language server."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


async def _look(app: App, number: int) -> Release:
    async with app.database.reading() as session:
        return await session.get_one(Release, number)


if __name__ == "__main__":
    asyncio.run(main())
