"""Nobody is left in silence: drafts before a word is due, honest statuses when none came."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from handlers import drafts, next_word
from handlers.agent_actions import Act, AlreadySo
from handlers.casework import wait
from handlers.next_word import Reason, Waits
from storage.conversations import Conversation
from storage.customers import Customer
from storage.tickets import Status, Ticket
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.handlers.colleagues import ask_for_a_person, events, hire, reread, run_jobs


async def agent_does(bot: BotUnderTest, what: object, number: int, *args: object) -> None:
    async with bot.database.transaction() as session:
        await what(Act(session, bot.desk, "Ola", bot.now), number, *args)  # type: ignore[operator]


async def with_ola(bot: BotUnderTest) -> Ticket:
    """A ticket in Ola's hands, to which she has just said something."""
    await hire(bot.database, "Ola")
    await hire(bot.database, "Ewa", role="lead")
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", "reply", ticket.number, "Sprawdzam to.")
    await bot.replies()
    return await reread(bot, ticket)


async def at(bot: BotUnderTest, moment: datetime | None) -> dict[str, int]:
    """What the jobs do then; those of other areas aside."""
    assert moment is not None
    bot.now = moment
    done = await run_jobs(bot)
    return {name: count for name, count in done.items() if name in {"keep_word", "send_status_updates", "follow_up"}}


async def test_the_owner_has_a_draft_before_the_word_is_due_and_sends_it_with_one_press(bot: BotUnderTest) -> None:
    ticket = await with_ola(bot)
    due = ticket.next_word_at
    assert due == datetime(2026, 11, 24, 9, 0, tzinfo=UTC)  # eight working hours later
    assert await at(bot, due - timedelta(minutes=31)) == {}
    assert await at(bot, due - timedelta(minutes=30)) == {"keep_word": 1}
    assert await at(bot, due - timedelta(minutes=20)) == {}, "one draft is enough"
    [drafted] = await events(bot, ticket, "word_drafted")
    assert drafted.data["names"] == ["Ola"]
    assert "Ola" in drafted.data["text"]

    await agent_does(bot, drafts.send, ticket.number)
    [said] = await bot.replies()
    assert said.author == "agent"
    assert said.text == drafted.data["text"]
    after = await reread(bot, ticket)
    assert after.next_word_at is not None
    assert after.next_word_at > due
    assert [event.kind for event in await events(bot, ticket, "word_sent", "agent_replied")] == [
        "agent_replied",
        "word_sent",
    ]
    with pytest.raises(AlreadySo):
        await agent_does(bot, drafts.send, ticket.number)
    assert await at(bot, due) == {}


async def test_a_draft_that_is_left_does_not_leave_the_customer_in_silence(bot: BotUnderTest) -> None:
    ticket = await with_ola(bot)
    due = ticket.next_word_at
    assert due is not None
    await at(bot, due - timedelta(minutes=10))
    await agent_does(bot, drafts.decline, ticket.number)
    with pytest.raises(AlreadySo):
        await agent_does(bot, drafts.send, ticket.number)
    assert await bot.replies() == []
    assert await at(bot, due) == {"send_status_updates": 1}
    [said] = await bot.replies()
    assert said.author == "system"
    assert "przepraszamy" in said.text
    assert "Zajmuje się nią Ola" in said.text
    assert "jutro do 8:00" in said.text or "dziś do" in said.text


async def test_an_agents_own_words_make_the_draft_and_the_status_needless(bot: BotUnderTest) -> None:
    ticket = await with_ola(bot)
    due = ticket.next_word_at
    assert due is not None
    await at(bot, due - timedelta(minutes=10))
    await bot.agent("Ola", "reply", ticket.number, "Paczka jest w drodze.")
    await bot.replies()
    with pytest.raises(AlreadySo):
        await agent_does(bot, drafts.send, ticket.number)
    assert await at(bot, due) == {}
    assert await bot.replies() == []


async def test_statuses_go_on_never_twice_the_same_and_the_leads_are_called_from_the_second_miss_on(
    bot: BotUnderTest,
) -> None:
    ticket = await with_ola(bot)
    said = []
    for _ in range(4):
        await at(bot, (await reread(bot, ticket)).next_word_at)
        [one] = await bot.replies()
        said.append(one.text)
    assert len({text.split(".")[0] for text in said[:3]}) == 3, "another beginning each time"
    assert all(before != after for before, after in pairwise(said))
    silent = await events(bot, ticket, "silent")
    assert [event.data["misses"] for event in silent] == [2, 3, 4]
    assert silent[0].data["names"] == ["Ewa", "Ola"]
    assert (await reread(bot, ticket)).priority == "high"
    await bot.agent("Ola", "reply", ticket.number, "Już wiem, co się stało.")
    await at(bot, (await reread(bot, ticket)).next_word_at)
    assert len(await events(bot, ticket, "silent")) == 3, "somebody has spoken: it counts from the start"


