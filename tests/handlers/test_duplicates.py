from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import duplicates
from handlers.duplicates import CannotMerge
from handlers.home import home
from handlers.linking import merging
from handlers.tickets import NewTicket, open_ticket
from storage.conversations import conversation_in
from storage.customers import identity_of
from storage.ticket_links import LinkKind, linked_to
from storage.tickets import Ticket
from tests.bot_under_test import BotUnderTest
from tests.handlers.colleagues import ask_for_a_person, events, reread

BARE = "human_handoff"


async def _open(
    bot: BotUnderTest, chat: str, category: str = "complaint", *, subject: str = "lampa", channel: str = "local",
    **facts: str,
) -> Ticket:  # fmt: skip
    async with bot.database.transaction() as session:
        identity = await identity_of(session, channel, chat, chat.capitalize(), bot.now)
        conversation = await conversation_in(session, channel, chat, identity, "private", bot.now)
        new = NewTicket(identity.customer_id, category, "form", "pl", subject, "", facts)
        return await open_ticket(session, conversation, new, bot.desk, bot.now)


async def _merge(bot: BotUnderTest, ticket: Ticket, into: Ticket) -> None:
    async with bot.database.transaction() as session:
        one, other = await _both(session, ticket, into)
        await duplicates.merge(session, one, other, "agent:Ola", bot.now)


async def _both(session: AsyncSession, one: Ticket, other: Ticket) -> tuple[Ticket, Ticket]:
    return await session.get_one(Ticket, one.id), await session.get_one(Ticket, other.id)


@pytest.mark.parametrize(
    ("whose", "category", "facts", "newer_facts", "why"),
    [
        ("anna", "complaint", {}, {}, "category"),
        ("anna", "get_invoice", {}, {}, None),
        ("anna", "get_invoice", {"order_number": "ZAM-1"}, {"order_number": "ZAM-1"}, "order_number"),
        ("tom", "get_invoice", {"order_number": "ZAM-1"}, {"order_number": "zam 1"}, "order_number"),
        ("tom", "complaint", {"order_number": "ZAM-1"}, {"order_number": "ZAM-2"}, None),
        ("tom", "track_order", {"tracking_number": "X9"}, {"tracking_number": "X9"}, "tracking_number"),
        ("tom", "complaint", {"account_email": "a@b.pl"}, {"account_email": "A@b.pl"}, "subject"),
        ("tom", "complaint", {}, {}, None),
    ],
)
async def test_what_is_offered_for_merging(
    bot: BotUnderTest, whose: str, category: str, facts: dict[str, str], newer_facts: dict[str, str], why: str | None
) -> None:
    """Against Anna's older complaint with `facts`."""
    older = await _open(bot, "anna", "complaint", **facts)
    newer = await _open(bot, whose, category, channel="local" if whose == "anna" else "telegram", **newer_facts)
    offered = [event.data for event in await events(bot, newer, "duplicate_offered")]
    assert offered == ([{"other": older.number, "why": why}] if why else [])
    assert await events(bot, older, "duplicate_offered") == []


async def test_equal_words_count_for_a_day_only(bot: BotUnderTest) -> None:
    await _open(bot, "anna", account_email="a@b.pl")
    bot.later(hours=25)
    newer = await _open(bot, "tom", account_email="a@b.pl")
    assert await events(bot, newer, "duplicate_offered") == []


async def test_what_is_settled_is_not_offered(bot: BotUnderTest) -> None:
    older = await _open(bot, "anna")
    await bot.agent("Ola", "resolve", older.number)
    assert await events(bot, await _open(bot, "anna"), "duplicate_offered") == []


async def test_once_decided_a_pair_is_not_offered_again(bot: BotUnderTest) -> None:
    older, newer = await _open(bot, "anna"), await _open(bot, "anna")
    async with bot.database.transaction() as session:
        one, other = await _both(session, newer, older)
        assert [ticket.number for ticket in await duplicates.look(session, one, bot.now)] == [older.number]
        assert [ticket.number for ticket in await linked_to(session, one.id, LinkKind.DUPLICATE_OFFERED)] == [1001]
        await duplicates.unlike(session, one, other, "agent:Ola", bot.now)
    async with bot.database.transaction() as session:
        one, _ = await _both(session, newer, older)
        assert await duplicates.likeness.offer(session, one, bot.now) == []
        assert await linked_to(session, one.id, LinkKind.DUPLICATE_OFFERED) == []


