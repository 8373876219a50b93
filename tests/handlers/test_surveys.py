"""From the end of a case to the score, with a moved clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from handlers import casework, handoff, survey_sending, tickets
from handlers.agent_actions import Act
from handlers.buttons import ACTION_BYTES
from handlers.content import Content
from storage import surveys
from storage.conversations import Conversation
from storage.customers import Customer
from storage.database import Database
from storage.incidents import Incident, Subscriber
from storage.outbox import Delivery, OutboxMessage
from storage.surveys import Survey, SurveyStatus
from storage.tickets import Status, Ticket
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.fakes import FakeNLU
from tests.handlers.colleagues import ask_for_a_person, run_jobs
from tests.handlers.survey_stories import (
    all_surveys,
    asked,
    labels,
    only,
    served,
    shown,
    survey,
    surveys_step,
    told_by_bot,
    with_rules,
)

MONDAY_EVENING = datetime(2026, 11, 23, 19, 50, tzinfo=UTC)  # 20:50 in Warsaw
CSAT_LABELS = ["1 😞", "2 🙁", "3 😐", "4 🙂", "5 😀", "Nie pytaj więcej"]

one_database = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For what does not depend on it."""


@pytest.fixture
def bot(database: Database, content: Content, nlu: FakeNLU) -> BotUnderTest:
    return BotUnderTest(database, only(content, "csat"), nlu)


async def _why(bot: BotUnderTest, kind: str = "csat") -> tuple[str, str | None]:
    one = await survey(bot, kind)
    return one.status, one.why


# When it is asked


async def test_a_settled_ticket_is_asked_about_once_after_a_quiet_time(bot: BotUnderTest) -> None:
    ticket = await served(bot)
    for minutes in (0, 14):
        bot.later(minutes=minutes)
        await run_jobs(bot)
        assert await bot.replies() == []
    bot.later(minutes=1)
    await run_jobs(bot)
    [said] = await bot.replies()
    assert f"#{ticket.number}" in said.text
    assert said.author == "bot"
    assert list(said.actions) == CSAT_LABELS
    assert max(len(action.encode()) for action in said.actions.values()) <= ACTION_BYTES
    bot.later(hours=3)
    await run_jobs(bot)
    assert await bot.replies() == []


@one_database
async def test_in_the_evening_it_waits_for_the_morning(bot: BotUnderTest) -> None:
    bot.now = MONDAY_EVENING
    await served(bot)
    await surveys_step(bot)
    for _ in range(44):
        bot.later(minutes=15)
        await surveys_step(bot)
        assert await bot.replies() == []
    assert await _why(bot) == (SurveyStatus.PLANNED, "night")
    bot.now = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    await surveys_step(bot)
    assert len(await bot.replies()) == 1
    assert await _why(bot) == (SurveyStatus.SENT, None)


@one_database
async def test_who_goes_on_writing_is_asked_when_they_have_stopped(bot: BotUnderTest) -> None:
    await served(bot)
    await surveys_step(bot)
    bot.later(minutes=10)
    bot.nlu.teach("dzięki", "thank_you")
    await bot.ask("dzięki")
    bot.later(minutes=14)
    await surveys_step(bot)
    assert await _why(bot) == (SurveyStatus.PLANNED, "talking")
    bot.later(minutes=1)
    await surveys_step(bot)
    assert await _why(bot) == (SurveyStatus.SENT, None)


@one_database
@pytest.mark.parametrize("call", ["konsultant", "zgłaszam problem"])
async def test_never_into_a_chat_with_people_or_a_form(bot: BotUnderTest, call: str) -> None:
    """Not in another chat of theirs, either, which here stands for the same customer's second messenger."""
    await served(bot)
    bot.nlu.teach("zgłaszam problem", "report_problem")
    await surveys_step(bot)
    bot.later(minutes=5)
    await bot.ask(call, chat="anna2")
    await _same_customer(bot, "anna", "anna2")
    for _ in range(13):
        bot.later(hours=4)
        await surveys_step(bot)
        assert await bot.replies() == []
    assert await _why(bot) == (SurveyStatus.NOT_SENT, "live_chat" if call == "konsultant" else "draft")


async def _same_customer(bot: BotUnderTest, one: str, other: str) -> None:
    first, second = await bot.conversation(one), await bot.conversation(other)
    async with bot.database.transaction() as session:
        (await session.get_one(Conversation, second.id)).customer_id = first.customer_id


