"""One person on two channels: linked by a one-time code, and taken apart again (R70)."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from handlers import link_codes, linking
from handlers.guessing import MOST_WRONG, MOST_WRONG_BY_ALL
from handlers.messages import Kind
from storage import lanes
from storage.conversations import Conversation, Message
from storage.customers import ChannelIdentity, Customer
from storage.database import Base, Database
from storage.inbound import InboundEvent, Outcome
from storage.lanes import Queue
from storage.link_codes import LinkCode
from storage.outbox import OutboxMessage
from storage.tickets import Ticket, TicketEvent, events_of
from storage.wrong_codes import WrongCode
from tests.bot_under_test import BotUnderTest, Said

TELEGRAM = {"chat": "anna", "channel": "telegram"}
SLACK = {"chat": "U1", "channel": "slack"}
WRONG = ["A3AA-A3AA", "C3CC-C3CC", "D3DD-D3DD", "E3EE-E3EE", "F3FF-F3FF", "G3GG-G3GG"]


def code_in(said: Said) -> str:
    found = re.search(r"\*\*([A-Z0-9]{4}-[A-Z0-9]{4})\*\*", said.text)
    assert found, said.text
    return found[1]


async def met(bot: BotUnderTest, *places: dict[str, Any]) -> None:
    bot.nlu.teach("dzień dobry", "greet")
    for place in places or (TELEGRAM, SLACK):
        await bot.ask("dzień dobry", **place)


async def a_code(bot: BotUnderTest, place: dict[str, Any] = TELEGRAM) -> str:
    await bot.replies(place["chat"])
    return code_in(await bot.ask("/link", action="link", **place))


async def linked(bot: BotUnderTest) -> None:
    """Telegram's Anna and Slack's U1 are one customer, all that was said about it has been read."""
    await met(bot)
    assert "połączone" in (await bot.ask(await a_code(bot), **SLACK)).text
    await bot.replies("anna")


async def a_ticket(bot: BotUnderTest, place: dict[str, Any]) -> int:
    await bot.ask("konsultant", **place)
    ticket_id = (await bot.conversation(place["chat"])).ticket_id
    await bot.ask("wracam", action="bot", **place)
    return next(ticket.number for ticket in await bot.tickets() if ticket.id == ticket_id)


async def rows(bot: BotUnderTest, table: type[Any]) -> list[Any]:
    async with bot.database.reading() as session:
        return list((await session.scalars(select(table))).all())


# Linking


async def test_a_code_from_one_channel_given_on_the_other_links_both(bot: BotUnderTest) -> None:
    await met(bot)
    in_telegram, in_slack = await a_ticket(bot, TELEGRAM), await a_ticket(bot, SLACK)
    said = await bot.ask("/link", action="link", **TELEGRAM)
    assert "10 minut" in said.text
    reply = await bot.ask(code_in(said), **SLACK)
    assert "Telegram (Anna)" in reply.text
    assert reply.press("Rozłącz konta") == "unlink"
    [told] = await bot.replies("anna")
    assert "Slack (U1)" in told.text
    assert told.press("Rozłącz konta") == "unlink"
    assert (await bot.customer("anna")).id == (await bot.customer("U1")).id
    for place in (TELEGRAM, SLACK):
        listed = (await bot.ask("/status", action="do:ticket_status", **place)).text
        assert f"#{in_telegram}" in listed
        assert f"#{in_slack}" in listed


async def test_the_one_who_was_there_first_stays(bot: BotUnderTest) -> None:
    await met(bot)
    first = (await bot.customer("anna")).id
    code = await a_code(bot, SLACK)
    await bot.ask(code, **TELEGRAM)
    assert (await bot.customer("U1")).id == first
    assert [customer.id for customer in await rows(bot, Customer)] == [first]


async def test_a_case_begun_on_one_channel_is_settled_on_the_other(bot: BotUnderTest) -> None:
    await linked(bot)
    number = await a_ticket(bot, TELEGRAM)
    for place, where in ((TELEGRAM, "odpisze tutaj"), (SLACK, "tam, gdzie zaczęła się ta sprawa")):
        assert where in (await bot.ask("/status", action="do:ticket_status", **place)).text
    assert f"#{number}" in (await bot.ask("gotowe", action=f"settle:{number}", **SLACK)).text
    assert (await bot.tickets())[0].status == "resolved"
    again = await bot.ask("wróciło", action=f"reopen:{number}", **SLACK)
    assert f"#{number}" in again.text
    await bot.agent("Ewa", "reply", number, "Już sprawdzam.")
    assert [said.text for said in await bot.replies("U1")] == ["Już sprawdzam."]


@pytest.mark.parametrize("form", ["{0}", "{1}", "link {0}", "/link {1}", "połącz {0}", "  {0}. ", "kod {0}"])
async def test_a_code_may_be_typed_in_any_way(bot: BotUnderTest, form: str) -> None:
    await met(bot)
    code = await a_code(bot)
    reply = await bot.ask(form.format(code, code.replace("-", "").lower()), **SLACK)
    assert "połączone" in reply.text
    assert len(await rows(bot, Customer)) == 1


@pytest.mark.parametrize("action", ["link:{0}", "link:{1}", "start:link-{1}"])
async def test_a_code_may_come_with_a_command_or_a_deep_link(bot: BotUnderTest, action: str) -> None:
    await met(bot, SLACK)
    code = await a_code(bot, SLACK)
    text = f"/{action.replace(':', ' ')}".format(code, code.replace("-", ""))
    reply = await bot.ask(text, action=action.format(code, code.replace("-", "")), **TELEGRAM)
    assert "bot sklepu" in reply.text, "their first words here"
    assert "połączone" in reply.text
    assert len(await rows(bot, Customer)) == 1


@pytest.mark.parametrize("words", ["połącz konta", "link my accounts", "/link", "Chcę połączyć konta"])
async def test_plain_words_ask_for_a_code_also_without_the_model(bot: BotUnderTest, words: str) -> None:
    await met(bot)
    bot.nlu.down = True
    assert code_in(await bot.ask(words, **TELEGRAM))


async def test_a_choice_of_language_and_a_name_are_kept_whichever_side_has_them(bot: BotUnderTest) -> None:
    await met(bot)
    await bot.ask("English", action="lang:en", **SLACK)
    await bot.ask(await a_code(bot), **SLACK)
    customer = await bot.customer("anna")
    assert (customer.language, customer.language_chosen, customer.name) == ("en", True, "Anna")
    assert "linked" in (await bot.replies("anna"))[-1].text


async def test_a_linked_ticket_says_so_in_its_history(bot: BotUnderTest) -> None:
    await met(bot)
    await a_ticket(bot, TELEGRAM)
    moved = await a_ticket(bot, SLACK)
    await bot.ask(await a_code(bot), **SLACK)
    await bot.ask("rozłącz konta", **SLACK)
    async with bot.database.reading() as session:
        kinds = {ticket.number: [event.kind for event in await events_of(session, ticket.id)]
                 for ticket in (await session.scalars(select(Ticket))).all()}  # fmt: skip
    assert [number for number, history in kinds.items() if "linked" in history] == [moved]
    assert kinds[moved][-2:] == ["linked", "unlinked"]


# Refusing


async def test_wrong_expired_and_used_codes_are_refused_in_the_same_words(bot: BotUnderTest) -> None:
    await met(bot)
    refused = bot.texts()("link.refused")
    expired = await a_code(bot)
    bot.later(minutes=10)
    assert (await bot.ask(expired, **SLACK)).text == refused
    assert (await bot.ask(f"link {WRONG[0]}", **SLACK)).text == refused
    assert (await bot.ask("/link coś", action="link:coś", **SLACK)).text == refused
    used = await a_code(bot)
    await bot.ask(used, chat="U2", channel="slack")
    assert (await bot.ask(used, **SLACK)).text == refused
    assert (await bot.customer("U1")).id != (await bot.customer("anna")).id


async def test_a_code_lasts_ten_minutes(bot: BotUnderTest) -> None:
    await met(bot)
    code = await a_code(bot)
    bot.later(minutes=9, seconds=59)
    assert "połączone" in (await bot.ask(code, **SLACK)).text


async def test_asking_again_makes_the_earlier_code_useless(bot: BotUnderTest) -> None:
    await met(bot)
    earlier, later = await a_code(bot), await a_code(bot)
    assert (await bot.ask(f"link {earlier}", **SLACK)).text == bot.texts()("link.refused")
    assert "połączone" in (await bot.ask(later, **SLACK)).text


async def test_a_code_given_where_it_came_from_is_not_used_up(bot: BotUnderTest) -> None:
    await met(bot)
    code = await a_code(bot)
    assert (await bot.ask(code, **TELEGRAM)).text == bot.texts()("link.own")
    assert "połączone" in (await bot.ask(code, **SLACK)).text


async def test_accounts_that_are_linked_already_stay_so(bot: BotUnderTest) -> None:
    await linked(bot)
    assert (await bot.ask(await a_code(bot), **SLACK)).text == bot.texts()("link.already")


@pytest.mark.parametrize("bare", [True, False], ids=["bare", "with a word"])
async def test_after_five_wrong_codes_none_is_looked_at_for_an_hour(bot: BotUnderTest, bare: bool) -> None:
    await met(bot)
    for wrong in WRONG[:MOST_WRONG]:
        await bot.say(wrong if bare else f"link {wrong}", **SLACK)
        if (await bot.conversation("U1")).owner == "queue":
            await bot.ask("wracam", action="bot", **SLACK)
    code = await a_code(bot)
    for form in (code, f"link {code}"):
        paused = await bot.ask(form, **SLACK)
        assert "przez godzinę" in paused.text
        assert "dziś o 13:00" in paused.text
        assert "human" in paused.actions.values()
    assert len(await rows(bot, Customer)) == 2
    assert "połączone" in (await bot.ask(code, chat="U2", channel="slack")).text, "others are not concerned"
    bot.later(minutes=60)
    assert "połączone" in (await bot.ask(await a_code(bot), **SLACK)).text


async def test_the_fifth_wrong_code_is_answered_with_the_pause(bot: BotUnderTest) -> None:
    await met(bot)
    said = [(await bot.ask(f"link {wrong}", **SLACK)).text for wrong in WRONG[:MOST_WRONG]]
    assert ["przez godzinę" in text for text in said] == [False] * (MOST_WRONG - 1) + [True]


async def test_many_accounts_guessing_together_are_stopped_too(bot: BotUnderTest) -> None:
    await met(bot)
    async with bot.database.transaction() as session:
        [anna, _] = (await session.scalars(select(ChannelIdentity).order_by(ChannelIdentity.id))).all()
        session.add_all(WrongCode(identity_id=anna.id, at=bot.now) for _ in range(MOST_WRONG_BY_ALL))
    code = await a_code(bot)
    assert (await bot.ask(code, **SLACK)).text == bot.texts()("link.busy")
    assert len(await rows(bot, Customer)) == 2
    bot.later(hours=1)
    assert "połączone" in (await bot.ask(await a_code(bot), **SLACK)).text


@pytest.mark.parametrize("text", ["ZAM-20481", "20481", "RABAT2024", "K7PQ-4MXR", "kod K7PQ-4MXR", "połącz", "link"])
async def test_what_merely_looks_like_a_code_is_read_as_before(bot: BotUnderTest, text: str) -> None:
    await met(bot)
    bot.nlu.teach(text, "return_policy")
    assert "14 dni" in (await bot.ask(text, **SLACK)).text


# In every state


async def test_a_form_goes_on_after_the_code(bot: BotUnderTest) -> None:
    await met(bot)
    bot.nlu.teach("skarga", "complaint")
    question = (await bot.ask("skarga", **TELEGRAM)).text
    said = await bot.ask("/link", action="link", **TELEGRAM)
    assert question in said.text
    await bot.ask(code_in(said), **SLACK)
    await bot.replies("anna")
    bot.nlu.teach("kurier rzucił paczką o płot", "greet", 0.1)
    await bot.ask("kurier rzucił paczką o płot", **TELEGRAM)
    state = (await bot.conversation("anna")).awaiting
    assert state is not None
    assert "kurier rzucił paczką o płot" in str(state["draft"]["facts"])
    assert await bot.tickets() == []


@pytest.mark.parametrize("place", [TELEGRAM, SLACK], ids=["telegram", "slack"])
async def test_waiting_for_a_person_one_can_still_link(bot: BotUnderTest, place: dict[str, Any]) -> None:
    await met(bot)
    await bot.ask("konsultant", **place)
    other = SLACK if place is TELEGRAM else TELEGRAM
    code = await a_code(bot, place)
    assert "połączone" in (await bot.ask(code, **other)).text
    assert (await bot.conversation(place["chat"])).owner == "queue"
    assert "Rozłącz konta" in (await bot.replies(place["chat"]))[0].actions


async def test_in_an_agents_chat_commands_work_and_all_else_is_the_agents(bot: BotUnderTest) -> None:
    await met(bot)
    await bot.ask("konsultant", **TELEGRAM)
    await bot.agent("Ewa", "take_over", 1001)
    await bot.replies("anna")
    for words in ("połącz konta", "rozłącz konta", WRONG[0], f"link {WRONG[1]}"):
        assert await bot.say(words, **TELEGRAM) is None
    said = await bot.ask("/link", action="link", **TELEGRAM)
    assert said.author == "system", "the bot's own words would be withheld"
    assert "połączone" in (await bot.ask(code_in(said), **SLACK)).text
    [told] = await bot.replies("anna")
    assert told.author == "system"
    assert (await bot.ask("x", action="unlink", **TELEGRAM)).text == bot.texts()("link.unlinked")
    assert "połączone" in (await bot.ask(await a_code(bot, SLACK), **TELEGRAM)).text, "a code of ours, alone"
    assert (await bot.conversation("anna")).owner == "agent"


async def test_a_question_beside_the_code_is_answered_too(bot: BotUnderTest) -> None:
    await met(bot)
    code = await a_code(bot)
    question = "ile mam czasu na zwrot butów"
    bot.nlu.teach(f"{code}\n{question}", "return_policy")
    await bot.hears(code, **SLACK)
    reply = await bot.ask(question, **SLACK)
    assert "połączone" in reply.text
    assert "14 dni" in reply.text
    other = await a_code(bot)
    await bot.hears("mam kod", chat="U3", channel="slack")
    alone = await bot.ask(other, chat="U3", channel="slack")
    assert "połączone" in alone.text
    assert "rozumiem" not in alone.text


@pytest.mark.parametrize("setting", ["thread", "group"])
async def test_where_others_read_along_nothing_is_linked_and_a_code_shown_is_burnt(
    bot: BotUnderTest, setting: str
) -> None:
    await met(bot)
    public = {"chat": "C1:1", "channel": "slack", "sender": "U1", "setting": setting}
    only_privately, exposed = bot.texts()("link.only_privately"), bot.texts()("link.exposed")
    assert (await bot.ask("połącz konta", **public)).text == only_privately
    assert (await bot.ask("/link", action="link", **public)).text == only_privately
    assert (await bot.ask("x", action="unlink", **public)).text == only_privately
    code = await a_code(bot)
    assert (await bot.ask(f"link {code}", **public)).text == exposed
    assert (await bot.ask(f"link {code}", **SLACK)).text == bot.texts()("link.refused")
    assert len(await rows(bot, Customer)) == 2


# Taking apart


async def test_unlinked_each_side_has_its_own_tickets_again_and_both_are_told(bot: BotUnderTest) -> None:
    await linked(bot)
    in_telegram, in_slack = await a_ticket(bot, TELEGRAM), await a_ticket(bot, SLACK)
    assert (await bot.ask("rozłącz konta", **SLACK)).text == bot.texts()("link.unlinked")
    [told] = await bot.replies("anna")
    assert "Slack (U1)" in told.text
    for place, own, others in ((TELEGRAM, in_telegram, in_slack), (SLACK, in_slack, in_telegram)):
        said = (await bot.ask("/status", action="do:ticket_status", **place)).text
        assert f"#{own}" in said
        assert f"#{others}" not in said
    assert {(await bot.customer("anna")).name, (await bot.customer("U1")).name} == {"Anna", "U1"}


async def test_unlinking_what_is_not_linked_does_no_harm(bot: BotUnderTest) -> None:
    await met(bot)
    before = await bot.customer("anna")
    assert (await bot.ask("/unlink", action="unlink", **TELEGRAM)).text == bot.texts()("link.not_linked")
    await linked(bot)
    await bot.ask("/unlink", action="unlink", **TELEGRAM)
    assert (await bot.ask("/unlink", action="unlink", **TELEGRAM)).text == bot.texts()("link.not_linked")
    assert before.name == (await bot.customer("anna")).name


async def test_unlinking_makes_open_codes_of_both_useless(bot: BotUnderTest) -> None:
    await linked(bot)
    mine, theirs = await a_code(bot, TELEGRAM), await a_code(bot, SLACK)
    await bot.ask("/unlink", action="unlink", **TELEGRAM)
    for code in (mine, theirs):
        reply = await bot.ask(f"link {code}", chat="U7", channel="slack")
        assert "nie działa" in reply.text


async def test_a_question_about_the_others_tickets_ends_with_the_link(bot: BotUnderTest) -> None:
    """A choice that is still open names tickets which are somebody else's by then."""
    await linked(bot)
    first, second = await a_ticket(bot, TELEGRAM), await a_ticket(bot, SLACK)
    bot.nlu.teach("załatwione", "resolve_ticket")
    offered = await bot.ask("załatwione", **SLACK)
    assert any(label.startswith(f"#{second}") for label in offered.actions)
    await bot.ask("/unlink", action="unlink", **TELEGRAM)
    await bot.replies("U1")
    label = next(label for label in offered.actions if label.startswith(f"#{first}"))
    stale = await bot.ask(label, action=offered.actions[label], **SLACK)
    assert stale.text == bot.texts()("button.stale")