async def test_merged_the_case_goes_on_as_one_and_both_chats_are_worked_together(bot: BotUnderTest) -> None:
    into, ticket = await ask_for_a_person(bot, "anna"), await ask_for_a_person(bot, "tom")
    await bot.agent("Ola", "take_over", into.number)
    await _merge(bot, ticket, into)
    merged, kept = await reread(bot, ticket), await reread(bot, into)
    assert (merged.status, merged.cause, merged.merged_into) == ("closed", "duplicate", into.id)
    assert kept.status == "open"
    toms = await bot.conversation("tom")
    assert (toms.owner, toms.agent, toms.ticket_id) == ("agent", "Ola", into.id)
    assert [event.data for event in await events(bot, ticket, "merged")] == [{"into": into.number}]
    assert [event.data for event in await events(bot, into, "merged")] == [{"other": ticket.number}]
    async with bot.database.transaction() as session:
        chats = await duplicates.conversations_of(session, await session.get_one(Ticket, into.id))
        assert [chat.chat_id for chat in chats] == ["anna", "tom"]


async def test_who_has_the_newer_one_in_hand_has_both_after_merging(bot: BotUnderTest) -> None:
    into, ticket = await ask_for_a_person(bot, "anna"), await ask_for_a_person(bot, "tom")
    await bot.agent("Ola", "take_over", ticket.number)
    await _merge(bot, ticket, into)
    kept = await reread(bot, into)
    assert (kept.assignee, kept.status, kept.ladder_at) == ("Ola", "open", None)
    for chat in ("anna", "tom"):
        conversation = await bot.conversation(chat)
        assert (conversation.owner, conversation.agent, conversation.ticket_id) == ("agent", "Ola", into.id)


async def test_the_earlier_promise_stands(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot, "tom")
    bot.later(minutes=30)
    into = await ask_for_a_person(bot, "anna")
    await _merge(bot, ticket, into)
    assert (await reread(bot, into)).next_word_at == ticket.next_word_at


async def test_a_chat_that_is_about_another_case_by_now_stays_with_that(bot: BotUnderTest) -> None:
    into, ticket = await _open(bot, "anna"), await _open(bot, "tom")
    current = await ask_for_a_person(bot, "tom", "konsultant, bo nie mam faktury za sierpień")
    await _merge(bot, ticket, into)
    assert (await bot.conversation("tom")).ticket_id == current.id


async def test_what_was_merged_into_the_merged_one_goes_along(bot: BotUnderTest) -> None:
    first, second, third = [await _open(bot, chat) for chat in ("anna", "tom", "ida")]
    await _merge(bot, third, second)
    await _merge(bot, second, first)
    assert (await reread(bot, third)).merged_into == first.id
    async with bot.database.transaction() as session:
        chats = await duplicates.conversations_of(session, await session.get_one(Ticket, first.id))
        assert len(chats) == 3


async def test_loops_and_settled_ones_are_refused(bot: BotUnderTest) -> None:
    first, second, third = [await _open(bot, chat) for chat in ("anna", "tom", "ida")]
    with pytest.raises(CannotMerge, match="same ticket"):
        await _merge(bot, first, first)
    await _merge(bot, second, first)
    with pytest.raises(CannotMerge, match="merged already"):
        await _merge(bot, first, second)
    with pytest.raises(CannotMerge, match="merged already"):
        await _merge(bot, second, first)
    await bot.agent("Ola", "resolve", third.number)
    with pytest.raises(CannotMerge, match="resolved"):
        await _merge(bot, first, third)


# What each customer sees


async def _two_customers(bot: BotUnderTest) -> tuple[Ticket, Ticket]:
    """Anna's ticket is worked on; Tom's, about the same order, was merged into it."""
    for chat in ("anna", "tom"):
        await bot.meet(chat)
    into, ticket = await _open(bot, "anna", order_number="ZAM-1"), await _open(bot, "tom", order_number="ZAM-1")
    await _merge(bot, ticket, into)
    await bot.agent("Ola", "take_over", into.number)
    for chat in ("anna", "tom"):
        await bot.replies(chat)
    return into, ticket


