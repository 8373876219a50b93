from __future__ import annotations

import pytest

from handlers.agent_actions import NotYours
from handlers.handoff import AlreadyTaken
from handlers.tickets import IllegalTransition, TicketNotFound
from tests.bot_under_test import BotUnderTest


async def _file(bot: BotUnderTest, chat: str = "anna") -> int:
    """A ticket of `chat`, filed through the conversation."""
    bot.nlu.teach("rodo", "export_my_data")
    summary = await bot.ask("rodo", chat=chat)
    await bot.press(summary, "Tak, wyślij", chat=chat)
    return (await bot.tickets())[-1].number


async def test_status_of_the_only_open_ticket_says_who_answers_by_when(bot: BotUnderTest) -> None:
    await bot.meet()
    number = await _file(bot)
    bot.nlu.teach("co z moją sprawą", "ticket_status")
    reply = await bot.ask("co z moją sprawą")
    assert f"#{number}" in reply.text
    assert "Czeka w kolejce" in reply.text
    assert "dziś do 13:00" in reply.text


async def test_a_promised_time_that_has_passed_is_not_told_as_if_it_were_to_come(bot: BotUnderTest) -> None:
    await bot.meet()
    await _file(bot)
    bot.later(hours=3)
    bot.nlu.teach("co z moją sprawą", "ticket_status")
    reply = await bot.ask("co z moją sprawą")
    assert "już minął" in reply.text
    assert "do 13:00" not in reply.text


async def test_several_open_tickets_are_listed(bot: BotUnderTest) -> None:
    await bot.meet()
    await _file(bot)
    await _file(bot)
    bot.nlu.teach("moje zgłoszenia", "ticket_status")
    reply = await bot.ask("moje zgłoszenia")
    assert reply.text.startswith("Masz 2 otwarte zgłoszenia:")


@pytest.mark.parametrize("intent", ["ticket_status", "reopen_ticket", "resolve_ticket"])
async def test_somebody_elses_ticket_is_answered_like_none_at_all(bot: BotUnderTest, intent: str) -> None:
    await bot.meet("anna")
    await bot.meet("tom")
    number = await _file(bot, "anna")
    bot.nlu.teach(f"#{number}", intent, ticket_number=f"#{number}")
    theirs = await bot.ask(f"#{number}", chat="tom")
    bot.nlu.teach("#9999", intent, ticket_number="#9999")
    nobodys = await bot.ask("#9999", chat="tom")
    assert theirs.text.replace(str(number), "9999") == nobodys.text
    [ticket] = await bot.tickets()
    assert ticket.status == "new"


async def test_the_customer_settles_their_own_ticket(bot: BotUnderTest) -> None:
    await bot.meet()
    await _file(bot)
    bot.nlu.teach("już załatwione", "resolve_ticket")
    await bot.ask("już załatwione")
    [ticket] = await bot.tickets()
    assert ticket.status == "resolved"
    assert ticket.next_word_at is None


async def test_reopening_sets_a_new_time_and_what_follows_goes_to_the_ticket(bot: BotUnderTest) -> None:
    await bot.meet()
    number = await _file(bot)
    await bot.agent("Ola", "resolve", number)
    [told] = await bot.replies()
    reopened = await bot.press(told, "Problem wrócił")
    assert "znów otwarte" in reopened.text
    [ticket] = await bot.tickets()
    assert ticket.status == "open"
    assert ticket.next_word_at is not None
    assert (await bot.conversation()).owner == "queue"
    assert "Dopisane" in (await bot.ask("dalej to samo")).text


async def test_which_of_several_is_asked_and_a_typed_number_picks_it(bot: BotUnderTest) -> None:
    await bot.meet()
    first = await _file(bot)
    await _file(bot)
    bot.nlu.teach("załatwione", "resolve_ticket")
    question = await bot.ask("załatwione")
    assert "Które zgłoszenie" in question.text
    await bot.ask(str(first))
    assert [ticket.status for ticket in await bot.tickets()] == ["resolved", "new"]


