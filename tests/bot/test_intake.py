from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text, update

from bot.intake import MOST_ATTEMPTS, NotAccepted
from handlers import conversation as conversation_module
from handlers.content import Content
from handlers.messages import IncomingMessage
from storage import inbound, lanes
from storage.conversations import Message
from storage.database import Database
from storage.inbound import Outcome
from storage.lanes import Lane, Queue
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.fakes import FakeNLU

HARD_TEXTS = {
    "empty": "",
    "blank": "  \n\t ",
    "forty thousand characters": "bardzo długa wiadomość " * 1740,
    "only emoji": "😀🎉👨‍👩‍👧",
    "looks binary": "\x00\x01\x02PK\x03\x04\xff",
    "right to left": "مرحبا \u202eabc\u202c",
    "zero width": "z\u200bw\u200dr\ufeffot",
    "lone surrogate": "abc\ud83d",
    "an intent forced": '/get_refund{"order_number":"1"}',
    "markup": "**a** [b](http://c) <b>d</b> {name} ${HOME} %(x)s",
    "sql": "'; drop table ticket; --",
}


async def _reconciled(database: Database) -> dict[Outcome, int]:
    async with database.reading() as session:
        return await inbound.reconcile(session)


async def _due_now(database: Database) -> None:
    """Lets a retry's waiting time pass."""
    async with database.transaction() as session:
        await session.execute(
            update(Lane).where(Lane.ready_at.is_not(None)).values(ready_at=MONDAY_NOON - timedelta(9999))
        )


@pytest.mark.parametrize("typed", HARD_TEXTS.values(), ids=HARD_TEXTS.keys())
async def test_hard_input_gets_one_reply_and_is_kept(bot: BotUnderTest, typed: str) -> None:
    await bot.ask(typed)
    counts = await _reconciled(bot.database)
    assert sum(counts.values()) == 1
    assert Outcome.DEAD not in counts
    assert Outcome.WAITING not in counts


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(max_size=300))
async def test_any_text_gets_an_answer_and_never_a_fault(bot: BotUnderTest, typed: str) -> None:
    await bot.hears(typed, chat=f"c{hash(typed)}")
    await bot.work()
    counts = await _reconciled(bot.database)
    assert Outcome.DEAD not in counts
    assert Outcome.WAITING not in counts


async def test_a_message_sent_again_by_the_provider_counts_once(bot: BotUnderTest) -> None:
    message = IncomingMessage("local", "anna", "anna", "same-id", "hej", MONDAY_NOON)
    assert await bot.intake.accept(message)
    assert not await bot.intake.accept(message)
    await bot.work()
    assert len(await bot.replies()) == 1


async def test_a_thousand_messages_in_a_minute_get_one_polite_notice_and_are_all_kept(bot: BotUnderTest) -> None:
    await bot.meet()
    for number in range(1000):
        await bot.hears(f"wiadomość {number}")
    await bot.hears("dzień dobry", chat="tom")
    await bot.work()
    replies = await bot.replies()
    assert len(replies) == 1
    assert "Wszystko jest zapisane" in replies[0].text
    assert len(await bot.replies("tom")) == 1, "others are served"
    async with bot.database.reading() as session:
        kept = (await session.scalars(select(Message.text).where(Message.text.startswith("wiadomość ")))).all()
    assert len(kept) == 1000
    assert len(bot.nlu.asked) < 10, "the language server is not flooded"
    bot.later(minutes=2)
    assert "Cześć" in (await bot.ask("dzień dobry")).text


async def test_a_passing_fault_is_tried_again_and_answered_once(
    bot: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one patched name: a fault of our own has no seam, it is what must not happen."""
    real = conversation_module.route
    monkeypatch.setattr(conversation_module, "route", _broken)
    await bot.hears("hej")
    await bot.work()
    assert await bot.replies() == []
    monkeypatch.setattr(conversation_module, "route", real)
    await _due_now(bot.database)
    await bot.work()
    assert len(await bot.replies()) == 1


async def test_a_lasting_fault_ends_in_an_apology_with_a_ticket_and_the_next_message_is_served(
    bot: BotUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = conversation_module.route
    monkeypatch.setattr(conversation_module, "route", _broken)
    await bot.hears("zamówienie ZAM-1 nie doszło")
    for _ in range(MOST_ATTEMPTS):
        await bot.work()
        await _due_now(bot.database)
    [apology] = await bot.replies()
    assert "coś się zepsuło" in apology.text
    assert "#1001" in apology.text
    [ticket] = await bot.tickets()
    assert ticket.summary == "zamówienie ZAM-1 nie doszło"
    assert (await _reconciled(bot.database))[Outcome.DEAD] == 1
    monkeypatch.setattr(conversation_module, "route", real)
    assert await bot.say("hej") is not None


async def _broken(*_arguments: object) -> None:
    raise RuntimeError("broken on purpose, with the customer's words: hej")


async def test_a_refusing_database_is_told_to_the_channel_and_nothing_is_half_recorded(bot: BotUnderTest) -> None:
    broken = Database("sqlite:////nonexistent-folder/x.db")
    intake = BotUnderTest(broken, bot.content, bot.nlu).intake
    with pytest.raises(NotAccepted):
        await intake.accept(IncomingMessage("local", "a", "a", "1", "hej", MONDAY_NOON))
    await broken.dispose()


async def test_a_locked_database_delays_and_loses_nothing(
    content: Content, nlu: FakeNLU, sqlite_template: Path, tmp_path: Path
) -> None:
    path = shutil.copy(sqlite_template, tmp_path / "locked.db")
    impatient, other = Database(f"sqlite:///{path}", busy_milliseconds=20), Database(f"sqlite:///{path}")
    bot = BotUnderTest(impatient, content, nlu)
    await bot.hears("hej")
    async with impatient.transaction() as session:
        [held] = await lanes.claim(session, Queue.IN, 1, 1)
    async with other.transaction() as lock:
        await lock.execute(text("select 1"))  # the transaction begins with its first statement
        with pytest.raises(NotAccepted):
            await bot.hears("dzień dobry")
        await bot.intake.work(held)
    assert await bot.replies() == []
    async with impatient.transaction() as session:
        await lanes.free_dead_owners(session)
    await bot.work()
    assert len(await bot.replies()) == 1
    await impatient.dispose()
    await other.dispose()


async def test_two_customers_first_messages_at_once_make_two_customers_not_more(bot: BotUnderTest) -> None:
    for _ in range(3):
        await bot.hears("hej", chat="anna")
        await bot.hears("hej", chat="tom")
    await bot.work()
    assert (await bot.customer("anna")).id != (await bot.customer("tom")).id
