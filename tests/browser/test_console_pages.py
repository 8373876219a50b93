"""The console in a real browser, in both languages: at the door, each page's main job, with the keyboard, read out."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from storage.admins import AdminSession
from tests.browser.console_data import fail_one
from tests.browser.console_site import Site, faults
from tests.browser.open_console import Desk

ALL = (
    "inbox", "intents", "intents/track_order", "answers", "answers/return_policy", "try", "releases", "releases/1",
    "quality", "tickets", "tickets/1001", "outbox", "people", "people/1", "settings",
)  # fmt: skip
GUESSES = 12
SELECTED = """() => document.activeElement.tagName === "TEXTAREA" && document.activeElement.value.slice(
    document.activeElement.selectionStart, document.activeElement.selectionEnd) === 'undo_seconds: soon'"""
NARROW = 390


async def test_the_door_opens_for_the_right_password_only_and_not_for_guessing(
    browser: Browser, site: Site, screenshots: Path
) -> None:
    context = await browser.new_context(locale="pl-PL", viewport={"width": 1280, "height": 860})
    page = await context.new_page()
    await site.sign_in(page, "nie to hasło")
    await expect(page.get_by_role("alert")).to_have_text("Login lub hasło się nie zgadza.")
    assert await faults(page) == []
    await page.screenshot(path=screenshots / "console-login-wrong.png")
    for number in range(GUESSES):  # on a slow machine a guess may fall after the wait, which then is twice as long
        if "Za dużo prób" in await page.get_by_role("alert").inner_text():
            break
        await page.locator("[name=login]").fill("ktoś")
        await page.locator("[name=password]").fill(f"guess {number}")
        await page.locator("button[type=submit]").click()
    await expect(page.get_by_role("alert")).to_contain_text("Za dużo prób")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", name="Sign in to the console")).to_be_visible()
    await page.screenshot(path=screenshots / "console-login-en.png")
    await site.sign_in(page)
    await expect(page.get_by_role("navigation", name=re.compile("Strony konsoli"))).to_be_visible()
    cookies = {one["name"]: one for one in await context.cookies()}
    assert (cookies["console"]["httpOnly"], cookies["console"]["sameSite"]) == (True, "Strict")
    await context.close()


@pytest.mark.parametrize("language", ["pl", "en"])
async def test_every_page_can_be_used_by_everybody_on_wide_and_narrow_screens(
    browser: Browser, site: Site, screenshots: Path, language: str
) -> None:
    page = await site.signed_in(browser, language)
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    for address in ALL:
        await page.goto(f"{site.url}/console/{address}")
        await expect(page.locator("h1").first).to_be_visible()
        assert await page.evaluate("document.documentElement.lang") == language
        name = re.sub(r"\W+", "-", address)
        await page.screenshot(path=screenshots / f"console-{language}-{name}.png", full_page=True)
        assert await faults(page) == [], address
        await page.set_viewport_size({"width": NARROW, "height": 844})
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
        if language == "pl":
            await page.screenshot(path=screenshots / f"console-narrow-{name}.png", full_page=True)
        await page.set_viewport_size({"width": 1440, "height": 900})
    assert told == []
    await page.context.close()


async def test_a_ticket_is_found_and_read_with_the_keyboard(desk: Desk) -> None:
    page, says = desk.page, desk.says
    await page.goto(f"{desk.site.url}/console/tickets")
    await page.keyboard.press("Tab")
    await expect(page.get_by_text(says("console.skip"))).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_label(says("console.tickets.text"))).to_be_focused()
    await page.keyboard.type("1001")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="#1001").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=re.compile("#1001"))).to_be_visible()
    await expect(page.get_by_text("anna.nowak@example.com")).to_have_count(0)
    await page.get_by_role("button", name=says("console.tickets.unmask")).press("Enter")
    await expect(page.get_by_text("anna.nowak@example.com").first).to_be_visible()


async def test_a_failed_message_is_sent_again(desk: Desk) -> None:
    async with desk.site.database() as database, database.transaction() as session:
        await fail_one(session)
    page, says = desk.page, desk.says
    await desk.go("outbox")
    await expect(page.get_by_text("chat not found")).to_be_visible()
    await page.get_by_role("checkbox", name=re.compile(says("console.outbox.pick_one", id=""))).check()
    await desk.press("console.outbox.send")
    await desk.is_told(says("console.outbox.sent", count=1))
    await expect(page.get_by_text("chat not found")).to_have_count(0)
    await desk.snap("outbox-sent")


async def test_an_agent_is_put_on_the_list_and_what_was_typed_survives_a_refusal(desk: Desk) -> None:
    page, says, add = desk.page, desk.says, desk.says("console.people.add")
    name = {"pl": "Piotr", "en": "Iga"}[says.language]
    await desk.go("people")
    await page.get_by_text(add).first.click()
    form = page.locator("form", has=page.locator("[name=load_cap]"))
    await form.locator("[name=name]").fill(name)
    await form.locator("[name=email]").fill("ola@acme.example")
    await form.locator("[name=schedule]").fill("mon-fri 8:00-16:00")
    await form.get_by_role("button", name=add).click()
    await desk.is_told(says("console.refused.agent_taken"))
    assert await form.locator("[name=schedule]").input_value() == "mon-fri 8:00-16:00"
    await desk.snap("people-refused")
    await form.locator("[name=email]").fill(f"{name.lower()}@acme.example")
    await form.get_by_role("button", name=add).click()
    await desk.is_told(says("console.people.added", name=name))
    await expect(page.get_by_role("link", name=name)).to_be_visible()


async def test_a_setting_is_refused_at_its_line_and_counts_once_it_is_right(desk: Desk) -> None:
    page, says, kept = desk.page, desk.says, desk.site.content / "desk.yml"
    await desk.go("settings?file=desk.yml")
    area = page.get_by_label(says("console.settings.text", file="desk.yml"))
    text = await area.input_value()
    [before] = [line for line in text.splitlines() if line.startswith("undo_seconds: ")]
    after = f"undo_seconds: {int(before.split()[1]) + 1}"
    await area.fill(text.replace(before, "undo_seconds: soon"))
    await desk.press("console.save")
    line = says("console.settings.line", line=text.splitlines().index(before) + 1)
    await expect(page.get_by_text(re.compile(rf"{line}: undo_seconds"))).to_be_visible()
    await page.wait_for_function(SELECTED)
    await desk.snap("settings-wrong")
    assert kept.read_text(encoding="utf-8") == text
    await area.fill(text.replace(before, after))
    await desk.press("console.save")
    await desk.is_told(says("console.settings.saved"))
    assert f"{after}\n" in kept.read_text(encoding="utf-8")
    await page.get_by_text(re.compile("· kasia")).first.click()
    await expect(page.get_by_text(f"+{after}").first).to_be_visible()
    await desk.snap("settings-saved")


async def test_two_at_the_same_file_lose_nothing(browser: Browser, site: Site) -> None:
    mine, theirs = await site.signed_in(browser), await site.signed_in(browser)
    for page, words in ((mine, "# mine\n"), (theirs, "# theirs\n")):
        await page.goto(f"{site.url}/console/settings?file=rhythm.yml")
        area = page.get_by_label(re.compile("Treść pliku"))
        await area.fill(words + await area.input_value())
    await theirs.get_by_role("button", name="Zapisz").click()
    await expect(theirs.get_by_role("status").get_by_text("Zapisane.")).to_be_visible()
    await mine.get_by_role("button", name="Zapisz").click()
    await expect(mine.get_by_text("+# theirs")).to_be_visible()
    assert (await mine.get_by_label(re.compile("Treść pliku")).input_value()).startswith("# mine\n")
    assert (site.content / "rhythm.yml").read_text(encoding="utf-8").startswith("# theirs\n")
    await mine.context.close()
    await theirs.context.close()


async def test_an_open_page_of_an_ended_session_says_so(browser: Browser, site: Site, screenshots: Path) -> None:
    page = await site.signed_in(browser)
    await page.goto(f"{site.url}/console/people")
    async with site.database() as database, database.transaction() as session:
        await session.execute(AdminSession.__table__.delete())
    await page.get_by_role("button", name="EN", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("Sesja wygasła, nic nie zostało zmienione.")
    await page.screenshot(path=screenshots / "console-ended.png")
    await page.get_by_role("link", name="Zaloguj się ponownie").click()
    await expect(page.get_by_role("button", name="Zaloguj się")).to_be_visible()
    await page.context.close()


async def test_another_site_reaches_neither_the_socket_nor_what_is_not_ours(site: Site) -> None:
    socket = f"{site.url}/_nicegui_ws/socket.io/?EIO=4"
    async with aiohttp.ClientSession() as http:
        for origin, status in (("https://evil.example", 403), ("null", 403), (site.url, 101)):
            try:
                async with http.ws_connect(f"{socket}&transport=websocket", headers={"Origin": origin}) as opened:
                    told = opened._response.status
            except aiohttp.WSServerHandshakeError as error:
                told = error.status
            assert told == status, origin
        async with http.get(f"{socket}&transport=polling", headers={"Origin": "https://evil.example"}) as answer:
            assert answer.status == 403
        async with http.get(f"{site.url}/wp-login.php") as answer:
            assert (answer.status, await answer.text()) == (404, "not found")
        async with http.get(f"{site.url}/health/live") as answer:
            assert answer.status == 200
