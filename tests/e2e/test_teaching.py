"""A sentence is misread in Telegram, corrected in Slack, accepted, trained and released: then it is understood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.settings import ROOT
from handlers import releases, reviews
from handlers.content_transfer import seed
from storage import training
from storage.database import Database
from storage.releases import ReleaseStatus
from storage.reviews import ReviewItem, ReviewStatus
from storage.training import Source
from tests.bot_under_test import MONDAY_NOON
from tests.desk.desk_rig import DeskRig, open_desk
from tests.fakes import FakeNLU

MISREAD = "czy jak mi się odwidzi, to oddacie kasę za lampę?"


@pytest.fixture
async def rig(database: Database, nlu: FakeNLU, tmp_path: Path) -> AsyncIterator[DeskRig]:
    async with database.transaction() as session:
        await seed(session, ROOT / "nlu_data", MONDAY_NOON)
    async with open_desk(database, nlu, tmp_path) as opened:
        yield opened


async def train(rig: DeskRig) -> int:
    """As a worker does it, with a stand-in for the training: it knows every example word for word."""
    async with rig.database.transaction() as session:
        release = await releases.start(session, "admin:ewa", rig.clock(), ROOT / "nlu_data")
        for example in await training.examples(session):
            if example.source == Source.REVIEW:
                rig.nlu.teach(example.text, example.intent, 0.97, language=example.language)
        release.model = "trained"
        releases.is_compared(release, {"live_model": ""}, [], rig.clock())
        return release.id


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_an_agent_corrects_is_understood_after_the_next_release(rig: DeskRig) -> None:
    rig.nlu.teach(MISREAD, "opening_hours", 0.9)
    rig.customer().types(MISREAD)
    await rig.quiet()
    assert "14 dni" not in rig.heard()[-1]
    number = await rig.asks_for_a_person()

    await rig.presses(rig.ola, number, "wrong_topic")
    form = await rig.form(rig.ola)
    choice = next(block for block in form["blocks"] if block.get("block_id") == "intent")
    options = [one["value"] for one in choice["element"]["options"]]
    await rig.submits(rig.ola, intent=next(one for one in options if one.startswith("return_policy@")))
    await rig.quiet()

    [item] = await rig.all(select(ReviewItem))
    async with rig.database.transaction() as session:
        await reviews.label(session, [item.id], item.suggested, "admin:ewa", rig.clock(), {item.id: item.version})
    release_id = await train(rig)
    assert not any("Bot już to umie" in line for line in rig.lines(number))
    async with rig.database.transaction() as session:
        release = await releases.go_live(session, release_id, "admin:ewa", rig.clock())
        assert release.status == ReleaseStatus.LIVE
    await rig.quiet()

    [item] = await rig.all(select(ReviewItem))
    assert (item.status, item.release_id) == (ReviewStatus.LIVE, release_id)
    [told] = [line for line in rig.lines(number) if "Bot już to umie" in line]
    assert MISREAD in told
    rig.customer("Marek").types(MISREAD)
    await rig.quiet()
    assert "14 dni" in rig.heard("Marek")[-1]