async def test_a_chat_waiting_with_the_others_ticket_is_the_bots_again(bot: BotUnderTest) -> None:
    await linked(bot)
    number = await a_ticket(bot, TELEGRAM)
    async with bot.database.transaction() as session:
        chat = (await session.scalars(select(Conversation).where(Conversation.chat_id == "U1"))).one()
        chat.owner, chat.ticket_id = "queue", (await bot.tickets())[0].id
    await bot.ask("/unlink", action="unlink", **SLACK)
    assert (await bot.conversation("U1")).owner == "bot"
    assert [ticket.number for ticket in await bot.tickets()] == [number]


async def test_a_third_account_hears_of_it_too_and_blocked_chats_are_left_alone(bot: BotUnderTest) -> None:
    await linked(bot)
    await bot.ask(await a_code(bot), chat="555", channel="telegram")
    assert [len(await bot.replies(chat)) for chat in ("anna", "U1")] == [1, 1]
    async with bot.database.transaction() as session:
        chat = (await session.scalars(select(Conversation).where(Conversation.chat_id == "U1"))).one()
        chat.blocked_at = bot.now
    await bot.ask("rozłącz konta", chat="555", channel="telegram")
    assert [len(await bot.replies(chat)) for chat in ("anna", "U1")] == [1, 0]
    assert (await bot.customer("anna")).id == (await bot.customer("U1")).id