@pytest.mark.parametrize(("updates", "hour"), [("often", 16), ("normal", 20)])
async def test_how_often_goes_by_what_the_customer_wants(bot: BotUnderTest, updates: str, hour: int) -> None:
    ticket = await ask_for_a_person(bot)
    async with bot.database.transaction() as session:
        (await session.get_one(Customer, ticket.customer_id)).updates = updates
    await bot.agent("Ola", "reply", ticket.number, "Sprawdzam.")
    due = (await reread(bot, ticket)).next_word_at
    expected = {16: datetime(2026, 11, 23, 15, 0, tzinfo=UTC), 20: datetime(2026, 11, 24, 9, 0, tzinfo=UTC)}
    assert due == expected[hour]


async def test_nothing_is_sent_in_the_quiet_hours(bot: BotUnderTest) -> None:
    ticket = await with_ola(bot)
    late = datetime(2026, 11, 24, 20, 30, tzinfo=UTC)  # 21:30; nothing ran since the word was due
    assert await at(bot, late) == {}
    assert await at(bot, datetime(2026, 11, 25, 6, 59, tzinfo=UTC)) == {}
    assert await bot.replies() == []
    assert (await at(bot, datetime(2026, 11, 25, 7, 0, tzinfo=UTC)))["send_status_updates"] == 1
    assert len(await bot.replies()) == 1
    assert ticket.is_open


async def test_waiting_for_a_third_party_is_told_with_its_reason_and_the_owner_is_asked_to_chase_them(
    bot: BotUnderTest,
) -> None:
    ticket = await with_ola(bot)
    await agent_does(bot, wait, ticket.number, Status.WAITING_THIRD_PARTY, "kurier szuka paczki")
    await bot.replies()
    await at(bot, (await reread(bot, ticket)).next_word_at)
    [said] = await bot.replies()
    assert "Czekamy na kogoś spoza naszej firmy: kurier szuka paczki." in said.text
    assert "przepraszamy" not in said.text, "it came when it was due"
    await at(bot, (await reread(bot, ticket)).follow_up_at)
    [due] = await events(bot, ticket, "third_party_due")
    assert due.data["names"] == ["Ola"]
    assert await events(bot, ticket, "silent") == []


async def test_who_blocked_us_is_told_nothing_and_the_ticket_still_has_its_next_word(bot: BotUnderTest) -> None:
    ticket = await with_ola(bot)
    async with bot.database.transaction() as session:
        (await session.get_one(Conversation, ticket.conversation_id)).blocked_at = bot.now
    due = ticket.next_word_at
    assert due is not None
    assert await at(bot, due) == {"send_status_updates": 1}
    assert await bot.replies() == []
    after = await reread(bot, ticket)
    assert after.next_word_at is not None
    assert after.next_word_at > due


async def test_while_the_ladder_is_about_to_speak_nobody_else_does(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    assert ticket.ladder_at is not None
    bot.later(minutes=5)
    assert (await at(bot, bot.now)) == {}
    assert await events(bot, ticket, "word_drafted") == []


@pytest.mark.parametrize(
    ("waits", "what", "expected"),
    [
        (Waits.QUEUE, "", "Czeka na pierwszego wolnego konsultanta."),
        (Waits.AGENT, "", "Zajmuje się nią Ola"),
        (Waits.THIRD_PARTY, "kurier szuka", "kurier szuka."),
        (Waits.THIRD_PARTY, "", "na przykład przewoźnika"),
        (Waits.CUSTOMER, "jaki rozmiar?", "jaki rozmiar?"),
        (Waits.CUSTOMER, "**rozmiar** {name}", r"\*\*rozmiar\*\* \{name\}."),
    ],
)
def test_every_reason_is_a_sentence(bot: BotUnderTest, waits: Waits, what: str, expected: str) -> None:
    assert expected in next_word.why(Reason(waits, "Ola", what), bot.texts())


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("late", [True, False])
def test_all_beginnings_of_a_status_differ(bot: BotUnderTest, language: str, late: bool) -> None:
    ticket = Ticket(opened_at=MONDAY_NOON)
    said = {
        next_word.status_text(
            bot.desk, bot.texts(language), ticket, 1042, Reason(Waits.QUEUE), MONDAY_NOON, MONDAY_NOON,
            late=late, angle=angle,
        )
        for angle in next_word.ANGLES
    }  # fmt: skip
    assert len(said) == len(next_word.ANGLES)
