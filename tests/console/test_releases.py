"""Releases: one is ordered and followed, held back until there is a reason, put live for all or some, rolled back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from handlers import releases
from handlers.release_gate import Accuracy, Fault, Metrics, Reason
from storage import releases as stored
from storage import training
from storage.admins import Admin, AdminRole
from storage.database import Database
from storage.releases import Release, ReleaseStatus
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.console.console_rig import let_in, looking
from tests.handlers.living import seeded

BEFORE = Metrics({"pl": Accuracy(0.95, 400)}, {"return_policy": Accuracy(0.9, 20), "pricing": Accuracy(1.0, 20)})
AFTER = Metrics({"pl": Accuracy(0.9, 400)}, {"return_policy": Accuracy(0.55, 20), "pricing": Accuracy(1.0, 20)})
METRICS = {
    "live_model": "shipped",
    "before": BEFORE.as_json(),
    "after": AFTER.as_json(),
    "texts": 400,
    "train_s": 30.6,
    "compare_s": 12.0,
}
BLOCK = Reason(Fault.INTENT, "return_policy", 0.9, 0.55)
READ = {"intent": "return_policy", "confidence": 0.97, "band": "act", "reply": "answer:return_policy"}
REPLAYED = [
    {"text": "how long to return", "language": "en", "before": READ, "after": READ, "verdict": "same"},
    {"text": "can I give it back", "language": "en", "before": READ,
     "after": {**READ, "band": "unsure", "reply": "unsure"}, "verdict": "worse"},
]  # fmt: skip


@pytest.fixture
async def kasia(bot: BotUnderTest) -> Admin:
    return await let_in(bot.database, "kasia", AdminRole.ADMIN, bot.now)


async def candidate(database: Database, *blocked: Reason) -> int:
    async with database.transaction() as session:
        release = Release(data_digest="d", model="new", started_by="kasia", started_at=MONDAY_NOON, blocked=[])
        session.add(release)
        await session.flush()
        await stored.replace_replayed(session, release.id, [{**row, "message_id": None} for row in REPLAYED])
        release.replay = {"same": 1, "worse": 1}
        releases.is_compared(release, METRICS, blocked, MONDAY_NOON)
        return release.id


async def seen(database: Database, number: int) -> Any:
    async with database.reading() as session:
        return await session.get_one(Release, number)


async def test_a_release_is_ordered_and_its_progress_shown(bot: BotUnderTest, kasia: Admin, tmp_path: Path) -> None:
    await seeded(bot.database, tmp_path)
    async with looking(bot, kasia) as page:
        await page.user.open("/console/releases")
        assert page.sees("The model of the shipped content")
        await page.press("Train a release")
        assert page.sees("is being trained. You can leave this page.")
        assert page.sees("Waiting for a worker")
        assert [one.props["value"] for one in page.elements if one.tag == "progress"] == ["0"]
        assert not page.sees("Train a release")


async def test_what_speaks_against_it_is_shown_and_needs_a_reason(bot: BotUnderTest, kasia: Admin) -> None:
    number = await candidate(bot.database, BLOCK)
    async with looking(bot, kasia) as page:
        await page.user.open(f"/console/releases/{number}?verdict=worse")
        assert page.sees("90% before, 55% now")
        assert page.sees("Training 31 s, comparison 12 s, 43 s in all.")
        assert page.sees("can I give it back")
        assert page.sees("Not understood")
        assert not page.sees("how long to return")
        await page.send("go_live", share=["100"], reason=["a reason"])
        assert page.sees("Tick the box first")
        await page.send("go_live", share=["100"], reason=[""], sure=["yes"])
        assert page.sees("If it should all the same, give a reason")
        assert (await seen(bot.database, number)).status == ReleaseStatus.CANDIDATE
        await page.send("go_live", share=["100"], reason=["returns end on Friday"], sure=["yes"])
        assert page.sees("Let through by kasia: returns end on Friday")
    assert (await seen(bot.database, number)).status == ReleaseStatus.LIVE


async def test_a_share_is_begun_and_ended_by_a_rollback(bot: BotUnderTest, kasia: Admin) -> None:
    number = await candidate(bot.database)
    async with looking(bot, kasia) as page:
        await page.user.open(f"/console/releases/{number}")
        await page.send("go_live", share=["all"], sure=["yes"])
        assert page.sees("The share is a number from more than 0 to 100.")
        await page.send("go_live", share=["12,5"], sure=["yes"])
        assert page.sees("It answers 12.5% of the conversations")
        await page.user.open("/console/releases")
        assert page.sees(f"Release {number} answers 12.5% of the conversations.")
        await page.send("roll_back")
        assert page.sees("Tick the box first")
        await page.send("roll_back", sure=["yes"])
        assert page.sees("Rolled back.")
    assert (await seen(bot.database, number)).status == ReleaseStatus.CANDIDATE


async def test_borders_measured_on_a_live_model_are_taken_over(bot: BotUnderTest, kasia: Admin, tmp_path: Path) -> None:
    await seeded(bot.database, tmp_path)
    number = await candidate(bot.database)
    async with bot.database.transaction() as session:
        release = await session.get_one(Release, number)
        release.metrics = {**METRICS, "thresholds": {"pl": {"act": 0.99, "ask": 0.01}}}
    async with looking(bot, kasia) as page:
        await page.user.open(f"/console/releases/{number}")
        assert page.sees("the bot answers by itself")
        assert page.sees("99%")
        assert not page.sees("Use what was measured"), "they are not those of the model that answers"
        await page.send("go_live", share=["100"], sure=["yes"])
        async with bot.database.transaction() as session:
            (await session.get_one(Release, number)).status = ReleaseStatus.ENDED
        await page.send("take")
        assert page.sees("This release is not live any more, so the borders stay as they were.")
        async with bot.database.reading() as session:
            assert (await training.history(session, "thresholds", "pl"))[0].by != "admin:kasia"
        async with bot.database.transaction() as session:
            (await session.get_one(Release, number)).status = ReleaseStatus.LIVE
        await page.user.open(f"/console/releases/{number}")
        await page.send("take")
        assert page.sees("The new borders apply in a few seconds.")
    async with bot.database.reading() as session:
        bands = {row.language: (row.act, row.ask) for row in await training.thresholds(session)}
        assert bands["pl"] == (0.99, 0.01)
        assert (await training.history(session, "thresholds", "pl"))[0].by == "admin:kasia"