# Nothing readable is left


async def everything_written(bot: BotUnderTest) -> str:
    said = [message.text for message in await rows(bot, Message)]
    out = [str(row.payload) for row in await rows(bot, OutboxMessage)]
    came = [str(row.payload) for row in await rows(bot, InboundEvent)]
    kept = [row.code_hash for row in await rows(bot, LinkCode)]
    events = [str(row.data) for row in await rows(bot, TicketEvent)]
    return "\n".join([*said, *out, *came, *kept, *events]).upper()


@pytest.mark.parametrize("how", [None, "link:{0}", "start:link-{1}"], ids=["typed", "command", "deep link"])
async def test_a_used_code_can_be_read_nowhere(bot: BotUnderTest, how: str | None) -> None:
    await met(bot)
    code = await a_code(bot)
    bare = code.replace("-", "")
    assert code in await everything_written(bot), "the customer has to see it"
    action = how.format(code, bare) if how else None
    assert "połączone" in (await bot.ask(f"/link {code}", action=action, **SLACK)).text
    left = await everything_written(bot)
    assert code not in left
    assert bare not in left
    assert link_codes.HIDDEN in left


async def test_an_expired_code_is_made_unreadable_at_the_next_occasion(bot: BotUnderTest) -> None:
    await met(bot)
    code = await a_code(bot)
    other = await a_code(bot, SLACK)
    bot.later(minutes=11)
    async with bot.database.transaction() as session:
        await linking.forget_useless(session, bot.now)
    left = await everything_written(bot)
    assert code not in left
    assert other not in left
    bot.later(days=2)
    async with bot.database.transaction() as session:
        await linking.forget_useless(session, bot.now)
    assert await rows(bot, LinkCode) == []


