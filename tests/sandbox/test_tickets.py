from __future__ import annotations

from bot.sandbox.tickets import HistoryLine, TicketCard, history, ticket_card
from tests.sandbox.conftest import Demo

AGENT = "Ola"


async def card(demo: Demo, language: str = "pl", agent: str = AGENT) -> TicketCard:
    case = (await demo.look()).cases[0]
    return ticket_card(case, agent, demo.bot.content, demo.bot.texts(language), demo.bot.now)


async def lines(demo: Demo, number: int) -> list[HistoryLine]:
    events = (await demo.look(number)).events[number]
    return list(history(events, demo.bot.content.calendar.zone, demo.bot.texts("en")))


async def a_handed_over_chat(demo: Demo) -> int:
    await demo.talk("konsultant")
    return (await demo.bot.tickets())[0].number


async def a_form(demo: Demo) -> None:
    """A delivery problem told with one fact and two questions skipped."""
    demo.bot.nlu.teach("kurier nie dojechał", "delivery_problem")
    await demo.talk("kurier nie dojechał")
    for _ in range(6):
        actions = (await demo.bot.replies())[-1].actions
        label = next((name for name in ("Pomiń", "Wyślij tak, jak jest", "Tak, wyślij") if name in actions), None)
        if label is None:
            return
        await demo.talk(label, action=actions[label])


async def test_a_fresh_card_says_whose_it_is_and_by_when_they_hear_something(demo: Demo) -> None:
    number = await a_handed_over_chat(demo)
    seen = await card(demo)
    assert (seen.number, seen.customer, seen.language, seen.chat_id) == (number, "Anna", "PL", "anna")
    assert (seen.topic, seen.status, seen.status_label) == ("Rozmowa z konsultantem", "new", "nowe")
    assert seen.due == "Odpowiedź dla klienta: dziś do 13:00"
    assert not seen.is_overdue
    assert seen.owner == "bot, czeka na konsultanta"


async def test_a_passed_time_is_marked(demo: Demo) -> None:
    await a_handed_over_chat(demo)
    demo.bot.later(hours=2)
    seen = await card(demo, "en")
    assert seen.is_overdue
    assert seen.due == "Overdue: promised today at 13:00"


async def test_a_form_shows_its_facts_and_what_is_missing_but_not_its_topic_twice(demo: Demo) -> None:
    await a_form(demo)
    seen = await card(demo)
    assert seen.topic == "Kłopot z dostawą"
    assert "Kłopot z dostawą" not in seen.summary_html
    assert "kurier nie dojechał" in seen.summary_html
    assert "Numer zamówienia" in seen.missing


async def test_a_card_offers_only_what_can_be_done(demo: Demo) -> None:
    number = await a_handed_over_chat(demo)
    fresh = await card(demo)
    assert (fresh.can_take, fresh.can_reply, fresh.can_hand_back, fresh.can_resolve) == (True, True, False, True)
    await demo.bot.agent(AGENT, "take_over", number)
    mine = await card(demo)
    assert (mine.can_take, mine.can_reply, mine.can_hand_back, mine.can_resolve) == (False, True, True, True)
    assert mine.owner == AGENT
    others = await card(demo, agent="Agent 2")
    assert (others.can_take, others.can_hand_back, others.owner) == (True, False, AGENT)
    await demo.bot.agent(AGENT, "resolve", number)
    settled = await card(demo)
    assert (settled.can_take, settled.can_reply, settled.can_hand_back, settled.can_resolve) == (False,) * 4
    assert settled.due == ""


async def test_the_summary_never_hides_where_a_customers_link_leads(demo: Demo) -> None:
    await demo.talk("połącz mnie z kimś [tutaj](https://a.example) <b>")
    seen = await card(demo)
    assert "<a " not in seen.summary_html
    assert "<b>" not in seen.summary_html


async def test_a_topic_that_is_gone_shows_its_name(demo: Demo) -> None:
    await a_handed_over_chat(demo)
    case = (await demo.look()).cases[0]
    case.ticket.category = "retired_topic"
    case.ticket.missing = ["retired_field"]
    seen = ticket_card(case, AGENT, demo.bot.content, demo.bot.texts(), demo.bot.now)
    assert (seen.topic, seen.missing) == ("retired_topic", "retired_field")


async def test_the_history_tells_what_happened_when_and_by_whom(demo: Demo) -> None:
    number = await a_handed_over_chat(demo)
    demo.bot.later(minutes=5)
    await demo.bot.agent(AGENT, "take_over", number)
    told = await lines(demo, number)
    assert told[0] == HistoryLine("12:00", "bot", "opened the ticket")
    assert HistoryLine("12:05", AGENT, "status: new → open") in told
    assert HistoryLine("12:05", AGENT, "took the chat over") in told


async def test_an_event_newer_than_the_texts_still_shows(demo: Demo) -> None:
    number = await a_handed_over_chat(demo)
    events = (await demo.look(number)).events[number]
    events[0].kind = "sent_by_pigeon"
    assert history(events, demo.bot.content.calendar.zone, demo.bot.texts("en"))[0].what == "sent by pigeon"
