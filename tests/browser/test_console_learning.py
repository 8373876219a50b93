"""What an editor teaches the bot with, in a real browser and in both languages: inbox, intents, answers, try it,
releases."""

from __future__ import annotations

import re

from playwright.async_api import expect
from sqlalchemy import delete

from storage import releases, training
from storage.releases import UNFINISHED
from storage.reviews import ReviewItem, ReviewStatus
from tests.browser.console_data import TO_LABEL, compared, put_aside
from tests.browser.open_console import Desk

KNOWN = "Gdzie jest teraz moja przesyłka?"
"""An example of track_order."""


async def test_messages_are_labelled_with_nothing_but_the_keyboard(desk: Desk) -> None:
    async with desk.site.database() as database, database.transaction() as session:
        await session.execute(delete(ReviewItem).where(ReviewItem.status == ReviewStatus.OPEN))
        await put_aside(session)
    await desk.go("inbox")
    says, page, keys = desk.says, desk.page, desk.page.keyboard
    await expect(page.get_by_text(says.plural("console.inbox.waiting", len(TO_LABEL)))).to_be_visible()
    boxes = page.locator(".review input")
    await expect(page.locator(".review").first).to_contain_text(says.plural("console.inbox.alike", 3))
    await keys.press("j")
    await expect(boxes.nth(0)).to_be_focused()
    for key in ("x", "j", "j", "k", "x", "l"):
        await keys.press(key)
    await expect(page.locator("[name=intent]")).to_be_focused()
    await keys.type("track_order")
    await desk.snap("inbox-ticked")
    ticked = {text for _, _, text, _ in TO_LABEL[:4]}
    new = len(ticked - await desk.examples("track_order"))
    await keys.press("Enter")
    await desk.is_told(says("console.inbox.labelled", count=4, intent="track_order", new=new))
    assert ticked <= await desk.examples("track_order")
    await expect(page.locator(".review").first).to_contain_text("can you put my company's number on the bill")
    await expect(boxes.nth(0)).to_be_focused()
    for key in ("j", "j"):
        await keys.press(key)
    await expect(boxes.nth(2)).to_be_focused()
    await keys.press("d")
    await desk.is_told(says.plural("console.inbox.dismissed", 1))
    await expect(page.get_by_text("asdf")).to_have_count(0)
    await expect(boxes.nth(1)).to_be_focused()
    await keys.press("k")
    await keys.press("l")
    await keys.type("no_such_intent")
    await keys.press("Enter")
    await desk.is_told(says("console.refused.intent_unknown", name="no_such_intent"))
    await expect(boxes).to_have_count(2)


async def test_a_suggested_intent_stands_in_the_field_already(desk: Desk) -> None:
    async with desk.site.database() as database, database.transaction() as session:
        await session.execute(delete(ReviewItem).where(ReviewItem.status == ReviewStatus.OPEN))
        await put_aside(session)
    await desk.go("inbox?why=wrong_topic")
    for key in ("j", "l"):
        await desk.page.keyboard.press(key)
    await expect(desk.page.locator("[name=intent]")).to_have_value("track_order")
    await desk.page.keyboard.press("Escape")
    await expect(desk.page.locator(".review input")).to_be_focused()


async def test_an_example_is_checked_as_it_is_typed_added_and_taken_back(desk: Desk) -> None:
    await desk.go("intents/newsletter")
    says, page = desk.says, desk.page
    typed = page.locator("textarea[name=text]")
    await typed.press_sequentially(KNOWN.lower())
    told = says("console.intents.like_conflict", intent="track_order")
    await expect(page.locator(".likes")).to_contain_text(f"{told}: „{KNOWN}”")
    await desk.snap("intent-conflict")
    new = f"piszcie do mnie, gdy coś potanieje ({says.language})"
    await typed.fill(new)
    await expect(page.locator(".likes")).not_to_contain_text(told)
    await desk.press("console.intents.add_examples")
    await desk.is_told(says("console.saved"))
    await expect(page.get_by_role("checkbox", name=new)).to_be_visible()
    assert new in await desk.examples("newsletter")
    await expect(typed).to_have_value("")
    await page.get_by_role("button", name=says("console.undo"), exact=True).first.click()
    await expect(page.get_by_role("checkbox", name=new)).to_have_count(0)
    assert new not in await desk.examples("newsletter")