async def test_an_edit_that_changes_nothing_does_not_bring_a_used_code_back(bot: BotUnderTest) -> None:
    """Messengers report edits that nobody can see; our own copy of the message does not show the code any more."""
    await met(bot)
    code = await a_code(bot)
    assert "połączone" in (await bot.ask(code, about="77", **SLACK)).text
    assert await bot.say(code, about="77", kind=Kind.EDITED, **SLACK) is None
    assert code not in "".join(message.text for message in await rows(bot, Message))


def test_linking_knows_every_table_that_hangs_on_a_customer() -> None:
    """A new one has to be moved when customers become one: handlers/merging.py."""
    pointing = {
        table.name for table in Base.metadata.tables.values()
        if any(key.column.table.name == "customer" for key in table.foreign_keys)
    }  # fmt: skip
    assert pointing == {"channel_identity", "conversation", "ticket", "survey"}


async def test_a_code_is_not_logged(bot: BotUnderTest, capfd: pytest.CaptureFixture[str]) -> None:
    await met(bot)
    code = await a_code(bot)
    await bot.ask(f"link {WRONG[0]}", **SLACK)
    await bot.ask(code, **SLACK)
    written = "".join(capfd.readouterr())
    assert code not in written
    assert WRONG[0] not in written


# At the same moment


