"""What stands in the console that the browser opens: two cases, a message that failed, an agent, messages to label, a
release that needs a reason."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import releases
from handlers.content import load_content
from handlers.likeness_of_texts import like_key
from handlers.release_gate import Accuracy, Fault, Metrics, Reason
from storage import releases as stored
from storage import reviews
from storage.agents import Agent, Role
from storage.audits import AuditFinding, AuditRun, DriftDay
from storage.conversations import Message
from storage.database import Database
from storage.lanes import Lane, Queue
from storage.outbox import Delivery, OutboxMessage
from storage.releases import Release
from storage.reviews import Why
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.fakes import FakeNLU

ROOT = Path(__file__).parent.parent.parent
WORDS = "Chcę rozmawiać z człowiekiem, mój mail to anna.nowak@example.com"
TO_LABEL = (
    (Why.UNSURE, "pl", "no i co z tą moją szafką, jedzie już?", {"intent": "product_availability", "confidence": 0.41}),
    (Why.UNSURE, "pl", "No i co z tą moją szafką? Jedzie już?", {"intent": "product_availability", "confidence": 0.38}),
    (Why.CORRECTED, "pl", "co z tą szafką moją, jedzie już, no i?",
     {"intent": "product_availability", "confidence": 0.44, "suggested": "track_order"}),
    (Why.WRONG_TOPIC, "en", "my desk was meant to be here on Monday",
     {"intent": "return_policy", "confidence": 0.63, "suggested": "track_order", "contributor": "Ola"}),
    (Why.FOLLOWED_BY_HUMAN, "en", "can you put my company's number on the bill",
     {"intent": "payment_methods", "confidence": 0.72}),
    (Why.PROPOSED_ANSWER, "pl", "Próbki tkanin wysyłamy bezpłatnie, do pięciu sztuk.",
     {"answer": "product_availability", "contributor": "Ola"}),
    (Why.UNSURE, "pl", "asdf", {"intent": "greet", "confidence": 0.12}),
)  # fmt: skip
BEFORE = Metrics(
    {"en": Accuracy(0.962, 410), "pl": Accuracy(0.958, 430)},
    {"return_policy": Accuracy(0.95, 20), "track_order": Accuracy(0.9, 30), "pricing": Accuracy(1.0, 20)},
)
AFTER = Metrics(
    {"en": Accuracy(0.965, 410), "pl": Accuracy(0.93, 430)},
    {"return_policy": Accuracy(0.55, 20), "track_order": Accuracy(1.0, 30), "pricing": Accuracy(1.0, 20)},
)
BLOCKED = (
    Reason(Fault.LANGUAGE, "pl", 0.958, 0.93),
    Reason(Fault.INTENT, "return_policy", 0.95, 0.55),
)
READ = {"intent": "return_policy", "confidence": 0.97, "band": "act", "reply": "answer:return_policy"}
REPLAYED = (
    ("do kiedy mogę zwrócić krzesło", "pl", READ, {**READ, "confidence": 0.31, "reply": "unsure"}, "worse"),
    ("how long do I have to send it back", "en", READ, {**READ, "reply": "person:human_handoff"}, "to_human"),
    ("gdzie jest moja paczka", "pl", {**READ, "reply": "ask:track_order,delivery_period", "confidence": 0.52},
     {**READ, "intent": "track_order", "reply": "does:track_order", "confidence": 0.93}, "better"),
    ("ile kosztuje dostawa", "pl", READ, {**READ, "intent": "delivery_options", "reply": "answer:delivery_options"},
     "changed"),
    ("what are your returns rules", "en", READ, READ, "same"),
)  # fmt: skip


async def fill(database_url: str) -> None:
    database = Database(database_url)
    nlu = FakeNLU()
    nlu.teach(WORDS, "human_handoff")
    bot = BotUnderTest(database, load_content(ROOT / "nlu_data"), nlu)
    await bot.meet("anna")
    await bot.ask(WORDS)
    async with database.transaction() as session:
        session.add(
            Agent(
                email="ola@acme.example", name="Ola", role=Role.AGENT, groups=["deliveries"], load_cap=10,
                is_active=True, is_on_duty=True, created_at=MONDAY_NOON,
            )
        )  # fmt: skip
        await fail_one(session)
        await put_aside(session)
        await add_candidate(session)
        await add_figures(session)
    await database.dispose()


async def fail_one(session: AsyncSession) -> None:
    """The first message that was not sent again yet did not reach its customer."""
    look = select(OutboxMessage).where(OutboxMessage.resent_as.is_(None)).order_by(OutboxMessage.seq).limit(1)
    row = (await session.scalars(look)).one()
    await session.execute(update(Lane).where(Lane.id == row.lane_id, Lane.queue == Queue.OUT).values(head=row.seq))
    row.status, row.last_error = Delivery.DEAD, "chat not found"


async def put_aside(session: AsyncSession) -> None:
    for why, language, text, more in TO_LABEL:
        row = {"why": why, "text": text, "language": language, "like": like_key(text), "created_at": MONDAY_NOON}
        await reviews.add(session, **row, **more)


async def add_candidate(session: AsyncSession) -> None:
    """Release 1, which the gate holds back."""
    release = Release(data_digest="d", model="console-1", started_by="admin:kasia", started_at=MONDAY_NOON, blocked=[])
    session.add(release)
    await session.flush()
    await compared(session, release)


async def add_figures(session: AsyncSession) -> None:
    """Some weeks' audits, the last with two contradictions, and days of which one has a new topic."""
    now = datetime.now(UTC)
    for week, score in enumerate((82.0, 85.5, 91.0, 88.5, 94.0)):
        at = now - timedelta(weeks=4 - week)
        session.add(
            AuditRun(
                id=week + 1, kind="weekly", by="schedule", started_at=at, finished_at=at, questions=12, answers=96,
                contradictions=2, score=score,
            )
        )  # fmt: skip
    said = (await session.scalars(select(Message).where(Message.ticket_id.is_not(None)).limit(1))).one()
    await session.flush()
    for source, words, place in (
        ("agent:Ola", "Na zwrot ma Pan 30 dni. [days: 30 ≠ 14]", f"message:{said.id}"),
        ("bot:telegram", "Zwrot przyjmujemy przez 7 dni. [days: 7 ≠ 14]", None),
    ):
        session.add(
            AuditFinding(
                run_id=5, question="ile dni mam na zwrot?", intent="return_policy", source=source, language="pl",
                said=words, canonical="Na zwrot masz 14 dni od odbioru paczki.", likeness=0.4,
                verdict="contradiction", link=place,
            )
        )  # fmt: skip
    for day in range(14):
        for language, often in (("pl", 7), ("en", 12)):
            fallbacks = often + (day * often) % 5 + (25 if (day, language) == (12, "pl") else 0)
            session.add(
                DriftDay(
                    day=(now - timedelta(days=14 - day)).date().isoformat(), language=language, messages=100,
                    fallbacks=fallbacks, confidence=0.9 - fallbacks / 200,
                    topics="probki tkanin" if fallbacks > 25 else "",
                )
            )  # fmt: skip


async def compared(session: AsyncSession, release: Release, *blocked: Reason) -> None:
    """What a worker does once it has trained, without the training."""
    rows = [
        {"text": text, "language": language, "before": before, "after": after, "verdict": verdict, "message_id": None}
        for text, language, before, after, verdict in REPLAYED
    ]
    await stored.replace_replayed(session, release.id, rows)
    release.replay = {verdict: 1 for *_, verdict in REPLAYED}
    metrics = {
        "live_model": "shipped", "before": BEFORE.as_json(), "after": AFTER.as_json(), "texts": 840, "train_s": 31.0,
        "compare_s": 14.0, "thresholds": {"pl": {"act": 0.99, "ask": 0.05}},
    }  # fmt: skip
    releases.is_compared(release, metrics, blocked or BLOCKED, MONDAY_NOON)
