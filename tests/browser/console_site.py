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
from datetime import UTC, datetime
from pathlib import Path

import httpx
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page
from sqlalchemy import update

from handlers import admins
from handlers.content_transfer import seed_if_empty
from storage.admins import Admin
from storage.database import Database
from storage.migrate import migrate
from tests.bot_under_test import MONDAY_NOON
from tests.browser.console_data import fill
from tests.browser.language_server import language_server

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 180
PATIENCE = 30_000  # milliseconds
CONTENT = ("answers", "templates", "files", "intents", "entities", "concepts")
LOGIN = "kasia"
SERIOUS = {"serious", "critical"}


@dataclass(frozen=True)
class Site:
    url: str
    database_url: str
    content: Path
    password: str

    async def signed_in(self, browser: Browser, language: str = "pl", width: int = 1440) -> Page:
        """A new visitor, in the console already."""
        context: BrowserContext = await browser.new_context(
            locale="pl-PL" if language == "pl" else "en-GB", viewport={"width": width, "height": 900}
        )
        async with self.database() as database, database.transaction() as session:
            await session.execute(update(Admin).values(language=language))
            now = datetime.now(UTC)
            token = await admins.enter(session, await admins.knock(session, LOGIN, "test", now), "test", now)
        await context.add_cookies([{"name": "console", "value": token or "", "url": self.url}])
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        return page

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        database = Database(self.database_url)
        yield database
        await database.dispose()

    async def sign_in(self, page: Page, password: str | None = None) -> None:
        await page.goto(f"{self.url}/console/login")
        await page.locator("[name=login]").fill(LOGIN)
        await page.locator("[name=password]").fill(password or self.password)
        await page.locator("button[type=submit]").click()


async def faults(page: Page) -> list[str]:
    """What axe finds that keeps somebody from using the page."""
    results = await Axe().run(page)
    found = [one for one in results.response["violations"] if one["impact"] in SERIOUS]
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found]


@asynccontextmanager
async def open_site(folder: Path) -> AsyncIterator[Site]:
    content = _content_in(folder)
    database_url = f"sqlite:///{folder / 'console.db'}"
    async with language_server() as nlu_url:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "CONTENT_DIR": str(content),
            "NLU_URL": nlu_url,
            "NLU_TOKEN": "none",
            "HOST": "127.0.0.1",
            "PORT": "0",
            "LOG_LEVEL": "INFO",
        }
        await _migrate(database_url, content)
        told = await _command(environment, "admin", "add", LOGIN, "--name", "Kasia", "--generate")
        password = told.rpartition("this once: ")[2].strip()
        await fill(database_url)
        async with _web(environment) as url:
            yield Site(url, database_url, content, password)


@asynccontextmanager
async def _web(environment: dict[str, str]) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "web", env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        port = await asyncio.wait_for(_port(process), START_SECONDS)
        await asyncio.wait_for(_answering(f"http://127.0.0.1:{port}/health/live"), START_SECONDS)
        yield f"http://127.0.0.1:{port}"
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