async def test_takeover_silences_the_bot_until_it_is_handed_back(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    await bot.agent("Ola", "take_over", 1001)
    [joined] = await bot.replies()
    assert joined.author == "agent"
    bot.nlu.teach("ile trwa dostawa", "delivery_period")
    assert await bot.say("ile trwa dostawa") is None
    await bot.agent("Ola", "hand_back", 1001)
    await bot.replies()
    assert "dni" in (await bot.ask("ile trwa dostawa")).text


async def test_a_second_agent_is_told_who_has_it(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    await bot.agent("Ola", "take_over", 1001)
    with pytest.raises(AlreadyTaken, match="Ola"):
        await bot.agent("Jan", "take_over", 1001)


async def test_an_unknown_number_or_a_second_resolution_is_refused(bot: BotUnderTest) -> None:
    await bot.meet()
    number = await _file(bot)
    with pytest.raises(TicketNotFound):
        await bot.agent("Ola", "resolve", 4711)
    await bot.agent("Ola", "resolve", number)
    with pytest.raises(IllegalTransition):
        await bot.agent("Ola", "resolve", number)


async def test_while_waiting_for_a_person_sure_answers_are_still_given(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    bot.nlu.teach("o której otwieracie", "opening_hours")
    assert "8:00–18:00" in (await bot.ask("o której otwieracie")).text
    assert "Dopisane do zgłoszenia" in (await bot.ask("chodzi o lampę")).text
    assert await bot.say("tę zieloną") is None
    bot.later(minutes=6)
    assert await bot.say("i jeszcze jedno") is not None


async def test_the_customer_can_go_back_to_the_bot_and_the_ticket_stays(bot: BotUnderTest) -> None:
    await bot.meet()
    handed = await bot.ask("konsultant")
    back = await bot.press(handed, "Wróć do bota")
    assert "zostaje u konsultanta" in back.text
    assert (await bot.conversation()).owner == "bot"
    assert (await bot.tickets())[0].status == "new"


async def test_an_agents_answer_keeps_the_promise_and_sets_the_next_one(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    before = (await bot.tickets())[0].next_word_at
    await bot.agent("Ola", "reply", 1001, "Już sprawdzam, **chwilka**.")
    [joined] = await bot.replies()
    assert joined.text == r"Już sprawdzam, \*\*chwilka\*\*."
    after = (await bot.tickets())[0].next_word_at
    assert before is not None
    assert after is not None
    assert after > before


async def test_what_led_to_a_person_is_kept_as_words_not_as_markup(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("konsultant **teraz** [tu](https://zly.example)")
    assert (await bot.tickets())[0].summary == r"konsultant \*\*teraz\*\* \[tu\](https://zly.example)"


async def test_a_settled_ticket_that_an_agent_takes_is_open_again_with_a_promise(bot: BotUnderTest) -> None:
    await bot.meet()
    number = await _file(bot)
    await bot.agent("Ola", "resolve", number)
    await bot.agent("Ola", "take_over", number)
    [ticket] = await bot.tickets()
    assert ticket.status == "open"
    assert ticket.resolved_at is None
    assert ticket.next_word_at is not None


async def test_agents_buttons_speak_the_language_the_customer_writes_in_by_now(bot: BotUnderTest) -> None:
    await bot.meet()
    number = await _file(bot)
    bot.nlu.teach("what about my case", "ticket_status", language="en")
    await bot.ask("what about my case")
    await bot.replies()
    await bot.agent("Ola", "take_over", number)
    [joined] = await bot.replies()
    assert "taking over" in joined.text


async def test_a_number_typed_while_waiting_for_a_person_picks_the_ticket_we_asked_about(bot: BotUnderTest) -> None:
    await bot.meet()
    for _ in range(2):
        await _file(bot)
    solved = [ticket.number for ticket in await bot.tickets()]
    for number in solved:
        await bot.agent("Ola", "resolve", number)
    await bot.replies()
    await bot.ask("konsultant")
    which = await bot.ask("Problem wrócił", action="do:reopen_ticket")
    assert "Które zgłoszenie" in which.text
    assert f"#{solved[0]}" in (await bot.ask(str(solved[0]))).text
    assert [ticket.status for ticket in await bot.tickets()][:2] == ["open", "resolved"]


@pytest.mark.parametrize("what", ["resolve", "hand_back"])
async def test_nobody_ends_what_another_agent_has_in_hand(bot: BotUnderTest, what: str) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    await bot.agent("Ola", "take_over", 1001)
    with pytest.raises(NotYours, match="Ola"):
        await bot.agent("Jan", what, 1001)
    assert (await bot.conversation()).agent == "Ola"


async def test_a_customer_can_ask_for_their_tickets_while_an_agent_answers_in_the_chat(bot: BotUnderTest) -> None:
    await bot.ask("konsultant")
    await bot.agent("Ola", "take_over", 1001)
    await bot.replies()
    said = await bot.ask("/status", action="do:ticket_status")
    assert "#1001" in said.text
    assert said.author == "system", "a bot's words would be withheld here"
    assert await bot.say("co z moim zgłoszeniem") is None, "words are the agent's"


async def test_an_agent_who_has_the_chat_does_not_greet_again_for_another_ticket_of_it(bot: BotUnderTest) -> None:
    await bot.meet()
    first, second = [await _file(bot) for _ in range(2)]
    await bot.agent("Ola", "take_over", first)
    assert len([one for one in await bot.replies() if "Przejmuję rozmowę" in one.text]) == 1
    await bot.agent("Ola", "take_over", second)
    assert not [one for one in await bot.replies() if "Przejmuję rozmowę" in one.text]
    assert [ticket.assignee for ticket in await bot.tickets()] == ["Ola", "Ola"]
