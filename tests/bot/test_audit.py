"""Each question in each language on each channel, through the real adapters; agents' replies beside them."""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.audit import audit
from bot.settings import ROOT, Settings
from handlers.audits import LIGHT
from storage import audits
from storage.conversations import Author, Conversation, Message
from storage.customers import ChannelIdentity, Customer
from storage.database import Database
from tests.bot_under_test import MONDAY_NOON

QUESTIONS = 10


async def test_the_matrix_is_full_and_only_the_agents_wrong_number_contradicts(
    tmp_path: Path, sqlite_template: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "support.db")
    database = Database(f"sqlite:///{tmp_path / 'support.db'}")
    await _agent_said(database, "Na zwrot ma Pani 30 dni od odbioru paczki.", "Zwrot w ciągu 14 dni od odbioru paczki.")
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg] # pydantic-settings takes it, its types do not tell
        database_url=f"sqlite:///{tmp_path / 'support.db'}",
        content_dir=ROOT / "nlu_data",
        nlu_url=None,
    )
    run, wrong = await audit(settings, QUESTIONS, quarterly=False, by="cli", now=MONDAY_NOON)
    async with database.reading() as session:
        found = await audits.findings(session, run.id)
    await database.dispose()
    asked = {(one.intent, one.language, one.source) for one in found if one.source.startswith("bot:")}
    assert len(asked) == QUESTIONS * 2 * 2
    assert "return_policy" in {intent for intent, _, _ in asked}, "what customers ask most is among them"
    assert [(one.source, one.intent) for one in wrong] == [("agent:Ola", "return_policy")]
    assert (run.kind, run.questions, run.answers, run.contradictions) == (LIGHT, QUESTIONS, len(asked) + 2, 1)
    assert run.score == round(100 * (len(asked) + 1) / (len(asked) + 2), 1)


async def _agent_said(database: Database, *replies: str) -> None:
    async with database.transaction() as session:
        customer = Customer(created_at=MONDAY_NOON, language="pl")
        session.add(customer)
        await session.flush()
        session.add(ChannelIdentity(customer_id=customer.id, channel="telegram", external_id="1"))
        chat = Conversation(customer_id=customer.id, channel="telegram", chat_id="1", created_at=MONDAY_NOON)
        session.add(chat)
        await session.flush()
        for author, text in ((Author.CUSTOMER, "ile dni na zwrot"), *((Author.AGENT, one) for one in replies)):
            is_asked = author is Author.CUSTOMER
            session.add(
                Message(conversation_id=chat.id, author=author, text=text, correlation_id="c", created_at=MONDAY_NOON,
                        language="pl", intent="return_policy" if is_asked else None,
                        confidence=0.95 if is_asked else None, agent=None if is_asked else "Ola")
            )  # fmt: skip
            await session.flush()
