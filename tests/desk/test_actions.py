"""What each action puts on record, and what the customer hears of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.desk.events import DeskKind
from handlers.casework import Why
from handlers.desk_rules import Place, Tier
from storage.agents import Role
from storage.conversations import Owner
from storage.tickets import Priority, Status, Ticket
from tests.desk.quiet_desk import CHANNEL, QuietDesk
from tests.handlers.colleagues import run_jobs

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def ticket_of(quiet: QuietDesk, number: int) -> Ticket:
    return next(one for one in await quiet.tickets() if one.number == number)


async def last(quiet: QuietDesk, number: int) -> tuple[str, str, dict[str, object]]:
    """Who did what, with what: the newest event."""
    event = (await quiet.events(number))[-1]
    assert event.at == quiet.now
    return event.kind, event.actor, event.data


async def agent_id(quiet: QuietDesk, who: str) -> str:
    """The choice in the form that stands for them."""
    form = await quiet.opens("piotr", (await quiet.tickets())[0].number, "assign")
    options = form["blocks"][0]["element"]["options"]
    return next(one["value"] for one in options if one["text"]["text"].startswith(who.capitalize()))


# Who has it


async def test_who_takes_it_over_greets_the_customer_and_the_loser_is_told_who_has_it(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.heard()
    await quiet.presses("ola", number, "take_over")
    assert (await quiet.heard())[0].startswith("Dzień dobry, tu Ola")
    assert await last(quiet, number) == ("taken", "agent:Ola", {})
    for who in ("piotr", "ola"):
        await quiet.presses(who, number, "take_over")
    assert "Ola" in quiet.told("piotr")[0]
    assert (quiet.told("ola"), await quiet.heard()) == ([], [])
    assert len(await quiet.events(number, "taken")) == 1


async def test_an_agent_decides_nothing_about_what_another_has_and_a_lead_does(quiet: QuietDesk) -> None:
    await quiet.staff(ewa=Role.AGENT, maria=Role.ADMIN)
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    to = await agent_id(quiet, "ewa")
    before = await quiet.everything()
    await quiet.sends("ewa", number, "assign", to=to)
    await quiet.sends("ewa", number, "resolve", cause="solved")
    await quiet.sends("ewa", number, "reply", words="To ja")
    await quiet.sends("ewa", number, "wait", on="customer", words="numer")
    await quiet.sends("ewa", number, "risk", words="")
    for action in ("hand_back", "release", "spam"):
        await quiet.presses("ewa", number, action)
    assert await quiet.everything() == before
    told = quiet.told("ewa")
    assert len(told) == 8
    assert all("Ola" in one for one in told)
    await quiet.sends("piotr", number, "assign", to=to)
    assert ((await quiet.conversation()).agent, (await ticket_of(quiet, number)).assignee) == ("Ewa", "Ewa")
    assert (await quiet.heard())[-1].startswith("Teraz sprawą zajmuje się Ewa")
    assert await last(quiet, number) == ("assigned", "agent:Piotr", {"to": "Ewa", "before": "Ola"})
    await quiet.presses("maria", number, "hand_back")
    assert (await quiet.conversation()).owner == Owner.BOT


async def test_a_lead_settles_what_another_has(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    await quiet.sends("piotr", number, "resolve", cause="solved", words="")
    assert (await ticket_of(quiet, number)).status == Status.RESOLVED
    assert (await quiet.conversation()).owner == Owner.BOT


async def test_a_ticket_that_nobody_has_in_hand_is_given_without_a_word_to_the_customer(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.heard()
    await quiet.sends("ola", number, "assign", to=await agent_id(quiet, "piotr"))
    assert ((await ticket_of(quiet, number)).assignee, await quiet.heard()) == ("Piotr", [])
    await quiet.presses("ola", number, "release")
    assert ((await ticket_of(quiet, number)).assignee, await quiet.heard()) == (None, [])
    await quiet.presses("ola", number, "release")
    assert "nic się nie zmieniło" in quiet.told("ola")[0]
    assert len(await quiet.events(number, "released")) == 1


async def test_what_is_released_waits_for_people_and_the_customer_hears_by_when(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    await quiet.heard()
    await quiet.presses("ola", number, "release")
    ticket, chat = await ticket_of(quiet, number), await quiet.conversation()
    assert (chat.owner, chat.agent, ticket.assignee) == (Owner.QUEUE, None, None)
    assert ticket.ladder_at is not None
    [told] = await quiet.heard()
    assert "przejmie inna osoba" in told
    assert "dziś do" in told


async def test_releasing_one_case_leaves_the_chat_with_who_speaks_there_about_another(quiet: QuietDesk) -> None:
    first = await quiet.case()
    await quiet.presses("ola", first, "take_over")
    await quiet.presses("ola", first, "hand_back")
    second = await quiet.case(words="nie działa mi czajnik, proszę o człowieka, konsultant")
    assert second != first
    await quiet.presses("piotr", second, "take_over")
    await quiet.heard()
    await quiet.presses("ola", first, "release")
    chat = await quiet.conversation()
    assert (chat.owner, chat.agent, chat.ticket_id) == (Owner.AGENT, "Piotr", (await ticket_of(quiet, second)).id)
    assert await quiet.heard() == []


async def test_what_is_settled_is_reopened_before_anything_else(quiet: QuietDesk) -> None:
    number = await quiet.case()
    to = await agent_id(quiet, "piotr")
    await quiet.sends("ola", number, "resolve", cause="solved")
    before = await quiet.everything()
    until = str(int((quiet.now + timedelta(hours=1)).timestamp()))
    for action in ("release", "assign", "risk", "wait", "snooze"):
        await quiet.sends("ola", number, action, to=to, on="customer", words="słowa", until=until)
        assert "W tym stanie" in quiet.told("ola")[0], action
    for action in ("assign", "risk", "wait", "snooze"):
        form = await quiet.opens("ola", number, action)
        assert "W tym stanie" in str(form["blocks"]), action
        assert "submit" not in form, action
    assert await quiet.everything() == before


# What it is


async def test_priority_category_and_tier_are_on_record_with_before_and_after(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.heard()
    await quiet.sends("ola", number, "priority", priority="high")
    assert await last(quiet, number) == ("priority", "agent:Ola", {"before": "normal", "after": "high"})
    await quiet.sends("ola", number, "category", category="complaint")
    assert await last(quiet, number) == ("category", "agent:Ola", {"before": "human_handoff", "after": "complaint"})
    await quiet.sends("ola", number, "tier", tier="premium")
    assert await last(quiet, number) == ("tier", "agent:Ola", {"before": "mass", "after": "premium"})
    ticket = await ticket_of(quiet, number)
    assert (ticket.priority, ticket.category) == (Priority.HIGH, "complaint")
    assert ticket.missing == list(quiet.content.forms.forms["complaint"].fields)
    assert (await quiet.customer()).tier == "premium"
    before = await quiet.everything()
    await quiet.sends("ola", number, "priority", priority="high")
    await quiet.sends("ola", number, "tier", tier="premium")
    assert await quiet.everything() == before
    assert await quiet.heard() == []


async def test_another_category_or_tier_moves_the_ticket_to_its_channel(quiet: QuietDesk) -> None:
    quiet.rules(
        places=(
            Place(channel="C-COMPLAINTS", categories=("complaint",)),
            Place(channel="C-PREMIUM", tiers=(Tier.PREMIUM,)),
        )
    )
    number = await quiet.case()
    assert (await ticket_of(quiet, number)).desk_channel == CHANNEL
    await quiet.sends("ola", number, "tier", tier="premium")
    assert (await ticket_of(quiet, number)).desk_channel == "C-PREMIUM"
    await quiet.sends("ola", number, "category", category="complaint")
    assert (await ticket_of(quiet, number)).desk_channel == "C-COMPLAINTS"


# When it goes on


async def test_a_snoozed_ticket_comes_back_in_time_and_names_who_has_it(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    until = quiet.now + timedelta(hours=2)
    await quiet.sends("ola", number, "snooze", until=str(int(until.timestamp())))
    assert await last(quiet, number) == ("snoozed", "agent:Ola", {"until": until.isoformat()})
    quiet.later(hours=1, minutes=59)
    assert "wake_snoozed" not in await run_jobs(quiet)
    quiet.later(minutes=1)
    assert (await run_jobs(quiet))["wake_snoozed"] == 1
    assert await last(quiet, number) == ("woken", "bot", {"names": ["Ola"]})
    assert (await ticket_of(quiet, number)).snoozed_until is None


async def test_a_snoozed_ticket_is_awake_when_its_customer_writes(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    await quiet.sends("ola", number, "snooze", until=str(int((quiet.now + timedelta(days=2)).timestamp())))
    await quiet.customer_writes("halo?")
    assert (await ticket_of(quiet, number)).snoozed_until is None


async def test_waiting_for_the_customer_ends_with_their_answer(quiet: QuietDesk) -> None:
    """Also where nobody had taken the chat over: who asks has the answer come to them."""
    number = await quiet.case()
    await quiet.hears("", action="bot")
    await quiet.work()
    assert (await quiet.conversation()).owner == Owner.BOT
    await quiet.heard()
    await quiet.sends("ola", number, "wait", on="customer", words="zdjęcie *tabliczki*\n- z tyłu")
    [told] = await quiet.heard()
    assert "potrzebujemy od Ciebie: zdjęcie \\*tabliczki\\*\n\\- z tyłu" in told
    ticket = await ticket_of(quiet, number)
    assert (ticket.status, ticket.waiting_reason) == (Status.WAITING_CUSTOMER, "zdjęcie *tabliczki*\n- z tyłu")
    assert ticket.ladder_at is None
    await quiet.customer_writes("już wysyłam")
    assert await quiet.heard() == []
    assert await last(quiet, number) == ("status", "customer", {"before": "waiting_customer", "after": "open"})
    assert (await quiet.events(number))[-2].kind == "customer_wrote"
    assert (await ticket_of(quiet, number)).waiting_reason is None


async def test_waiting_for_somebody_else_goes_on_when_the_customer_writes(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    await quiet.heard()
    await quiet.sends("ola", number, "wait", on="third_party", words="przewoźnik szuka paczki")
    assert "przewoźnik szuka paczki" in (await quiet.heard())[0]
    await quiet.customer_writes("i co?")
    assert (await ticket_of(quiet, number)).status == Status.WAITING_THIRD_PARTY


async def test_a_risk_is_told_plainly_and_calls_those_who_lead(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.presses("ola", number, "take_over")
    await quiet.heard()
    await quiet.sends("ola", number, "risk", words="Kurier zgubił paczkę.")
    [told] = await quiet.heard()
    assert told.startswith("Kurier zgubił paczkę.\n\nW sprawie")
    kind, actor, data = await last(quiet, number)
    assert (kind, actor, data["names"]) == ("risk", "agent:Ola", ["Piotr"])
    assert (await ticket_of(quiet, number)).priority == Priority.HIGH


async def test_spam_is_closed_without_a_word(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.heard()
    await quiet.sends("ola", number, "spam")
    ticket = await ticket_of(quiet, number)
    assert (ticket.status, ticket.cause, await quiet.heard()) == (Status.CLOSED, "spam", [])
    assert (await quiet.conversation()).owner == Owner.BOT


async def test_settled_with_a_cause_and_opened_again(quiet: QuietDesk) -> None:
    number = await quiet.case()
    await quiet.heard()
    await quiet.sends("ola", number, "resolve", cause="refunded", words="Pieniądze już idą.")
    [told] = await quiet.heard()
    assert told.startswith("Pieniądze już idą.\n\nZgłoszenie")
    assert (await last(quiet, number))[2] == {"before": "new", "after": "resolved", "cause": "refunded"}
    await quiet.presses("ola", number, "reopen")
    assert "Otwieramy ponownie" in (await quiet.heard())[0]
    assert await last(quiet, number) == ("reopened", "agent:Ola", {})


# With others


async def test_two_that_are_one_case_are_answered_in_both_chats_under_their_own_numbers(quiet: QuietDesk) -> None:
    first, second = await quiet.case("anna"), await quiet.case("marek", "to ja, mąż Anny, proszę o konsultanta")
    await quiet.sends("ola", second, "merge", into=f"#{first}")
    assert [one.data for one in await quiet.events(first, "merged")] == [{"other": second}]
    assert [one.data for one in await quiet.events(second, "merged")] == [{"into": first}]
    for chat in ("anna", "marek"):
        await quiet.heard(chat)
    await quiet.presses("ola", first, "take_over")
    await quiet.does(quiet.post("ola", first, "Mamy oba zgłoszenia"))
    for chat in ("anna", "marek"):
        assert (await quiet.heard(chat))[-1] == "Mamy oba zgłoszenia"
    await quiet.sends("ola", first, "resolve", cause="solved")
    assert f"#{first}" in (await quiet.heard("anna"))[0]
    assert f"#{second}" in (await quiet.heard("marek"))[0]


async def test_a_chat_of_a_merged_case_that_people_have_for_another_by_now_is_left_to_them(quiet: QuietDesk) -> None:
    first, second = await quiet.case("anna"), await quiet.case("marek")
    await quiet.sends("ola", second, "merge", into=f"#{first}")
    await quiet.presses("ola", first, "take_over")
    await quiet.presses("ola", first, "hand_back")
    other = await quiet.case("marek", "nie działa mi czajnik, proszę o człowieka, konsultant")
    await quiet.presses("piotr", other, "take_over")
    for chat in ("anna", "marek"):
        await quiet.heard(chat)
    await quiet.sends("ola", first, "wait", on="third_party", words="Przewoźnik szuka paczki.")
    await quiet.sends("ola", first, "risk", words="Kurier zgubił paczkę.")
    await quiet.does(quiet.post("ola", first, "nikt tego nie przeczyta"))
    await quiet.presses("ola", first, "take_over")
    await quiet.does(quiet.post("ola", first, "Szukamy jej dalej"))
    await quiet.sends("ola", first, "resolve", cause="solved")
    await quiet.presses("ola", first, "reopen")
    told = await quiet.heard("anna")
    said = ("szuka paczki", "zgubił", "Ola", "Szukamy jej dalej", f"#{first}", "Otwieramy ponownie")
    assert all(word in text for word, text in zip(said, told, strict=True)), told
    assert await quiet.heard("marek") == []
    chat = await quiet.conversation("marek")
    assert (chat.owner, chat.agent, chat.ticket_id) == (Owner.AGENT, "Piotr", (await ticket_of(quiet, other)).id)


async def test_the_offer_on_the_card_joins_the_younger_to_the_older_or_is_declined_for_good(quiet: QuietDesk) -> None:
    first, second, third = [await quiet.case(chat) for chat in ("anna", "marek", "ewa")]
    await quiet.presses("ola", first, "join", str(second))
    assert (await ticket_of(quiet, second)).merged_into == (await ticket_of(quiet, first)).id
    await quiet.presses("ola", first, "unlike", str(third))
    assert await last(quiet, first) == ("no_duplicate", "agent:Ola", {"other": third})
    await quiet.presses("ola", first, "join", str(second))
    assert "nie da się połączyć" in quiet.told("ola")[0]


async def test_tickets_that_belong_together_are_linked_once(quiet: QuietDesk) -> None:
    first, second = await quiet.case("anna"), await quiet.case("marek")
    for number, other in ((first, second), (second, first), (first, first), (first, 9999)):
        await quiet.sends("ola", number, "link", other=str(other))
    assert [one.data for one in await quiet.events(first, "related")] == [{"other": second}]
    assert [one.data for one in await quiet.events(second, "related")] == [{"other": first}]
    already, itself, unknown = quiet.told("ola")
    assert "Już tak jest" in already
    assert "tego samego" in itself
    assert "#9999" in unknown


async def test_who_follows_a_ticket_says_so_and_stops(quiet: QuietDesk) -> None:
    number = await quiet.case()
    for _ in range(2):
        await quiet.presses("ola", number, "follow")
    assert [one.kind for one in (await quiet.events(number))[-2:]] == ["followed", "unfollowed"]
    assert [f"#{number}" in one for one in quiet.told("ola")] == [True, True]


# By emoji


async def test_an_emoji_on_the_card_does_what_the_rules_say(quiet: QuietDesk) -> None:
    number = await quiet.case()
    done = {
        "eyes": "taken", "leftwards_arrow_with_hook": "released", "robot_face": "handed_back",
        "rotating_light": "risk", "white_check_mark": "status",
    }  # fmt: skip
    assert set(quiet.content.desk.emoji) == set(done)
    for emoji, kind in done.items():
        await quiet.does(quiet.event("ola", DeskKind.REACTED, number, argument=emoji))
        newest = (await quiet.events(number))[-1]
        assert (newest.kind, newest.actor) == (kind, "agent:Ola")
    assert (await ticket_of(quiet, number)).cause == next(iter(quiet.content.desk.causes))


async def test_other_emoji_and_taking_one_away_change_nothing(quiet: QuietDesk) -> None:
    number = await quiet.case()
    before = await quiet.everything()
    await quiet.does(
        quiet.event("ola", DeskKind.REACTED, number, argument="tada"),
        quiet.event("ola", DeskKind.UNREACTED, number, argument="white_check_mark"),
        quiet.event("stranger", DeskKind.UNREACTED, number, argument="white_check_mark"),
    )
    assert await quiet.everything() == before
    assert (quiet.told("ola"), quiet.told("stranger")) == ([], [])


# Twice, and what makes no sense


async def test_the_same_press_delivered_twice_counts_once(quiet: QuietDesk) -> None:
    number = await quiet.case()
    for action in ("take_over", "follow", "release", "hand_back", "resolve", "reopen"):
        press = quiet.event("ola", DeskKind.PRESSED, number, action=action, ticket=number)
        await quiet.does(press)
        once = await quiet.everything()
        await quiet.does(press)
        assert await quiet.everything() == once, action


SENSELESS: Sequence[tuple[str, dict[str, str], Why]] = [
    ("resolve", {"cause": "luck"}, Why.NO_CHOICE),
    ("assign", {"to": "999"}, Why.NOBODY),
    ("assign", {"to": "Piotr"}, Why.NO_NUMBER),
    ("wait", {"on": "weather", "words": "słońce"}, Why.NO_CHOICE),
    ("snooze", {"until": "jutro"}, Why.NO_CHOICE),
    ("snooze", {"until": "1"}, Why.PAST),
    ("snooze", {"until": "99999999999"}, Why.FAR),
    ("priority", {"priority": "urgent"}, Why.NO_CHOICE),
    ("category", {"category": "nonsense"}, Why.NO_CHOICE),
    ("tier", {"tier": "gold"}, Why.NO_CHOICE),
    ("merge", {"into": "tamto"}, Why.NO_NUMBER),
    ("link", {"other": "٣"}, Why.NO_NUMBER),
    ("link", {"other": "12345678901234567890"}, Why.NO_NUMBER),
]


async def test_what_makes_no_sense_changes_nothing_and_is_said_in_words(quiet: QuietDesk) -> None:
    number = await quiet.case()
    before = await quiet.everything()
    for action, values, why in SENSELESS:
        await quiet.sends("ola", number, action, **values)
        assert quiet.told("ola") == [quiet.texts()(f"desk.refused.{why}")], (action, values)
    assert await quiet.everything() == before


async def test_an_action_that_does_not_exist_changes_nothing(quiet: QuietDesk) -> None:
    number = await quiet.case()
    before = await quiet.everything()
    await quiet.presses("ola", number, "delete_everything")
    await quiet.presses("ola", 4242, "take_over")
    assert await quiet.everything() == before
    assert "#4242" in quiet.told("ola")[-1]
