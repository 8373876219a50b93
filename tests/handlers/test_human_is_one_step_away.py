"""R11: from every state, in both languages, by word, button or command."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bot_under_test import BotUnderTest

WORDS = ["konsultant", "człowiek", "chce rozmawiac z czlowiekiem", "agent", "human", "talk to a person please",
         "połącz mnie z konsultantem", "Can I speak to someone?", "poproszę konsultanta!!"]  # fmt: skip

WAYS_INTO_A_STATE: dict[str, list[tuple[str, str, float]]] = {
    "nothing said yet": [],
    "small talk": [("hej", "greet", 0.99)],
    "two readings offered": [("cos", "cancel_order", 0.6)],
    "not understood once": [("blargh", "greet", 0.05)],
    "asked for a number": [("anuluj zamówienie", "cancel_order", 0.99)],
    "asked for a description": [("skarga", "complaint", 0.99)],
    "asked for an outcome": [("skarga", "complaint", 0.99), ("kurier rzucił paczką", "complaint", 0.99)],
    "asked to confirm": [("rodo", "export_my_data", 0.99)],
    "changing the summary": [("rodo", "export_my_data", 0.99), ("nie", "deny", 0.99)],
    "ticket filed": [("rodo", "export_my_data", 0.99), ("tak", "affirm", 0.99)],
    "a remark offered": [
        ("rodo", "export_my_data", 0.99), ("tak", "affirm", 0.99), ("blargh", "greet", 0.05),
    ],
}  # fmt: skip


async def _lead(bot: BotUnderTest, state: str, chat: str) -> None:
    for text, intent, confidence in WAYS_INTO_A_STATE[state]:
        bot.nlu.teach(text, intent, confidence, second="change_order")
        await bot.ask(text, chat=chat)


@pytest.mark.parametrize("state", WAYS_INTO_A_STATE)
@pytest.mark.parametrize("nlu_is_down", [False, True], ids=["nlu up", "nlu down"])
async def test_every_word_for_a_person_reaches_one_from_every_state(
    bot: BotUnderTest, state: str, nlu_is_down: bool
) -> None:
    for number, word in enumerate(WORDS):
        chat = f"chat{number}"
        bot.nlu.down = False
        await _lead(bot, state, chat)
        bot.nlu.down = nlu_is_down
        reply = await bot.ask(word, chat=chat)
        assert (await bot.conversation(chat)).owner == "queue", word
        assert "Konsultant odpisze tutaj" in reply.text


@pytest.mark.parametrize("state", [state for state in WAYS_INTO_A_STATE if state != "small talk"])
async def test_the_button_for_a_person_stands_under_every_question(bot: BotUnderTest, state: str) -> None:
    if not WAYS_INTO_A_STATE[state]:
        await bot.meet()
        return
    last = None
    for text, intent, confidence in WAYS_INTO_A_STATE[state]:
        bot.nlu.teach(text, intent, confidence, second="change_order")
        last = await bot.ask(text)
    assert last is not None
    assert "human" in last.actions.values()
    await bot.ask("Połącz z człowiekiem", action="human")
    assert (await bot.conversation()).owner == "queue"


async def test_what_was_collected_goes_with_the_customer(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("anuluj ZAM-3", "cancel_order", order_number="ZAM-3")
    await bot.ask("anuluj ZAM-3")
    await bot.ask("konsultant")
    [ticket] = await bot.tickets()
    assert ticket.category == "cancel_order"
    assert ticket.facts == {"order_number": "ZAM-3"}


async def test_asking_again_while_waiting_tells_the_time_and_makes_no_second_ticket(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    again = await bot.ask("konsultant")
    assert "już czeka na konsultanta" in again.text
    assert len(await bot.tickets()) == 1


STEPS = st.lists(
    st.sampled_from(
        ["rodo", "anuluj zamówienie", "skarga", "blargh", "tak", "nie", "pomiń", "cos", "nieważne", "👍", ""]
    ),
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, word=st.sampled_from(WORDS))
async def test_whatever_was_said_before_one_word_reaches_a_person(
    bot: BotUnderTest, steps: list[str], word: str
) -> None:
    chat = f"walk{hash((tuple(steps), word))}"
    for text, intent, confidence in [step for way in WAYS_INTO_A_STATE.values() for step in way]:
        bot.nlu.teach(text, intent, confidence, second="change_order")
    failures = 0
    for step in steps:
        reply = await bot.say(step, chat=chat)
        failures = failures + 1 if reply and "nie będę zgadywać" in reply.text else 0
        assert failures < 2, "never a third fallback: the second is a person"
    await bot.say(word, chat=chat)
    assert (await bot.conversation(chat)).owner == "queue"


async def test_a_bare_call_for_a_person_goes_with_the_case_that_is_open_here(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("rodo", "export_my_data")
    await bot.ask("rodo")
    await bot.ask("tak")
    reply = await bot.ask("konsultant")
    assert "#1001" in reply.text
    assert len(await bot.tickets()) == 1
    assert (await bot.conversation()).owner == "queue"


async def test_a_person_can_be_called_in_the_middle_of_a_flood(bot: BotUnderTest) -> None:
    await bot.meet()
    for number in range(30):
        await bot.hears(f"halo {number}")
    notice = await bot.ask("halo")
    assert "poprosić o konsultanta" in notice.text
    reply = await bot.press(notice, "Połącz z człowiekiem")
    assert "Konsultant odpisze tutaj" in reply.text
    assert (await bot.conversation()).owner == "queue"


async def test_a_person_asked_for_in_words_that_only_the_model_knows_comes_with_what_was_collected(
    bot: BotUnderTest,
) -> None:
    await bot.meet()
    bot.nlu.teach("faktura", "get_invoice")
    bot.nlu.teach("niech zadzwoni tu wasz szef", "escalate")
    await bot.ask("faktura")
    reply = await bot.ask("niech zadzwoni tu wasz szef")
    assert "jako pilną" in reply.text
    [ticket] = await bot.tickets()
    assert (ticket.category, ticket.priority) == ("get_invoice", "high")


@pytest.mark.parametrize("label", ["Połącz z człowiekiem", "konsultant"])
async def test_a_call_under_did_you_mean_takes_along_what_had_been_written(bot: BotUnderTest, label: str) -> None:
    await bot.meet()
    bot.nlu.teach("pudło całe mokre a miało być dziś", "cancel_order", 0.6, second="change_order")
    offer = await bot.ask("pudło całe mokre a miało być dziś")
    await bot.ask(label, action=offer.actions.get(label))
    [ticket] = await bot.tickets()
    assert ticket.summary == "pudło całe mokre a miało być dziś"


async def test_a_case_begun_while_waiting_for_a_person_is_collected_to_its_end(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("zasady zwrotów", "return_policy")
    await bot.ask("konsultant")
    offer = await bot.ask("zasady zwrotów")
    question = await bot.press(offer, "Chcę zwrócić zakupy")
    assert "numer zamówienia" in question.text
    bot.nlu.teach("ZAM-20481", "track_order", order_number="ZAM-20481")
    assert "Które rzeczy" in (await bot.ask("ZAM-20481")).text
    assert "Zgadza się?" in (await bot.ask("całość")).text
    await bot.ask("tak")
    assert [ticket.category for ticket in await bot.tickets()] == ["human_handoff", "get_refund"]
    assert (await bot.conversation()).owner == "queue"


async def test_losing_patience_while_waiting_is_answered_and_moves_the_case_up(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    bot.nlu.teach("ile jeszcze mam czekać, to skandal", "escalate")
    reply = await bot.ask("ile jeszcze mam czekać, to skandal")
    assert "już czeka na konsultanta, ma numer **#1001**" in reply.text
    [ticket] = await bot.tickets()
    assert ticket.priority == "high"
