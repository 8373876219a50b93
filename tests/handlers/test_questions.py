from __future__ import annotations

import pytest

from handlers.intents import INTENTS
from tests.bot_under_test import BotUnderTest, Said
from tests.fakes import FakeOrders

FORMS = ["report_problem", "complaint", "warranty_claim", "delivery_problem", "change_order", "payment_issue",
         "get_invoice", "book_appointment", "registration_problem", "get_refund", "suggestion"]  # fmt: skip


def asks_to_confirm(said: Said) -> bool:
    return "Zgadza się?" in said.text


async def test_a_laconic_report_is_asked_about_before_there_is_a_ticket(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("nie działa", "report_problem")
    question = await bot.ask("nie działa")
    assert question.text.startswith("Co się stało?")
    assert await bot.tickets() == []


async def test_what_was_told_already_is_not_asked_again(bot: BotUnderTest) -> None:
    await bot.meet()
    story = "paczka ZAM-20481 przyszła rozbita, w środku same skorupy"
    bot.nlu.teach(story, "delivery_problem", order_number="ZAM-20481")
    question = await bot.ask(story)
    assert "rozwiązanie" in question.text
    summary = await bot.ask("wymiana na nową")
    assert asks_to_confirm(summary)
    for fact in ("ZAM-20481", "same skorupy", "wymiana na nową"):
        assert fact in summary.text


async def test_the_ticket_equals_the_confirmed_summary(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("faktura do ZAM-7", "get_invoice", order_number="ZAM-7")
    await bot.ask("faktura do ZAM-7")
    summary = await bot.ask("NIP 525-244-57-67, Firma X")
    filed = await bot.press(summary, "Tak, wyślij")
    [ticket] = await bot.tickets()
    assert ticket.summary in summary.text
    assert ticket.confirmed
    assert ticket.facts == {"order_number": "ZAM-7", "invoice_details": "NIP 525-244-57-67, Firma X"}
    assert f"#{ticket.number}" in filed.text
    assert "dziś do 13:00" in filed.text


@pytest.mark.parametrize("form", FORMS)
async def test_every_form_asks_at_most_three_questions_and_all_can_be_skipped(bot: BotUnderTest, form: str) -> None:
    await bot.meet()
    bot.nlu.teach("start", form)
    said = await bot.ask("start")
    questions = 0
    while not asks_to_confirm(said):
        questions += 1
        said = await bot.press(said, "Pomiń")
    assert questions <= 3
    await bot.press(said, "Tak, wyślij")
    [ticket] = await bot.tickets()
    assert ticket.category == form
    assert ticket.missing, "what was skipped is shown to the agent"


@pytest.mark.parametrize("word", ["pomiń", "nie wiem", "skip", "nie mam"])
async def test_a_question_can_be_skipped_by_word(bot: BotUnderTest, word: str) -> None:
    await bot.meet()
    bot.nlu.teach("zmiana", "change_order")
    await bot.ask("zmiana")
    assert "Co zmienić" in (await bot.ask(word)).text


async def test_an_answer_of_the_wrong_shape_is_asked_once_more_and_then_taken_as_it_is(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("anuluj zamówienie", "cancel_order")
    await bot.ask("anuluj zamówienie")
    again = await bot.ask("to wczorajsze")
    assert "ZAM" in again.text
    summary = await bot.ask("no to z lampą")
    assert asks_to_confirm(summary)
    assert "no to z lampą" in summary.text


async def test_no_leads_to_changing_the_summary_not_to_a_new_beginning(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("anuluj ZAM-1", "cancel_order", order_number="ZAM-1")
    summary = await bot.ask("anuluj ZAM-1")
    edit = await bot.press(summary, "Popraw")
    question = await bot.press(edit, "Numer zamówienia")
    assert "numer zamówienia" in question.text
    bot.nlu.teach("ZAM-2", "track_order", 0.9, order_number="ZAM-2")
    summary = await bot.ask("ZAM-2")
    assert "ZAM-2" in summary.text
    assert "Numer zamówienia: ZAM-1" not in summary.text


async def test_words_instead_of_yes_or_no_are_taken_into_the_summary(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("anuluj ZAM-1", "cancel_order", order_number="ZAM-1")
    await bot.ask("anuluj ZAM-1")
    summary = await bot.ask("i to pilne, wyjeżdżam jutro")
    assert "Dopisek: i to pilne, wyjeżdżam jutro" in summary.text
    await bot.ask("tak")
    [ticket] = await bot.tickets()
    assert ticket.facts["remark"] == "i to pilne, wyjeżdżam jutro"


@pytest.mark.parametrize("word", ["nieważne", "anuluj", "never mind", "stop"])
async def test_the_customer_can_break_off_at_any_question(bot: BotUnderTest, word: str) -> None:
    await bot.meet()
    bot.nlu.teach("reklamacja", "warranty_claim")
    await bot.ask("reklamacja")
    assert "nic nie wysyłam" in (await bot.ask(word)).text
    assert (await bot.conversation()).awaiting is None


async def test_a_question_back_is_answered_and_then_we_go_on(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("anuluj zamówienie", "cancel_order")
    await bot.ask("anuluj zamówienie")
    bot.nlu.teach("a ile to kosztuje?", "cancellation_fee")
    reply = await bot.ask("a ile to kosztuje?")
    assert "Wracając do zgłoszenia" in reply.text
    assert (await bot.conversation()).awaiting is not None


async def test_another_wish_instead_of_a_number_is_followed(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("anuluj zamówienie", "cancel_order")
    await bot.ask("anuluj zamówienie")
    bot.nlu.teach("albo nie, zmień adres", "change_shipping_address")
    await bot.ask("albo nie, zmień adres")
    awaiting = (await bot.conversation()).awaiting
    assert awaiting is not None
    assert awaiting["draft"]["form"] == "change_shipping_address"


async def test_a_description_is_not_mistaken_for_another_wish(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("skarga", "complaint")
    await bot.ask("skarga")
    bot.nlu.teach("oddajcie mi pieniądze za ten zwrot", "get_refund")
    await bot.ask("oddajcie mi pieniądze za ten zwrot")
    awaiting = (await bot.conversation()).awaiting
    assert awaiting is not None
    assert awaiting["draft"]["form"] == "complaint"


async def test_a_complaint_asks_for_the_desired_outcome(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("skarga na kuriera, rzucił paczkę przez płot", "complaint")
    reply = await bot.ask("skarga na kuriera, rzucił paczkę przez płot")
    assert "rozwiązanie" in reply.text


async def test_what_a_customer_typed_never_becomes_markup(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("skarga", "complaint")
    await bot.ask("skarga")
    await bot.ask("**PILNE** [kliknij](https://zly.example)")
    summary = await bot.ask("pomiń")
    summary = summary if asks_to_confirm(summary) else await bot.ask("pomiń")
    assert r"\*\*PILNE\*\* \[kliknij\](https://zly.example)" in summary.text


async def test_an_order_nobody_knows_is_handed_on_as_a_ticket(bot: BotUnderTest) -> None:
    bot.orders = FakeOrders({})
    bot.orders.down = True
    await bot.meet()
    bot.nlu.teach("gdzie ZAM-5", "track_order", order_number="ZAM-5")
    assert asks_to_confirm(await bot.ask("gdzie ZAM-5"))


async def test_every_intent_answers_something_in_both_languages(bot: BotUnderTest) -> None:
    await bot.meet()
    for language in ("pl", "en"):
        for intent in INTENTS:
            chat = f"{language}-{intent}"
            text = f"{intent} in {language}"
            bot.nlu.teach(text, intent, language=language)
            reply = await bot.ask(text, chat=chat, hint=language)
            assert reply.text.strip()
            assert "{" not in reply.text


async def test_asking_for_a_case_at_the_summary_is_answered_and_does_not_become_a_remark(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("anuluj ZAM-1", "cancel_order", order_number="ZAM-1")
    await bot.ask("anuluj ZAM-1")
    bot.nlu.teach("co z moim zgłoszeniem", "ticket_status")
    reply = await bot.ask("co z moim zgłoszeniem")
    assert "żadnego zgłoszenia" in reply.text
    assert "Zgadza się?" in reply.text
    assert "Dopisek" not in reply.text


async def test_an_answer_that_says_more_than_its_entity_is_kept_whole(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("wizyta", "book_appointment")
    bot.nlu.teach("14 maja o 10:00", "book_appointment", date="2027-05-14")
    await bot.ask("wizyta")
    await bot.ask("odbiór lampy")
    summary = await bot.ask("14 maja o 10:00")
    assert "14 maja o 10:00" in summary.text


@pytest.mark.parametrize(("words", "intent"), [("tak, ale numer to ZAM-8", "affirm"), ("nie, ZAM-8", "deny")])
async def test_yes_or_no_with_another_number_changes_the_summary_first(
    bot: BotUnderTest, words: str, intent: str
) -> None:
    await bot.meet()
    bot.nlu.teach("anuluj ZAM-7", "cancel_order", order_number="ZAM-7")
    bot.nlu.teach(words, intent, order_number="ZAM-8")
    await bot.ask("anuluj ZAM-7")
    summary = await bot.ask(words)
    assert "ZAM-8" in summary.text
    assert asks_to_confirm(summary)
    assert await bot.tickets() == []


async def test_a_products_name_is_not_mistaken_for_another_wish(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("nie działa mi to od wczoraj wcale", "report_problem")
    bot.nlu.teach("ta lampa z promocji", "discount_code")
    await bot.ask("nie działa mi to od wczoraj wcale")
    summary = await bot.ask("ta lampa z promocji")
    assert asks_to_confirm(summary)
    assert "ta lampa z promocji" in summary.text
