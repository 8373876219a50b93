"""The web process with the console as one runs it, for a browser: `supportbot web` on a database with some cases."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.async_api import Browser, BrowserContext, Page
from sqlalchemy import select, update

from handlers.content import load_content
from handlers.content_transfer import seed_if_empty
from storage.admins import Admin
from storage.agents import Agent, Role
from storage.database import Database
from storage.lanes import Lane, Queue
from storage.migrate import migrate
from storage.outbox import Delivery, OutboxMessage
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.fakes import FakeNLU

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60
PATIENCE = 30_000  # milliseconds
CONTENT = ("answers", "templates", "files", "intents", "entities", "concepts")
WORDS = "Chcę rozmawiać z człowiekiem, mój mail to anna.nowak@example.com"


@dataclass(frozen=True)
class Site:
    url: str
    database_url: str
    content: Path
    password: str

    async def signed_in(self, browser: Browser, language: str = "pl", width: int = 1280) -> Page:
        """A new visitor, in the console already."""
        context: BrowserContext = await browser.new_context(
            locale="pl-PL" if language == "pl" else "en-GB", viewport={"width": width, "height": 860}
        )
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        database = Database(self.database_url)
        async with database.transaction() as session:
            await session.execute(update(Admin).values(language=language))
        await database.dispose()
        await self.sign_in(page)
        return page

    async def sign_in(self, page: Page, password: str | None = None) -> None:
        await page.goto(f"{self.url}/console/login")
        await page.locator("[name=login]").fill("kasia")
        await page.locator("[name=password]").fill(password or self.password)
        await page.locator("button[type=submit]").click()


@asynccontextmanager
async def open_site(folder: Path) -> AsyncIterator[Site]:
    content = _content_in(folder)
    database_url = f"sqlite:///{folder / 'console.db'}"
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "CONTENT_DIR": str(content),
        "NLU_URL": "http://127.0.0.1:9",
        "NLU_TOKEN": "none",
        "HOST": "127.0.0.1",
        "PORT": "0",
        "LOG_LEVEL": "INFO",
    }
    await _migrate(database_url, content)
    told = await _command(environment, "admin", "add", "kasia", "--name", "Kasia", "--generate")
    password = told.rpartition("this once: ")[2].strip()
    await _fill(database_url)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "web", env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        port = await asyncio.wait_for(_port(process), START_SECONDS)
        await asyncio.wait_for(_answering(f"http://127.0.0.1:{port}/health/live"), START_SECONDS)
        yield Site(f"http://127.0.0.1:{port}", database_url, content, password)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def _content_in(folder: Path) -> Path:
    """Our own to change."""
    content = folder / "content"
    for name in CONTENT:
        shutil.copytree(ROOT / "nlu_data" / name, content / name)
    for file in (ROOT / "nlu_data").glob("*.yml"):
        shutil.copy(file, content)
    return content


async def _migrate(database_url: str, content: Path) -> None:
    database = Database(database_url)
    await migrate(database)
    async with database.transaction() as session:
        await seed_if_empty(session, content, MONDAY_NOON)
    await database.dispose()


async def _command(environment: dict[str, str], *arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, env=environment,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def _port(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    said = ""
    async for line in process.stdout:
        said += line.decode()
        if found := re.search(r"web\.listening.*port\S*?=\S*?(\d{3,5})", said):
            return found[1]
    raise AssertionError(f"the web process ended: {said[-2000:]}")


async def _answering(address: str) -> None:
    """The port is taken before anybody listens at it."""
    async with httpx.AsyncClient() as http:
        while True:
            try:
                await http.get(address)
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
            else:
                return


async def _fill(database_url: str) -> None:
    """Two cases, a message that failed, an agent."""
    database = Database(database_url)
    nlu = FakeNLU()
    nlu.teach(WORDS, "human_handoff")
    bot = BotUnderTest(database, load_content(ROOT / "nlu_data"), nlu)
    await bot.meet("anna")
    await bot.ask(WORDS)
    async with database.transaction() as session:
        session.add(
            Agent(
                email="ola@acme.example", name="Ola", role=Role.AGENT, groups=["deliveries"], load_cap=10,
                is_active=True, is_on_duty=True, created_at=MONDAY_NOON,
            )
        )  # fmt: skip
    await _fail_one(database)
    await database.dispose()


async def _fail_one(database: Database) -> None:
    async with database.transaction() as session:
        row = (await session.scalars(select(OutboxMessage).order_by(OutboxMessage.seq).limit(1))).one()
        await session.execute(update(Lane).where(Lane.id == row.lane_id, Lane.queue == Queue.OUT).values(head=row.seq))
        row.status, row.last_error = Delivery.DEAD, "chat not found"
