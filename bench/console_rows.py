"""What the console's bench looks at: as many tickets, outgoing messages and messages to label as a large shop has, and
the shipped content, living."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.content_transfer import seed_if_empty
from handlers.likeness_of_texts import like_key
from handlers.release_gate import Accuracy, Metrics
from storage import releases
from storage.audits import AuditFinding, AuditRun, DriftDay
from storage.conversations import Conversation, Message
from storage.customers import Customer
from storage.database import Database
from storage.lanes import Lane
from storage.outbox import OutboxMessage
from storage.releases import Release, ReleaseStatus
from storage.reviews import ReviewItem, Why
from storage.tickets import Status, Ticket
from storage.training import TrainingExample

ROWS, CHUNK, REPLAYED = 100_000, 5_000, 1_000
NOW = datetime.now(UTC)
GROUP_SIZES = (1, 1, 1, 1, 1, 2, 3, 5, 12, 40)
"""Of near-duplicates, in turn; and two that everybody asks."""
LARGE_GROUPS = (3_000, 1_500)
THINGS = ("szafka", "lampa", "stół", "krzesło", "dywan", "materac", "regał", "fotel", "lustro", "biurko")
VERBS = ("dojechała", "pękła", "zginęła", "pasuje", "kosztuje", "wróci", "skrzypi", "świeci", "blaknie", "waży")


async def fill(database: Database, content: Path) -> int:
    """How many examples there are."""
    async with database.transaction() as session:
        await seed_if_empty(session, content, NOW)
        customer = Customer(name="Anna", created_at=NOW, tier="mass", updates="normal")
        session.add(customer)
        await session.flush()
        chat = Conversation(customer_id=customer.id, channel="local", chat_id="anna", created_at=NOW)
        session.add_all([chat, Lane(queue="out", key="local:anna", tail=ROWS)])
        await session.flush()
        said = Message(
            conversation_id=chat.id, author="bot", text="dzień dobry", correlation_id="bench", created_at=NOW
        )
        session.add(said)
        await session.flush()
        await _add_release(session)
        await _add_audits(session)
        examples = await session.scalar(select(func.count()).select_from(TrainingExample)) or 0
    to_label = _to_label()
    for start in range(0, ROWS, CHUNK):
        numbers = range(start + 1, start + CHUNK + 1)
        async with database.transaction() as session:
            await session.execute(insert(Ticket), [_ticket(one, customer.id, chat.id) for one in numbers])
            await session.execute(insert(OutboxMessage), [_message(one, chat.id, said.id) for one in numbers])
            await session.execute(insert(ReviewItem), [next(to_label) for _ in numbers])
    return examples


def _ticket(number: int, customer_id: int, chat_id: int) -> dict[str, object]:
    return {
        "number": number, "customer_id": customer_id, "conversation_id": chat_id, "reason": "form", "language": "pl",
        "category": "complaint" if number % 3 else "get_invoice", "facts": {}, "missing": [], "priority": "normal",
        "status": list(Status)[number % len(Status)], "subject": f"lampa {number} nie działa", "summary": "",
        "assignee": "Ola" if number % 2 else None, "opened_at": NOW - timedelta(minutes=ROWS - number),
    }  # fmt: skip


def _message(seq: int, chat_id: int, message_id: int) -> dict[str, object]:
    return {
        "lane_id": 1, "seq": seq, "dedupe": f"bench{seq}", "correlation_id": "bench", "channel": "local",
        "chat_id": "anna", "conversation_id": chat_id, "message_id": message_id, "author": "bot",
        "payload": {"text": "dzień dobry", "buttons": [], "files": []}, "provider_ids": [],
        "status": ("waiting", "dead", "sent")[seq % 3], "created_at": NOW - timedelta(minutes=ROWS - seq),
    }  # fmt: skip


def _to_label() -> Iterator[dict[str, object]]:
    """Open ones without end; the words of a group are the same but for their endings."""
    count = 0
    for group in range(ROWS):
        size = LARGE_GROUPS[group] if group < len(LARGE_GROUPS) else GROUP_SIZES[group % len(GROUP_SIZES)]
        text = f"{THINGS[group % 10]} {VERBS[group // 10 % 10]} {_word(group)}"
        for number in range(size):
            count += 1
            yield {
                "why": list(Why)[count % 3], "text": text + "?" * (number % 3), "language": ("pl", "en")[group % 2],
                "intent": "delivery_problem", "confidence": 0.3, "model": "m", "like": like_key(text),
                "status": "open", "version": 1, "suggested": None, "answer": None, "contributor": None,
                "created_at": NOW - timedelta(minutes=ROWS - count),
            }  # fmt: skip


def _word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


async def _add_release(session: AsyncSession) -> None:
    metrics = Metrics({"pl": Accuracy(0.95, 400)}, {f"topic_{one}": Accuracy(0.9, 20) for one in range(45)}).as_json()
    read = {"intent": "track_order", "confidence": 0.9, "band": "act", "reply": "does:track_order"}
    release = Release(
        data_digest="d", started_by="admin:bench", started_at=NOW, blocked=[], status=ReleaseStatus.CANDIDATE,
        compared_at=NOW, metrics={"live_model": "m", "before": metrics, "after": metrics}, replay={"same": REPLAYED},
    )  # fmt: skip
    session.add(release)
    await session.flush()
    row = {"text": "gdzie paczka", "language": "pl", "before": read, "after": read, "verdict": "same"}
    await releases.replace_replayed(session, release.id, [{**row, "message_id": None} for _ in range(REPLAYED)])


async def _add_audits(session: AsyncSession) -> None:
    for week in range(52):
        at = NOW - timedelta(weeks=52 - week)
        run = AuditRun(
            id=week + 1, kind="weekly", by="schedule", started_at=at, finished_at=at, questions=10, answers=300,
            contradictions=30, score=90.0,
        )  # fmt: skip
        session.add(run)
    await session.flush()
    for number in range(300):
        session.add(
            AuditFinding(
                run_id=52, question="ile dni na zwrot?", intent="return_policy", source="agent:Ola", language="pl",
                said="30 dni", canonical="14 dni", likeness=0.5,
                verdict="contradiction" if number % 10 == 0 else "same", link="message:1",
            )
        )  # fmt: skip
    for day in range(90):
        for language in ("pl", "en"):
            session.add(
                DriftDay(
                    day=(NOW - timedelta(days=90 - day)).date().isoformat(), language=language, messages=1_000,
                    fallbacks=100, confidence=0.85, topics="probki tkanin",
                )
            )  # fmt: skip
