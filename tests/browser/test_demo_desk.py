"""The demo as a newcomer uses it: a customer asks, a person takes over in Slack, answers and settles it; then time is
moved on, and what is due happens."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

START_SECONDS = 240  # with a language model that has to be trained first
PATIENCE = 60_000  # milliseconds
HAPPENS_WITHIN = 5_000  # after the clock was moved: jobs look every few seconds
PRESSES = 3
QUARTER, HOUR, MORNING = "+15 min", "+1 godz.", "do 8:00 rano"


@pytest.fixture(scope="module")
async def demo() -> AsyncIterator[str]:
    """`supportbot demo` as a process of its own, on a free port; the page's address. One for all stories."""
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


async def _opened(browser: Browser, url: str) -> Page:
    page = await browser.new_page(viewport={"width": 1680, "height": 1000})
    page.set_default_timeout(PATIENCE)
    await page.goto(f"{url}/?lang=pl")
    return page


async def test_a_customer_is_handed_over_answered_and_settled(demo: str, browser: Browser, screenshots: Path) -> None:
    page = await _opened(browser, demo)
    await _customer_asks(page)
    await page.screenshot(path=screenshots / "desk-1-queued.png")
    await _agent_takes_over(page)
    await page.screenshot(path=screenshots / "desk-2-taken.png")
    await _agent_answers(page)
    await page.screenshot(path=screenshots / "desk-3-answered.png")
    await _agent_settles(page)
    await page.screenshot(path=screenshots / "desk-4-settled.png")


async def test_time_moved_on_brings_alert_update_reminder_survey_and_recovery(
    demo: str, browser: Browser, screenshots: Path
) -> None:
    """Begun in the morning, whatever time it is where the test runs; on a holiday what is due comes a day later."""
    page = await _opened(browser, demo)
    await _move_on(page, MORNING)
    await page.get_by_text("Marek", exact=True).first.click()
    await _customer_asks(page)
    await _until(page, page.get_by_text("jeszcze czeka, bo nikt").first, *[QUARTER] * 3, *[MORNING, HOUR] * 3)
    await _open_thread(page)
    await _until(page, page.get_by_text(re.compile("Zbliża się termin|Termin minął")).first, *[QUARTER] * 4)
    await page.screenshot(path=screenshots / "time-1-alert-and-update.png")
    await _take_over(page)
    await _agent_says(page, "Sprawdzam to.")
    await _wait_for_customer(page)
    await _until(page, page.get_by_text("Przypominamy o sprawie").first, *[MORNING] * 6, HOUR)
    await page.screenshot(path=screenshots / "time-2-reminder.png")
    await _agent_settles(page)
    await _until(page, page.get_by_text("Jak poszło ze zgłoszeniem").first, QUARTER, QUARTER, MORNING, HOUR)
    await page.screenshot(path=screenshots / "time-3-survey.png")
    await _press(
        page.get_by_role("button", name=re.compile("^1 ")).last, page.get_by_text("Przykro mi, że tak wyszło.")
    )
    await expect(page.get_by_text(re.compile("Ocena 1 na 5")).first).to_be_visible(timeout=PATIENCE)
    await page.screenshot(path=screenshots / "time-4-recovery.png")


async def _move_on(page: Page, by: str) -> None:
    await page.get_by_role("button", name=f"Przesuń zegar: {by}").click()


async def _until(page: Page, seen: Locator, *moves: str) -> None:
    """The clock moved on by one after the other until it is seen."""
    for move in moves:
        await _move_on(page, move)
        try:
            await expect(seen).to_be_visible(timeout=HAPPENS_WITHIN)
        except AssertionError:
            continue
        return
    await expect(seen).to_be_visible()


async def _open_thread(page: Page) -> None:
    await _press(page.get_by_text(re.compile(r"\d+ odpowied")).last, page.get_by_placeholder("Odpowiedz w wątku"))


async def _press(button: Locator, then: Locator) -> None:
    """A press that meets a post while it is drawn anew is lost, and made again, as anybody would."""
    for _ in range(PRESSES):
        await button.click()
        try:
            await expect(then).to_be_visible(timeout=HAPPENS_WITHIN)
        except AssertionError:
            continue
        return
    await expect(then).to_be_visible()


async def _take_over(page: Page) -> None:
    await _press(page.get_by_role("button", name="Przejmij").last, page.get_by_text("tu Ola z obsługi klienta"))


async def _agent_says(page: Page, words: str) -> None:
    box = page.get_by_placeholder("Odpowiedz w wątku")
    await box.fill(words)
    await box.press("Enter")
    await expect(page.get_by_text(words)).to_have_count(2, timeout=PATIENCE)


async def _wait_for_customer(page: Page) -> None:
    await page.locator("select:visible").last.select_option(label="Czekamy na…")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("Na kogo czekamy")).to_be_visible(timeout=PATIENCE)
    await dialog.locator("textarea").first.fill("numer zamówienia")
    await dialog.get_by_role("button", name="Gotowe").click()
    await expect(page.get_by_text("potrzebujemy od Ciebie").first).to_be_visible(timeout=PATIENCE)


async def _customer_asks(page: Page) -> None:
    box = page.locator("textarea:visible").first
    await box.fill("moja paczka nie dotarła, chcę rozmawiać z człowiekiem")
    await box.press("Enter")
    await expect(page.get_by_text("sprawa ma numer")).to_be_visible(timeout=PATIENCE)


async def _agent_takes_over(page: Page) -> None:
    await page.get_by_text("Ola", exact=True).first.click()
    await _take_over(page)


async def _agent_answers(page: Page) -> None:
    await _open_thread(page)
    await expect(page.get_by_text("Ola przejmuje rozmowę").first).to_be_visible(timeout=PATIENCE)
    box = page.get_by_placeholder("Odpowiedz w wątku")
    await box.fill("Sprawdziłam: kurier będzie dziś po południu.")
    await box.press("Enter")
    phone = page.get_by_text("Sprawdziłam: kurier będzie dziś po południu.")
    await expect(phone).to_have_count(2, timeout=PATIENCE)  # in the thread, and on the customer's phone


async def _agent_settles(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    settled = page.get_by_role("button", name="Załatwione…", exact=True).last
    await _press(settled, dialog.get_by_text("Jak się skończyło"))
    await dialog.locator("select").first.select_option(label="Wyjaśnione")
    await dialog.get_by_role("button", name=re.compile("Gotowe|Zakończ")).click()
    await expect(page.get_by_text("jest załatwione").first).to_be_visible(timeout=PATIENCE)