async def at_once(bot: BotUnderTest) -> None:
    """Works all that waits, every conversation at the same time."""
    async with bot.database.transaction() as session:
        held = await lanes.claim(session, Queue.IN, 1, 50)
    await asyncio.gather(*(bot.intake.work(claim) for claim in held))


async def no_faults(bot: BotUnderTest) -> None:
    outcomes = {row.outcome for row in await rows(bot, InboundEvent)}
    assert not outcomes & {Outcome.WAITING, Outcome.DEAD}, "a deadlock would be tried again"


async def test_a_code_given_twice_at_once_links_one(bot: BotUnderTest) -> None:
    rivals = [{"chat": f"U{number}", "channel": "slack"} for number in range(6)]
    await met(bot, TELEGRAM, *rivals)
    code = await a_code(bot)
    for rival in rivals:
        await bot.hears(code, **rival)
    await at_once(bot)
    said = [(await bot.replies(rival["chat"]))[0].text for rival in rivals]
    assert sum("Gotowe" in text for text in said) == 1
    assert said.count(bot.texts()("link.refused")) == 5
    assert len(await rows(bot, Customer)) == 6
    await no_faults(bot)


async def test_two_that_link_each_other_at_once_become_one(bot: BotUnderTest) -> None:
    await met(bot)
    from_telegram, from_slack = await a_code(bot, TELEGRAM), await a_code(bot, SLACK)
    await bot.hears(from_slack, **TELEGRAM)
    await bot.hears(from_telegram, **SLACK)
    await at_once(bot)
    assert len(await rows(bot, Customer)) == 1
    await no_faults(bot)


