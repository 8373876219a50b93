"""A page of the console as somebody has it open, in one of its languages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page, expect

from handlers.texts import Texts
from storage import training
from tests.browser.console_site import Site, faults


@dataclass(frozen=True)
class Desk:
    """An open page of the console; `says` are its words."""

    site: Site
    page: Page
    says: Texts
    screenshots: Path

    async def go(self, address: str) -> None:
        await self.page.goto(f"{self.site.url}/console/{address}")
        await expect(self.page.locator("h1").first).to_be_visible()

    async def press(self, key: str) -> None:
        await self.page.get_by_role("button", name=self.says(key), exact=True).click()

    async def is_told(self, words: str) -> None:
        await expect(self.page.locator(".board")).to_contain_text([words])

    async def snap(self, name: str) -> None:
        """Also without anything that keeps somebody from using the page as it is now."""
        path = self.screenshots / f"console-{self.says.language}-{name}.png"
        await self.page.screenshot(path=path, full_page=True)
        found = await faults(self.page)
        assert found == [], found

    async def examples(self, intent: str) -> set[str]:
        async with self.site.database() as database, database.reading() as session:
            return {one.text for one in await training.examples(session, intent)}
