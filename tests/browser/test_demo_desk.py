"""The demo as a newcomer uses it: a customer asks, a person takes over in Slack, answers and settles it."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, expect

START_SECONDS = 240  # with a language model that has to be trained first
PATIENCE = 20_000  # milliseconds


@asynccontextmanager
async def demo() -> AsyncIterator[str]:
    """`supportbot demo` as a process of its own, on a free port; the page's address."""
    command = [sys.executable, "-m", "bot", "demo", "--port", "0"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        yield await asyncio.wait_for(_address(process), START_SECONDS)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    said = ""
    async for line in process.stdout:
        said += line.decode()
        if found := re.search(r"ready: (http://127\.0\.0\.1:\d+)", said):
            return found[1]
    raise AssertionError(f"the demo ended: {said[-2000:]}")


async def test_a_customer_is_handed_over_answered_and_settled(browser: Browser, screenshots: Path) -> None:
    async with demo() as url:
        page = await browser.new_page(viewport={"width": 1680, "height": 1000})
        page.set_default_timeout(PATIENCE)
        await page.goto(f"{url}/?lang=pl")
        await _customer_asks(page)
        await page.screenshot(path=screenshots / "desk-1-queued.png")
        await _agent_takes_over(page)
        await page.screenshot(path=screenshots / "desk-2-taken.png")
        await _agent_answers(page)
        await page.screenshot(path=screenshots / "desk-3-answered.png")
        await _agent_settles(page)
        await page.screenshot(path=screenshots / "desk-4-settled.png")


async def _customer_asks(page: Page) -> None:
    box = page.locator("textarea:visible").first
    await box.fill("moja paczka nie dotarła, chcę rozmawiać z człowiekiem")
    await box.press("Enter")
    await expect(page.get_by_text("sprawa ma numer")).to_be_visible(timeout=PATIENCE)


async def _agent_takes_over(page: Page) -> None:
    await page.get_by_text("Ola", exact=True).first.click()
    await page.get_by_role("button", name="Przejmij").click()
    await expect(page.get_by_text("tu Ola z obsługi klienta")).to_be_visible(timeout=PATIENCE)


async def _agent_answers(page: Page) -> None:
    await page.get_by_text(re.compile(r"\d+ odpowied")).first.click()
    await expect(page.get_by_text("Ola przejmuje rozmowę").first).to_be_visible(timeout=PATIENCE)
    box = page.get_by_placeholder("Odpowiedz w wątku")
    await box.fill("Sprawdziłam: kurier będzie dziś po południu.")
    await box.press("Enter")
    phone = page.get_by_text("Sprawdziłam: kurier będzie dziś po południu.")
    await expect(phone).to_have_count(2, timeout=PATIENCE)  # in the thread, and on the customer's phone


async def _agent_settles(page: Page) -> None:
    await page.get_by_role("button", name="Załatwione").first.click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("Jak się skończyło")).to_be_visible(timeout=PATIENCE)
    await dialog.locator("select").first.select_option(label="Wyjaśnione")
    await dialog.get_by_role("button", name=re.compile("Gotowe|Zakończ")).click()
    await expect(page.get_by_text("jest załatwione").first).to_be_visible(timeout=PATIENCE)