@one_database
@pytest.mark.parametrize("why", ["reopened", "spam", "nobody_served", "refused", "blocked", "public", "auto_closed"])
async def test_why_it_was_not_sent_is_on_record(bot: BotUnderTest, why: str) -> None:
    ticket = await ask_for_a_person(bot)
    if why == "nobody_served":
        bot.nlu.teach("już załatwione", "resolve_ticket")
        await bot.ask("już załatwione")
    elif why == "spam":
        await _spam(bot, ticket.number)
    elif why == "auto_closed":
        await _close_without_answer(bot, ticket.id)
    else:
        await bot.agent("Ola", "resolve", ticket.number, "solved")
    async with bot.database.transaction() as session:
        chat = await session.get_one(Conversation, ticket.conversation_id)
        customer = await session.get_one(Customer, ticket.customer_id)
        chat.setting = "thread" if why == "public" else "private"
        chat.blocked_at = bot.now if why == "blocked" else None
        customer.surveys_refused_at = bot.now if why == "refused" else None
    if why == "reopened":
        await bot.agent("Ola", "reopen", ticket.number)
    await bot.replies()
    bot.later(minutes=20)
    await surveys_step(bot)
    assert await bot.replies() == []
    assert await _why(bot) == (SurveyStatus.NOT_SENT, why)


async def _spam(bot: BotUnderTest, number: int) -> None:
    async with bot.database.transaction() as session:
        await casework.spam(Act(session, bot.desk, "Ola", bot.now), number)


async def _close_without_answer(bot: BotUnderTest, ticket_id: int) -> None:
    async with bot.database.transaction() as session:
        ticket = await session.get_one(Ticket, ticket_id)
        handoff.release(await session.get_one(Conversation, ticket.conversation_id))
        await tickets.set_status(session, ticket, Status.CLOSED, tickets.BOT, bot.now)


@one_database
async def test_closed_again_it_is_another_case_to_ask_about(bot: BotUnderTest) -> None:
    bot.content = with_rules(bot.content, fatigue_days=0)
    ticket = await served(bot)
    await asked(bot)
    bot.later(days=1)
    await bot.agent("Ola", "reopen", ticket.number)
    await bot.agent("Ola", "resolve", ticket.number, "solved")
    await bot.replies()
    assert f"#{ticket.number}" in (await asked(bot)).text
    csat = [(one.closing, one.status) for one in await all_surveys(bot) if one.kind == "csat"]
    assert csat == [(1, SurveyStatus.SENT), (2, SurveyStatus.SENT)]


@one_database
async def test_two_cases_in_a_week_are_one_survey(bot: BotUnderTest) -> None:
    bot.content = with_rules(bot.content, csat={"remind_after_hours": None})
    await served(bot)
    await asked(bot)
    bot.later(days=2)
    await served(bot)
    bot.later(minutes=20)
    await surveys_step(bot)
    assert await bot.replies() == []
    assert await _why(bot) == (SurveyStatus.NOT_SENT, "fatigue")


@one_database
async def test_an_incident_of_theirs_puts_it_off(bot: BotUnderTest) -> None:
    ticket = await served(bot)
    async with bot.database.transaction() as session:
        incident = Incident(title={"pl": "a", "en": "a"}, scope={}, declared_by="Ola", declared_at=bot.now)
        session.add(incident)
        await session.flush()
        session.add(Subscriber(incident_id=incident.id, conversation_id=ticket.conversation_id, subscribed_at=bot.now))
    bot.later(hours=2)
    await surveys_step(bot)
    assert await _why(bot) == (SurveyStatus.PLANNED, "incident")
    async with bot.database.transaction() as session:
        (await session.get_one(Incident, incident.id)).status = "closed"
    assert "1 – źle" in (await asked(bot)).text


# The bot alone


@one_database
async def test_what_the_bot_settled_alone_is_asked_about_once_it_is_over(bot: BotUnderTest, content: Content) -> None:
    bot.content = only(content, "ces")
    await bot.meet()
    await told_by_bot(bot)
    bot.later(minutes=10)
    await told_by_bot(bot)
    bot.later(minutes=10)
    await surveys_step(bot)
    assert await bot.replies() == []
    bot.later(minutes=5)
    await surveys_step(bot)
    [said] = await bot.replies()
    assert list(said.actions)[:7] == [str(score) for score in range(1, 8)]
    [one] = await all_surveys(bot)
    assert (one.ticket_id, one.kind) == (None, "ces")
    thanks = await bot.press(said, "6")
    assert "miło" in thanks.text
    assert (await survey(bot, "ces")).score == 6


@one_database
@pytest.mark.parametrize("why", ["handed_over", "not_understood", "not_sampled"])
async def test_what_the_bot_did_not_settle_alone_is_not_asked_about(
    bot: BotUnderTest, content: Content, why: str
) -> None:
    bot.content = only(content, "ces") if why != "not_sampled" else with_rules(content, ces={"share": 1e-12})
    await bot.meet()
    await told_by_bot(bot)
    if why == "handed_over":
        ticket = await ask_for_a_person(bot)
        await bot.agent("Ola", "resolve", ticket.number)
    elif why == "not_understood":
        await bot.ask("blablabla")
    await bot.replies()
    bot.later(minutes=20)
    await surveys_step(bot)
    assert await bot.replies() == []
    assert await _why(bot, "ces") == (SurveyStatus.NOT_SENT, why)


