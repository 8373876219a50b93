"""A worker in a process of its own, for being killed: `python -m tests.e2e.crash_worker DATABASE_URL SENT_FILE`.

Its channel writes each send to a file before it answers, as a provider would have it even if we die right after.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot import log
from bot.channels.base import Address
from bot.delivery import Courier
from bot.intake import Intake
from bot.worker import Worker
from handlers.bands import Bands, Thresholds
from handlers.content import load_content
from handlers.desk import Desk
from handlers.messages import Reply
from handlers.texts import Catalogue
from storage.database import Database
from storage.lanes import Gathering
from tests.fakes import FakeChannel, FixedNLU

CONTENT = Path(__file__).parents[2] / "nlu_data"


class FileChannel(FakeChannel):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async def send(self, to: Address, reply: Reply, key: str) -> str:
        os.write(self._file, f"{to.chat_id} {key}\n".encode())
        await asyncio.sleep(0.002)
        return key


async def main(url: str, sent: Path) -> None:
    log.set_up("ERROR", "json")
    database = Database(url)
    bands = Thresholds({"pl": Bands(0.8, 0.4)})
    desk = Desk(load_content(CONTENT), Catalogue(), bands, messages_per_minute=100_000)
    channels = {"local": FileChannel(sent)}
    intake = Intake(database, lambda: desk, FixedNLU("thank_you"), None, _now, Gathering(), channels)
    await Worker(database, intake.work, Courier(database, channels, _now).work).run()


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
