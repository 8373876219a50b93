"""A release with the real Rasa: what was taught is understood after it, a planted regression is held back, and one step
back is at once."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.nlu_environment import DEFAULT_CONTENT
from bot.nlu_remote import NLURemote
from bot.nlu_server import NLUServer
from bot.nlu_share import NLUShare
from bot.rasa import RasaNLU
from bot.release_making import ReleaseMaking, Workshop
from bot.release_work import ReleaseWork
from handlers import releases
from handlers.bands import Bands, Thresholds
from handlers.content import Content
from handlers.content_transfer import seed
from handlers.desk import Desk
from handlers.release_gate import Fault, Verdict
from storage import releases as stored
from storage.conversations import Author, Conversation, Message
from storage.customers import Customer
from storage.database import Database
from storage.leadership import Leadership, Office
from storage.releases import Release, ReleaseStatus
from storage.reviews import ReviewItem, ReviewStatus, Why
from storage.training import TrainingExample
from tests.bot_under_test import CATALOGUES

KEPT = (
    "return_policy", "warranty_policy", "privacy_policy", "human_handoff", "out_of_scope", "greet", "opening_hours",
    "payment_methods", "newsletter",
)  # fmt: skip
SWAPPED = {"opening_hours": "payment_methods", "payment_methods": "opening_hours"}
TAUGHT = "kukuryku tere fere"
PAST = "o której otwieracie w sobotę? piszcie na anna@example.com"


@pytest.fixture
async def store(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "test.db")
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    yield database
    await database.dispose()


@pytest.fixture
async def small_content(store: Database, tmp_path: Path) -> Path:
    """A few intents, so that training takes seconds; two of them with each other's labels, and one taught anew."""
    folder = tmp_path / "content"
    skipped = shutil.ignore_patterns(".venv", "models", "__pycache__", ".*cache")
    shutil.copytree(DEFAULT_CONTENT, folder, ignore=skipped)
    for path in (folder / "intents").glob("*.yml"):
        if path.stem not in KEPT:
            path.unlink()
    now = datetime.now(UTC)
    async with store.transaction() as session:
        await seed(session, folder, now)
        for example in (await session.scalars(select(TrainingExample))).all():
            example.intent = SWAPPED.get(example.intent, example.intent)
        for number in range(5):
            text = f"{TAUGHT} {number}"
            session.add(TrainingExample(intent="newsletter", language="pl", text=text, added_by="kasia", added_at=now))
        await _past(session, now)
    return folder


async def _past(session: AsyncSession, now: datetime) -> None:
    """A customer's message, which somebody has labelled since."""
    customer = Customer(created_at=now)
    session.add(customer)
    await session.flush()
    chat = Conversation(customer_id=customer.id, channel="local", chat_id="anna", created_at=now)
    session.add(chat)
    await session.flush()
    said = Message(
        conversation_id=chat.id, author=Author.CUSTOMER, text=PAST, correlation_id="c", intent="opening_hours",
        language="pl", created_at=now,
    )  # fmt: skip
    session.add(said)
    await session.flush()
    session.add(
        ReviewItem(
            why=Why.CORRECTED,
            text=PAST,
            message_id=said.id,
            like="l",
            status=ReviewStatus.ACCEPTED,
            label="opening_hours",
            labelled_at=now,
            created_at=now,
        )
    )


async def test_a_planted_regression_is_held_back_and_an_override_can_be_taken_back(
    rasa_server: NLUServer, store: Database, small_content: Path, content: Content, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    shipped = Path(shutil.copy(rasa_server.model, models))
    thresholds = Thresholds({"pl": Bands(act=0.5, ask=0.3), "en": Bands(act=0.5, ask=0.3)})
    desk = Desk(content, CATALOGUES["ty"], thresholds, has_orders=False)
    async with httpx.AsyncClient() as client:
        nlu = RasaNLU(rasa_server.url, rasa_server.token, client)
        remote = NLURemote(rasa_server.url, rasa_server.token, client)
        workshop = Workshop(small_content, models, replayed=10, niceness=0)
        making = ReleaseMaking(store, lambda: desk, lambda: datetime.now(UTC), workshop, remote)
        office = Leadership(store, Office.RELEASES)
        work = ReleaseWork(store, making, workshop, remote, NLUShare(nlu, client), office)
        try:
            await _story(store, work, nlu, small_content)
            assert (await nlu.parse(TAUGHT, "1")).model == shipped.name.removesuffix(".tar.gz")
        finally:
            await rasa_server.load(rasa_server.model)


async def _story(store: Database, work: ReleaseWork, nlu: RasaNLU, folder: Path) -> None:
    before = await nlu.parse(TAUGHT, "1")
    assert before.best is None or before.best.name != "newsletter"
    async with store.transaction() as session:
        number = (await releases.start(session, "kasia", datetime.now(UTC), folder)).id
    await work.look()
    await work.ended()
    async with store.transaction() as session:
        release = await session.get_one(Release, number)
        assert release.status == ReleaseStatus.CANDIDATE, release.error
        with pytest.raises(releases.Blocked) as refused:
            await releases.go_live(session, number, "kasia", datetime.now(UTC))
    named = {(reason.fault, reason.name) for reason in refused.value.reasons}
    assert {(Fault.INTENT, "opening_hours"), (Fault.INTENT, "payment_methods"), (Fault.REPLAY, "")} <= named
    async with store.reading() as session:
        [past] = await stored.replayed(session, number)
    assert past.verdict == Verdict.WORSE
    assert "anna@example.com" not in past.text
    assert (past.before["intent"], past.after["intent"]) == ("opening_hours", "payment_methods")

    async with store.transaction() as session:
        await releases.go_live(session, number, "kasia", datetime.now(UTC), override_reason="to see it fail")
    await work.look()
    after = await nlu.parse(TAUGHT, "2")
    assert after.best is not None
    assert (after.best.name, after.model) == ("newsletter", release.model)

    async with store.transaction() as session:
        await releases.rollback(session, "kasia", datetime.now(UTC))
    await work.look()


async def test_a_candidate_that_cannot_be_served_leaves_every_chat_with_the_live_model(tmp_path: Path) -> None:
    async with httpx.AsyncClient() as client:
        live = RasaNLU("http://127.0.0.1:9", "", client)
        share = NLUShare(live, client)
        await share.follow(tmp_path / "there-is-none.tar.gz", 1.0)
        assert share.of("local:anna") is live
        await share.close()