@pytest.mark.parametrize("words", ["co z moją sprawą", "#1002"])
async def test_a_merged_tickets_customer_sees_their_own_number_and_how_the_case_stands(
    bot: BotUnderTest, words: str
) -> None:
    into, ticket = await _two_customers(bot)
    async with bot.database.transaction() as session:
        conversation = await session.get_one(type(await bot.conversation("tom")), ticket.conversation_id)
        conversation.owner, conversation.agent, conversation.ticket_id = "bot", None, None
    bot.nlu.teach("co z moją sprawą", "ticket_status")
    bot.nlu.teach("#1002", "ticket_status", ticket_number="#1002")
    told = await bot.ask(words, chat="tom")
    assert f"#{ticket.number}" in told.text
    assert f"#{into.number}" not in told.text
    assert "Zajmuje się nim konsultant" in told.text
    assert "odpisze tutaj" in told.text


async def test_home_shows_each_their_own_number(bot: BotUnderTest) -> None:
    into, ticket = await _two_customers(bot)
    async with bot.database.reading() as session:
        sections = await home(session, bot.desk, "local", "tom", "pl", bot.now)
    page = "\n".join(section.text for section in sections)
    assert f"#{ticket.number}" in page
    assert f"#{into.number}" not in page


async def test_while_waiting_together_each_hears_their_own_number(bot: BotUnderTest) -> None:
    into, ticket = await ask_for_a_person(bot, "anna"), await ask_for_a_person(bot, "tom")
    await _merge(bot, ticket, into)
    for words in ("jeszcze jedno, paczka była otwarta", "konsultant"):
        told = await bot.ask(words, chat="tom")
        assert f"#{ticket.number}" in told.text
        assert f"#{into.number}" not in told.text
    assert len(await events(bot, into, "customer_wrote", "asked_again")) == 2


async def test_a_customer_with_both_sees_one_of_them(bot: BotUnderTest) -> None:
    await bot.meet()
    into, ticket = await _open(bot, "anna"), await _open(bot, "anna")
    await _merge(bot, ticket, into)
    bot.nlu.teach("co z moją sprawą", "ticket_status")
    told = await bot.ask("co z moją sprawą")
    assert f"#{into.number}" in told.text
    assert f"#{ticket.number}" not in told.text


async def test_for_whom_it_is_settled_the_others_case_goes_on_without_them(bot: BotUnderTest) -> None:
    into, ticket = await ask_for_a_person(bot, "anna"), await ask_for_a_person(bot, "tom")
    await _merge(bot, ticket, into)
    said = await bot.ask("", chat="tom", action=f"settle:{ticket.number}")
    assert f"#{ticket.number}" in said.text
    assert (await bot.conversation("tom")).owner == "bot"
    assert (await reread(bot, into)).is_open
    async with bot.database.transaction() as session:
        chats = await duplicates.conversations_of(session, await session.get_one(Ticket, into.id))
        assert [chat.chat_id for chat in chats] == ["anna"]


async def test_whose_problem_is_back_after_the_others_case_was_settled_has_a_case_of_their_own_again(
    bot: BotUnderTest,
) -> None:
    into, ticket = await ask_for_a_person(bot, "anna"), await ask_for_a_person(bot, "tom")
    await _merge(bot, ticket, into)
    await bot.agent("Ola", "resolve", into.number)
    await bot.replies("tom")
    await bot.ask("", chat="tom", action=f"reopen:{ticket.number}")
    again = await reread(bot, ticket)
    assert (again.status, again.merged_into, again.cause) == ("open", None, None)
    assert (await bot.conversation("tom")).ticket_id == ticket.id
    assert (await reread(bot, into)).status == "resolved"


async def test_accounts_that_are_taken_apart_hear_nothing_of_each_others_case(bot: BotUnderTest) -> None:
    into, ticket = await _open(bot, "anna"), await _open(bot, "tom")
    anna, tom = await bot.customer("anna"), await bot.customer("tom")
    async with bot.database.transaction() as session:
        await merging.merge(session, anna.id, tom.id, bot.now)
    await _merge(bot, ticket, into)
    async with bot.database.transaction() as session:
        identity = await identity_of(session, "local", "tom", None, bot.now)
        assert await merging.split(session, identity, bot.now) is not None
    async with bot.database.transaction() as session:
        chats = await duplicates.conversations_of(session, await session.get_one(Ticket, into.id))
        assert [chat.chat_id for chat in chats] == ["anna"]
