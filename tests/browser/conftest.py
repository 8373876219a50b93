"""A real browser. Screenshots go to `var/screenshots` (or `SCREENSHOTS`), to be looked at after a run."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from handlers.texts import LANGUAGES, Catalogue
from tests.browser.console_site import PATIENCE, Site, open_site
from tests.browser.open_console import Desk

ROOT = Path(__file__).parent.parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
NO_BROWSER = "no Chromium: install your system's package (apt-get install chromium), or name one with CHROMIUM=/path"

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A missing browser is a failure: what nobody has looked at is not tested."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail(NO_BROWSER)
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        await started.close()


@pytest.fixture(scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """The console, for all files that want one."""
    async with open_site(tmp_path_factory.mktemp("console")) as opened:
        yield opened


@pytest.fixture(scope="session")
def screenshots() -> Path:
    folder = Path(os.environ.get("SCREENSHOTS") or ROOT / "var" / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(params=LANGUAGES)
async def desk(request: pytest.FixtureRequest, browser: Browser, site: Site, screenshots: Path) -> AsyncIterator[Desk]:
    """An open page of the console, in each language."""
    page = await site.signed_in(browser, request.param)
    yield Desk(site, page, Catalogue()[request.param], screenshots)
    await page.context.close()
