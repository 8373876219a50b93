"""A release whose worker dies, or that cannot be made: taken up by the next worker, or ended with the reason."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from bot.nlu_remote import NLURemote
from bot.release_making import ReleaseMaking, Workshop
from bot.settings import ROOT
from handlers import releases
from handlers.bands import Bands, Thresholds
from handlers.content import Content
from handlers.desk import Desk
from storage.database import Database
from storage.releases import Release, ReleaseStatus
from tests.bot_under_test import CATALOGUES, MONDAY_NOON
from tests.handlers.living import seeded


class StandIn(NLURemote):
    """Says which model it has: none, or never."""

    def __init__(self, *, is_silent: bool = False) -> None:
        self.asked, self._is_silent = asyncio.Event(), is_silent

    async def model_name(self) -> str | None:
        self.asked.set()
        if self._is_silent:
            await asyncio.Event().wait()
        return None


@pytest.fixture
async def ordered(database: Database, tmp_path: Path) -> int:
    await seeded(database, tmp_path)
    async with database.transaction() as session:
        return (await releases.start(session, "kasia", MONDAY_NOON, ROOT / "nlu_data")).id


async def release(database: Database, number: int) -> Release:
    async with database.reading() as session:
        return await session.get_one(Release, number)


async def test_a_release_whose_worker_was_killed_is_begun_anew_by_the_next_and_says_why_it_cannot_be_made(
    database: Database, content: Content, ordered: int, tmp_path: Path
) -> None:
    desk = Desk(content, CATALOGUES["ty"], Thresholds({"pl": Bands(act=0.8, ask=0.4)}), has_orders=False)

    def making(remote: NLURemote) -> ReleaseMaking:
        workshop = Workshop(ROOT / "nlu_data", tmp_path, replayed=10, niceness=0)
        return ReleaseMaking(database, lambda: desk, lambda: MONDAY_NOON, workshop, remote)

    silent = StandIn(is_silent=True)
    killed = asyncio.create_task(making(silent).make_next())
    await silent.asked.wait()
    killed.cancel()
    with suppress(asyncio.CancelledError):
        await killed
    left = await release(database, ordered)
    assert (left.status, left.attempts) == (ReleaseStatus.TRAINING, 1)

    await making(StandIn()).make_next()
    ended = await release(database, ordered)
    assert (ended.status, ended.attempts, ended.progress) == (ReleaseStatus.FAILED, 2, None)
    assert ended.error == "the language server does not say which model it has"
    assert ended.ended_at == MONDAY_NOON