async def test_an_answer_is_edited_in_both_languages_previewed_and_saved(desk: Desk) -> None:
    await desk.go("answers/newsletter")
    says, page = desk.says, desk.page
    await page.locator("[name=pl]").fill(f"**Raz w tygodniu** ({says.language}): [zapisz się](https://sklep.example/n)")
    await page.locator("[name=en]").fill(f"**Once a week** ({says.language}): [sign up](https://sklep.example/n)")
    await desk.press("console.answers.preview")
    await expect(page.locator(".bubble b").first).to_have_text("Raz w tygodniu")
    await expect(page.locator(".bubble strong").last).to_have_text("Once a week")
    await desk.snap("answer-preview")
    await desk.press("console.save")
    await desk.is_told(says("console.saved"))
    async with desk.site.database() as database, database.reading() as session:
        body = next(one.body for one in await training.answers(session) if one.key == "newsletter")
    assert body["wordings"]["en"] == [f"**Once a week** ({says.language}): [sign up](https://sklep.example/n)"]
    await page.locator("summary").first.click()
    await expect(page.locator("details .difference").first).to_contain_text(f"Once a week** ({says.language})")
    await page.locator("[name=en]").fill("Write to {nobody}.")
    await desk.press("console.save")
    await desk.is_told(says("console.answers.wrong"))
    problem = f"{says('console.answers.variant_en')}: {says('console.mistake.variable', value='{nobody}')}"
    await expect(page.get_by_text(problem)).to_be_visible()


async def test_a_sentence_is_tried(desk: Desk) -> None:
    await desk.go("try")
    words = {"pl": "ile dni na zwrot ZAM-20481", "en": "how many days for a return ZAM-20481"}
    weighty = {"pl": "zwrot", "en": "return"}
    await desk.page.keyboard.type(words[desk.says.language])  # the field has the focus already
    await desk.press("console.try.read")
    first = desk.page.locator("tbody tr").first
    await expect(first).to_contain_text("return_policy")
    await expect(first).to_contain_text("94%")
    weights = {}
    for one in await desk.page.locator(".weight").all():
        text = await one.inner_text()
        weights[re.split(r"\s", text)[0]] = int(re.sub(r"[^\d-]", "", text.split()[-1]))
    assert max(weights, key=weights.__getitem__) == weighty[desk.says.language]
    await expect(desk.page.get_by_text("order_number: ZAM-20481")).to_be_visible()
    reply = desk.page.locator("section", has=desk.page.get_by_role("heading", name=desk.says("console.try.reply")))
    await expect(reply).to_contain_text({"pl": "14 dni", "en": "14 days"}[desk.says.language])
    await desk.snap("tried")


async def test_a_release_is_held_back_let_through_for_a_reason_and_rolled_back(desk: Desk) -> None:
    await desk.go("releases")
    says, page = desk.says, desk.page
    await desk.press("console.releases.train")
    await expect(page.locator("progress")).to_be_visible()
    await desk.snap("release-training")
    async with desk.site.database() as database, database.transaction() as session:
        release = await releases.one_with(session, *UNFINISHED)
        assert release is not None
        release.model = f"console-{release.id}"
        await compared(session, release)
    await page.get_by_role("link", name=f"#{release.id}").click()
    await expect(page.get_by_role("heading", name=says("console.releases.blocked"))).to_be_visible()
    await page.get_by_role("link", name=re.compile(says("console.verdict.worse"))).click()
    await expect(page.get_by_text("do kiedy mogę zwrócić krzesło")).to_be_visible()
    await expect(page.get_by_text("ile kosztuje dostawa")).to_have_count(0)
    await page.get_by_label(says("console.releases.sure")).check()
    await desk.press("console.releases.go_live")
    await desk.is_told(says("console.refused.blocked"))
    await page.get_by_label(says("console.releases.reason")).fill("Returns are explained on the shop's page.")
    await desk.snap("release-blocked")
    await desk.press("console.releases.go_live")
    await expect(page.get_by_text("Returns are explained on the shop's page.")).to_be_visible()
    await desk.go("releases")
    await page.get_by_label(says("console.releases.sure_back")).check()
    await desk.press("console.releases.roll_back")
    await desk.is_told(says("console.releases.rolled_back"))
    await expect(page.get_by_role("cell", name=says("console.release_status.rolled_back")).first).to_be_visible()
    await desk.snap("release-rolled-back")