async def test_a_ring_of_links_with_other_turns_at_once_ends_as_one_customer_with_all_tickets(
    bot: BotUnderTest,
) -> None:
    """A gives B's code, B gives C's …, while each of them also opens a ticket in a thread, blocking others' rows."""
    people = [{"chat": f"P{number}", "channel": "slack"} for number in range(5)]
    await met(bot, *people)
    codes = [await a_code(bot, person) for person in people]
    for number, person in enumerate(people):
        await bot.hears(codes[(number + 1) % len(people)], **person)
        thread = {"chat": f"C1:{number}", "channel": "slack", "sender": person["chat"], "setting": "thread"}
        await bot.hears("konsultant", **thread)
    await at_once(bot)
    await no_faults(bot)
    [customer] = await rows(bot, Customer)
    assert {ticket.customer_id for ticket in await bot.tickets()} == {customer.id}
    assert len(await bot.tickets()) == 5
    assert {chat.customer_id for chat in await rows(bot, Conversation)} == {customer.id}
    assert {identity.customer_id for identity in await rows(bot, ChannelIdentity)} == {customer.id}


async def test_unlinking_and_linking_at_once_leave_everybody_somewhere(bot: BotUnderTest) -> None:
    await linked(bot)
    await met(bot, {"chat": "555", "channel": "telegram"})
    code = await a_code(bot, TELEGRAM)
    await bot.hears(code, chat="555", channel="telegram")
    await bot.hears("/unlink", action="unlink", **SLACK)
    await at_once(bot)
    await no_faults(bot)
    customers = {customer.id for customer in await rows(bot, Customer)}
    assert {identity.customer_id for identity in await rows(bot, ChannelIdentity)} == customers
    assert {chat.customer_id for chat in await rows(bot, Conversation)} == customers


