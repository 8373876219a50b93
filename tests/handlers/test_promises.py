"""A dated promise in an agent's words: seen, confirmed, warned of, kept or owned up to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from sqlalchemy import select

from handlers import promise_actions, promise_words
from handlers.agent_actions import Act, AlreadySo, NotYours, Post
from handlers.casework import NotSensible, wait
from handlers.content import Content, load_content
from handlers.messages import Kind
from storage import promises
from storage.desk_threads import DeskCopy
from storage.promises import Promise, PromiseStatus
from storage.tickets import Status, Ticket
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.handlers.colleagues import ask_for_a_person, events, hire, reread, run_jobs

CASES: dict[str, list[dict[str, Any]]] = YAML(typ="safe").load(
    (Path(__file__).parent / "promise_cases.yml").read_text(encoding="utf-8")
)
CONTENT = load_content(Path(__file__).parent.parent.parent / "nlu_data")
TOMORROW_NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def found_in(text: str, language: str, now: datetime = MONDAY_NOON) -> list[datetime]:
    times = CONTENT.rhythm.rules.promises.times
    return [one.due_at for one in promise_words.find(text, language, now, CONTENT.calendar, times)]


def _due(case: dict[str, Any]) -> list[datetime]:
    if case["due"] is None:
        return []
    return [datetime.strptime(case["due"], "%Y-%m-%d %H:%M").replace(tzinfo=CONTENT.calendar.zone)]


@pytest.mark.parametrize(
    ("language", "case"),
    [(name[-2:], case) for name, cases in CASES.items() for case in cases],
    ids=lambda value: value["text"][:40] if isinstance(value, dict) else value,
)
def test_what_is_promised_and_for_when(language: str, case: dict[str, Any]) -> None:
    assert found_in(case["text"], language) == _due(case)


def test_the_cases_are_many_and_half_of_them_are_hard() -> None:
    cases = [case for listed in CASES.values() for case in listed]
    assert len(cases) >= 100
    assert len({case["text"] for case in cases}) == len(cases)
    assert sum(case["due"] is None for case in cases) >= 40


def test_the_same_promise_said_twice_is_one_and_two_are_two() -> None:
    assert len(found_in("Odpiszę jutro do 12. Na pewno napiszę jutro do 12!", "pl")) == 1
    assert len(found_in("Dam znać jutro. W piątek wyślemy lampę.", "pl")) == 2


def test_an_hour_is_an_hour_also_when_the_clocks_change() -> None:
    before = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # 1:30 in Warsaw, at 3:00 it is 2:00 again
    assert found_in("Odezwę się za 2 godziny.", "pl", before) == [before + timedelta(hours=2)]
    march = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
    assert found_in("Odezwę się jutro do 12.", "pl", march) == [datetime(2026, 3, 29, 10, 0, tzinfo=UTC)]


def test_a_time_that_has_passed_is_no_promise_or_means_tomorrow() -> None:
    evening = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # 18:30
    assert found_in("Dam znać dziś do 12.", "pl", evening) == []
    assert found_in("Dam znać do 12.", "pl", evening) == [TOMORROW_NOON]


@given(st.text(max_size=200), st.sampled_from(["pl", "en"]))
def test_any_text_can_be_read(text: str, language: str) -> None:
    assert all(due > MONDAY_NOON for due in found_in(text, language))


async def _promise(bot: BotUnderTest, words: str = "Odpiszę jutro do 12.") -> tuple[Ticket, Promise]:
    await hire(bot.database, "Ola")
    await hire(bot.database, "Ewa", role="lead")
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", "reply", ticket.number, words)
    await bot.replies()
    [promise] = await _promises(bot)
    return await reread(bot, ticket), promise


async def _promises(bot: BotUnderTest) -> list[Promise]:
    async with bot.database.reading() as session:
        return list((await session.scalars(select(Promise).order_by(Promise.id))).all())


async def _does(bot: BotUnderTest, what: Any, ticket: Ticket, promise: Promise, *more: Any, by: str = "Ola") -> None:
    async with bot.database.transaction() as session:
        await what(Act(session, bot.desk, by, bot.now), ticket.number, promise.id, *more)


async def _confirmed(bot: BotUnderTest, words: str = "Odpiszę jutro do 12.") -> tuple[Ticket, Promise]:
    ticket, promise = await _promise(bot, words)
    await _does(bot, promise_actions.confirm, ticket, promise)
    [promise] = await _promises(bot)
    return await reread(bot, ticket), promise


async def _at(bot: BotUnderTest, moment: datetime) -> dict[str, int]:
    bot.now = moment
    return await run_jobs(bot, "watch_promises", "send_status_updates")


async def test_a_promise_is_shown_to_the_agent_and_tracked_once_they_say_so(bot: BotUnderTest) -> None:
    ticket, promise = await _promise(bot)
    assert (promise.status, promise.due_at, promise.words) == ("proposed", TOMORROW_NOON, "Odpiszę jutro do 12")
    [seen] = await events(bot, ticket, "promise_seen")
    assert seen.data["promise_id"] == promise.id
    await _does(bot, promise_actions.confirm, ticket, promise)
    assert [one.status for one in await _promises(bot)] == ["open"]
    with pytest.raises(AlreadySo):
        await _does(bot, promise_actions.confirm, ticket, promise)
    assert await bot.replies() == [], "the customer has read it already"


async def test_it_is_due_at_the_latest_when_it_was_promised(bot: BotUnderTest) -> None:
    before, promise = await _promise(bot, "Odpiszę do 15.")
    await _does(bot, promise_actions.confirm, before, promise)
    after = await reread(bot, before)
    assert before.next_word_at is not None
    assert after.next_word_at == datetime(2026, 11, 23, 14, 0, tzinfo=UTC) < before.next_word_at


async def test_what_is_no_promise_is_forgotten(bot: BotUnderTest) -> None:
    ticket, promise = await _promise(bot)
    await _does(bot, promise_actions.dismiss, ticket, promise)
    assert [one.status for one in await _promises(bot)] == ["dismissed"]
    assert await _at(bot, TOMORROW_NOON - timedelta(minutes=20)) == {"send_status_updates": 1}, "the usual word"
    assert await events(bot, ticket, "promise_near", "promise_corrected") == []


async def test_another_time_can_be_set_but_none_gone_by(bot: BotUnderTest) -> None:
    ticket, promise = await _promise(bot)
    with pytest.raises(NotSensible):
        await _does(bot, promise_actions.confirm, ticket, promise, MONDAY_NOON - timedelta(hours=1))
    later = TOMORROW_NOON + timedelta(hours=3)
    await _does(bot, promise_actions.confirm, ticket, promise, later)
    assert [(one.status, one.due_at) for one in await _promises(bot)] == [("open", later)]


async def test_only_who_has_the_ticket_says_what_is_a_promise(bot: BotUnderTest) -> None:
    ticket, promise = await _promise(bot)
    with pytest.raises(NotYours):
        await _does(bot, promise_actions.confirm, ticket, promise, by="Jan")


async def test_the_agent_is_warned_and_an_answer_in_time_keeps_it(bot: BotUnderTest) -> None:
    ticket, _ = await _confirmed(bot, "Odpiszę do 15.")
    due = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    assert await _at(bot, due - timedelta(minutes=31)) == {}
    assert await _at(bot, due - timedelta(minutes=30)) == {"watch_promises": 1}
    assert await _at(bot, due - timedelta(minutes=20)) == {}
    [near] = await events(bot, ticket, "promise_near")
    assert near.data["names"] == ["Ola"]
    await bot.agent("Ola", "reply", ticket.number, "Lampa jest już spakowana.")
    assert [one.status for one in await _promises(bot)] == ["kept"]
    await bot.replies()
    assert await _at(bot, due) == {}
    assert await bot.replies() == []


async def test_words_of_the_same_talk_keep_nothing(bot: BotUnderTest) -> None:
    ticket, _ = await _confirmed(bot)
    bot.later(minutes=2)
    await bot.agent("Ola", "reply", ticket.number, "I jeszcze jedno: czy pudełko było całe?")
    assert [one.status for one in await _promises(bot)] == ["open"]
    after = await reread(bot, ticket)
    assert after.next_word_at is not None
    assert after.next_word_at <= TOMORROW_NOON


async def test_a_promise_that_slips_is_owned_up_to_with_a_new_time(bot: BotUnderTest) -> None:
    ticket, promise = await _confirmed(bot, "Odpiszę do 15.")
    done = await _at(bot, promise.due_at)
    assert done["send_status_updates"] == 1
    [said] = await bot.replies()
    assert said.author == "system"
    assert "obiecaliśmy wiadomość dziś do 15:00 i nie dotrzymaliśmy słowa" in said.text
    assert "Odezwiemy się tutaj jutro do 13:00" in said.text
    assert [one.status for one in await _promises(bot)] == ["corrected"]
    [corrected] = await events(bot, ticket, "promise_corrected")
    assert corrected.data["names"] == ["Ola"]
    assert await _at(bot, bot.now + timedelta(minutes=1)) == {}, "once"


async def test_a_promise_that_slips_while_the_customer_is_asked_something_is_still_told(bot: BotUnderTest) -> None:
    ticket, promise = await _confirmed(bot, "Odpiszę do 15.")
    async with bot.database.transaction() as session:
        await wait(Act(session, bot.desk, "Ola", bot.now), ticket.number, Status.WAITING_CUSTOMER, "Jaki to model?")
    await bot.replies()
    follow_up_at = (await reread(bot, ticket)).follow_up_at
    await _at(bot, promise.due_at)
    [said] = await bot.replies()
    assert "nie dotrzymaliśmy słowa" in said.text
    assert "Jaki to model?" in said.text
    assert (await reread(bot, ticket)).next_word_at == follow_up_at


async def test_it_is_broken_only_where_the_customer_cannot_be_told(bot: BotUnderTest) -> None:
    ticket, promise = await _confirmed(bot, "Odpiszę do 15.")
    await bot.hears("", kind=Kind.BLOCKED)
    await bot.work()
    await _at(bot, promise.due_at)
    assert [one.status for one in await _promises(bot)] == ["broken"]
    assert await bot.replies() == []
    assert len(await events(bot, ticket, "promise_broken")) == 1


async def test_at_night_nobody_is_woken_by_an_apology(bot: BotUnderTest) -> None:
    _, promise = await _confirmed(bot, "Napiszę dziś wieczorem.")
    assert promise.due_at == datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
    assert (await _at(bot, promise.due_at + timedelta(hours=1))).get("send_status_updates") is None
    assert (await _at(bot, datetime(2026, 11, 24, 7, 0, tzinfo=UTC)))["send_status_updates"] == 1
    assert [one.status for one in await _promises(bot)] == ["corrected"]


async def test_settling_the_case_keeps_what_was_promised(bot: BotUnderTest) -> None:
    ticket, _ = await _confirmed(bot)
    await bot.agent("Ola", "resolve", ticket.number)
    assert [one.status for one in await _promises(bot)] == ["kept"]


async def test_marked_as_kept_by_hand(bot: BotUnderTest) -> None:
    ticket, promise = await _confirmed(bot)
    await _does(bot, promise_actions.keep, ticket, promise)
    assert [one.status for one in await _promises(bot)] == ["kept"]


async def test_words_that_are_changed_or_taken_back_take_their_promise_with_them(bot: BotUnderTest) -> None:
    ticket, promise = await _promise(bot)
    post = Post("C1", "1.1")
    async with bot.database.transaction() as session:
        session.add(DeskCopy(message_id=promise.message_id or 0, channel=post.channel, ts=post.ts, is_own=True))
    async with bot.database.transaction() as session:
        await Act(session, bot.desk, "Ola", bot.now).change_reply(post, "Odpiszę jutro do 15.")
    assert [(one.status, one.due_at.hour) for one in await _promises(bot)] == [("dismissed", 11), ("proposed", 14)]
    async with bot.database.transaction() as session:
        await Act(session, bot.desk, "Ola", bot.now).take_reply_back(post)
    assert {one.status for one in await _promises(bot)} == {"dismissed"}
    assert ticket.is_open


async def test_the_rate_counts_what_was_due_in_the_time(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    async with bot.database.transaction() as session:
        for at, status in enumerate(["kept", "kept", "kept", "corrected", "broken", "dismissed", "open"]):
            session.add(
                Promise(
                    ticket_id=ticket.id, agent="Ola", words="…", due_at=MONDAY_NOON + timedelta(minutes=at),
                    status=PromiseStatus(status), created_at=MONDAY_NOON,
                )
            )  # fmt: skip
    async with bot.database.reading() as session:
        kept = await promises.kept_between(session, MONDAY_NOON, MONDAY_NOON + timedelta(days=1))
        assert (kept.kept, kept.corrected, kept.broken, kept.rate) == (3, 1, 1, 0.6)
        assert (await promises.kept_between(session, MONDAY_NOON, MONDAY_NOON)).rate is None


def test_times_of_day_are_content(content: Content) -> None:
    assert content.rhythm.rules.promises.times.morning.hour == 10
