"""A release on record: ordered once, held to its reasons, shared, put live, taken back, and told of afterwards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import releases
from handlers.release_gate import Fault, Reason
from storage import releases as stored
from storage.conversations import Author, Conversation, Message
from storage.customers import Customer
from storage.database import Database
from storage.releases import Release, ReleaseStatus
from tests.bot_under_test import MONDAY_NOON
from tests.handlers.living import seeded

BLOCK = Reason(Fault.INTENT, "loyalty", 0.9, 0.5)
LATER = MONDAY_NOON + timedelta(hours=1)


async def candidate(session: AsyncSession, model: str, live: str, *blocked: Reason) -> Release:
    """One that was trained and compared with `live`."""
    release = Release(data_digest="d", model=model, started_by="kasia", started_at=MONDAY_NOON, blocked=[])
    session.add(release)
    await session.flush()
    releases.is_compared(release, {"live_model": live}, blocked, MONDAY_NOON)
    return release


async def live_model(session: AsyncSession) -> str | None:
    standing = await releases.standing(session)
    return standing.live.model if standing.live else None


async def test_only_one_is_trained_at_a_time_and_only_from_living_data(database: Database, tmp_path: Path) -> None:
    async with database.transaction() as session:
        with pytest.raises(releases.NoLivingData):
            await releases.start(session, "kasia", MONDAY_NOON, tmp_path)
    folder = await seeded(database, tmp_path)
    async with database.transaction() as session:
        await releases.start(session, "kasia", MONDAY_NOON, folder)
        with pytest.raises(releases.AlreadyTraining):
            await releases.start(session, "ola", MONDAY_NOON, folder)


async def test_a_release_whose_workers_die_is_taken_up_again_but_not_for_ever(
    database: Database, tmp_path: Path
) -> None:
    folder = await seeded(database, tmp_path)
    async with database.transaction() as session:
        ordered = (await releases.start(session, "kasia", MONDAY_NOON, folder)).id
    for attempt in range(1, releases.MOST_ATTEMPTS + 1):
        async with database.transaction() as session:
            taken = await releases.take_up(session)
            assert taken is not None
            assert (taken.id, taken.attempts) == (ordered, attempt)
    async with database.transaction() as session:
        assert await releases.held(session, ordered, releases.MOST_ATTEMPTS - 1) is None
        assert await releases.held(session, ordered, releases.MOST_ATTEMPTS) is not None
        assert await releases.take_up(session) is None
        failed = await session.get_one(Release, ordered)
        assert failed.status == ReleaseStatus.FAILED
        assert failed.error


async def test_what_speaks_against_it_keeps_it_back_until_somebody_gives_a_reason(database: Database) -> None:
    async with database.transaction() as session:
        one = await candidate(session, "new", "shipped", BLOCK)
        for reason in (None, "", "  "):
            with pytest.raises(releases.Blocked) as refused:
                await releases.go_live(session, one.id, "kasia", LATER, override_reason=reason)
            assert refused.value.reasons == (BLOCK,)
        assert await live_model(session) is None
        await releases.go_live(session, one.id, "kasia", LATER, override_reason="loyalty ends on Friday")
        assert (one.override_by, one.override_reason) == ("kasia", "loyalty ends on Friday")
        assert await live_model(session) == "new"


async def test_one_compared_with_what_is_not_live_any_more_has_to_be_trained_anew(database: Database) -> None:
    async with database.transaction() as session:
        first = await candidate(session, "first", "shipped")
        second = await candidate(session, "second", "shipped")
        await releases.go_live(session, first.id, "kasia", LATER)
        with pytest.raises(releases.Blocked) as refused:
            await releases.go_live(session, second.id, "kasia", LATER)
        assert [reason.fault for reason in refused.value.reasons] == [Fault.STALE]


async def test_each_rollback_goes_one_step_back_down_to_what_was_shipped(database: Database) -> None:
    async with database.transaction() as session:
        for model, before in (("first", "shipped"), ("second", "first")):
            await releases.go_live(session, (await candidate(session, model, before)).id, "kasia", LATER)
        for model in ("first", "shipped"):
            back = await releases.rollback(session, "ola", LATER)
            assert (back.model, back.is_rollback, back.started_by) == (model, True, "ola")
            assert await live_model(session) == model
        with pytest.raises(releases.NothingToRollBack):
            await releases.rollback(session, "ola", LATER)


async def test_a_share_is_begun_widened_and_ended_while_the_live_one_stays(database: Database) -> None:
    async with database.transaction() as session:
        one = await candidate(session, "new", "shipped")
        for bad in (0.0, 1.01, -1.0):
            with pytest.raises(releases.BadShare):
                await releases.go_live(session, one.id, "kasia", LATER, share=bad)
        await releases.go_live(session, one.id, "kasia", LATER, share=0.1)
        await releases.go_live(session, one.id, "kasia", LATER, share=0.5)
        assert (one.status, one.share) == (ReleaseStatus.PARTLY, 0.5)
        await releases.rollback(session, "kasia", LATER)
        assert (one.status, one.share) == (ReleaseStatus.CANDIDATE, 0.0)
        await releases.go_live(session, one.id, "kasia", LATER, share=0.5)
        await releases.go_live(session, one.id, "kasia", LATER)
        standing = await releases.standing(session)
        assert (standing.live, standing.partly) == (one, None)


async def test_files_of_models_are_kept_as_long_as_one_may_go_back_to_them(database: Database) -> None:
    async with database.transaction() as session:
        before = "shipped"
        for number in range(8):
            model = f"m{number}"
            await releases.go_live(session, (await candidate(session, model, before)).id, "kasia", LATER)
            before = model
        assert await stored.models_done_with(session, 5, releases.SHIPPED) == {"m0", "m1", "m2"}
        assert await stored.models_done_with(session, 0, releases.SHIPPED) == {f"m{number}" for number in range(6)}


async def test_any_past_reply_can_be_explained_by_the_release_that_was_live_then(database: Database) -> None:
    async with database.transaction() as session:
        for model, before in (("first", "shipped"), ("second", "first")):
            await releases.go_live(session, (await candidate(session, model, before)).id, "kasia", MONDAY_NOON)
        customer = Customer(created_at=MONDAY_NOON)
        session.add(customer)
        await session.flush()
        chat = Conversation(customer_id=customer.id, channel="local", chat_id="anna", created_at=MONDAY_NOON)
        session.add(chat)
        await session.flush()
        said = Message(
            conversation_id=chat.id, author=Author.BOT, text="14 days", correlation_id="c", intent="return_policy",
            confidence=0.97, model="first", answer="return_policy", answer_version="ab12", created_at=LATER,
        )  # fmt: skip
        session.add(said)
        await session.flush()
        found = await releases.explain(session, said.id)
        assert found is not None
        assert (found.intent, found.model, found.answer, found.answer_version) == (
            "return_policy", "first", "return_policy", "ab12",
        )  # fmt: skip
        assert found.release is not None
        assert found.release.model == "first"
        assert await releases.explain(session, said.id + 1) is None