# Nothing is lost

PEOPLE = (
    {"chat": "anna", "channel": "telegram"},
    {"chat": "555", "channel": "telegram"},
    {"chat": "U1", "channel": "slack"},
    {"chat": "U2", "channel": "slack"},
)
STEPS = st.one_of(
    st.tuples(st.just("link"), st.integers(0, 3), st.integers(0, 3)),
    st.tuples(st.just("unlink"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("ticket"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("hello"), st.integers(0, 3), st.just(0)),
)


async def counts(database: Database) -> tuple[int, ...]:
    async with database.reading() as session:
        return tuple(
            [
                (await session.scalars(select(func.count()).select_from(table))).one()
                for table in (Ticket, Message, Conversation, ChannelIdentity)
            ]
        )


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=6))
async def test_whatever_is_linked_and_unlinked_everything_stays_with_whom_it_belongs_to(
    bot: BotUnderTest, steps: list[tuple[str, int, int]]
) -> None:
    await met(bot, *PEOPLE)
    opened_in: dict[int, str] = {ticket.number: await chat_of(bot, ticket) for ticket in await bot.tickets()}
    for what, who, other in steps:
        person = PEOPLE[who]
        before = await counts(bot.database)
        bot.later(minutes=5)
        match what:
            case "link":
                await bot.ask(await a_code(bot, person), **PEOPLE[other])
            case "unlink":
                await bot.ask("/unlink", action="unlink", **person)
            case "ticket":
                opened_in[await a_ticket(bot, person)] = person["chat"]
            case _:
                await bot.ask("dzień dobry", **person)
        for one in PEOPLE:
            await bot.replies(one["chat"])
        after = await counts(bot.database)
        assert all(now >= then for now, then in zip(after, before, strict=True))
    for person in PEOPLE:
        await bot.ask("/unlink", action="unlink", **person)
        for one in PEOPLE:
            await bot.replies(one["chat"])
    owners = {person["chat"]: (await bot.customer(person["chat"])).id for person in PEOPLE}
    assert len(set(owners.values())) == len(PEOPLE) == len(await rows(bot, Customer))
    assert {ticket.number: ticket.customer_id for ticket in await bot.tickets()} == {
        number: owners[chat] for number, chat in opened_in.items()
    }
    assert {chat.chat_id: chat.customer_id for chat in await rows(bot, Conversation)} == owners


async def chat_of(bot: BotUnderTest, ticket: Ticket) -> str:
    async with bot.database.reading() as session:
        return (await session.get_one(Conversation, ticket.conversation_id)).chat_id