@one_database
async def test_whether_they_would_recommend_us_is_asked_once_a_quarter(bot: BotUnderTest, content: Content) -> None:
    bot.content = only(content, "nps")
    said = []
    for _ in range(8):
        await served(bot)
        await surveys_step(bot)
        bot.later(days=14, minutes=1)
        await surveys_step(bot)
        said += await bot.replies()
        bot.later(days=6)
    assert [len(one.actions) for one in said] == [12, 12]
    asked_at = [one.sent_at for one in await all_surveys(bot) if one.kind == "nps" and one.sent_at]
    assert asked_at[1] - asked_at[0] >= timedelta(days=90)


# Reminder and end


async def test_one_reminder_that_takes_the_buttons_with_it_then_the_end(bot: BotUnderTest) -> None:
    await served(bot)
    first = await asked(bot)
    bot.later(hours=24)
    await surveys_step(bot)
    [reminder] = await bot.replies()
    assert "Przypominam" in reminder.text
    assert first.text in reminder.text
    asking = [message for message in await bot.messages() if first.text in message.text]
    assert [bool(message.buttons) for message in asking] == [False, True]
    for _ in range(8):
        bot.later(days=1)
        await surveys_step(bot)
        assert await bot.replies() == []
    assert (await survey(bot)).status == SurveyStatus.EXPIRED
    assert labels(await shown(bot)) == []
    late = await bot.press(reminder, "5")
    assert "już zamknięta" in late.text
    assert (await survey(bot)).score is None


@one_database
async def test_who_has_answered_or_is_with_people_is_not_reminded(bot: BotUnderTest) -> None:
    await served(bot)
    await served(bot, "tom")
    said = await asked(bot)
    await bot.replies("tom")
    await bot.press(said, "3")
    await ask_for_a_person(bot, "tom")
    await bot.replies("tom")
    for _ in range(8):
        bot.later(days=1)
        await surveys_step(bot)
        assert await bot.replies() + await bot.replies("tom") == []


@one_database
async def test_what_never_reached_the_customer_does_not_count_as_sent(bot: BotUnderTest) -> None:
    await served(bot)
    await asked(bot)
    async with bot.database.transaction() as session:
        asking = (await survey(bot)).message_id
        row = (await session.scalars(select(OutboxMessage).where(OutboxMessage.message_id == asking))).one()
        row.status = Delivery.WITHHELD
    bot.later(days=1)
    await surveys_step(bot)
    assert await bot.replies() == []
    assert await _why(bot) == (SurveyStatus.NOT_SENT, "undelivered")


# Twice at the same time


async def test_two_schedulers_at_once_ask_once(bot: BotUnderTest) -> None:
    await served(bot)
    await surveys_step(bot)
    bot.later(minutes=16)
    async with bot.database.reading() as session:
        [due] = await surveys.due(session, bot.now, 10)

    async def work() -> bool:
        async with bot.database.transaction() as session:
            return await survey_sending.step(session, bot.desk, due, bot.now)

    assert sorted(await asyncio.gather(*(work() for _ in range(4)))) == [False, False, False, True]
    assert len(await bot.replies()) == 1


async def test_a_takeover_and_the_survey_at_once_one_waits_for_the_other(bot: BotUnderTest) -> None:
    """Whichever comes first: a question that is not yet out is held back, or not asked."""
    ticket = await served(bot)
    await surveys_step(bot)
    bot.later(minutes=16)
    async with bot.database.reading() as session:
        [due] = await surveys.due(session, bot.now, 10)

    async def work() -> None:
        async with bot.database.transaction() as session:
            await survey_sending.step(session, bot.desk, due, bot.now)

    await asyncio.gather(work(), bot.agent("Ola", "take_over", ticket.number))
    one = await survey(bot)
    assert (one.status, one.why) in {(SurveyStatus.SENT, None), (SurveyStatus.NOT_SENT, "reopened")}
    assert [said.author for said in await bot.replies() if "dotknięcie" in said.text] == ["bot"] * (
        one.status == SurveyStatus.SENT
    )


async def test_the_same_case_cannot_be_asked_about_twice(bot: BotUnderTest) -> None:
    """Also by the database: of a ticket's closing, of a bot's answer, of a re-rating."""
    await served(bot)
    first = await survey(bot)
    fields = {"customer_id": first.customer_id, "conversation_id": first.conversation_id, "kind": "csat"}
    more = {"lot": 0.0, "due_at": MONDAY_NOON, "created_at": MONDAY_NOON}
    for same in ({"ticket_id": first.ticket_id, "closing": 1}, {"closing": 7}, {"closing": 9, "rerates": first.id}):
        rows = [Survey(**{**fields, **more, **same, "token": token}) for token in ("a", "b")]
        with pytest.raises(IntegrityError):
            await _keep(bot, rows)


async def _keep(bot: BotUnderTest, rows: list[Survey]) -> None:
    async with bot.database.transaction() as session:
        session.add_all(rows)
