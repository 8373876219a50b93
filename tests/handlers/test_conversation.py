from __future__ import annotations

import pytest

from handlers.orders import Order, OrderStatus, RefundStatus
from tests.bot_under_test import SATURDAY_NIGHT, BotUnderTest
from tests.fakes import FakeOrders


async def test_first_words_say_that_it_is_a_bot_and_link_the_privacy_notice(bot: BotUnderTest) -> None:
    bot.nlu.teach("hej", "greet")
    first = await bot.ask("hej")
    assert "bot sklepu **Dom i Lampa**" in first.text
    assert "(https://sklep.example/prywatnosc)" in first.text
    second = await bot.ask("hej")
    assert "bot sklepu" not in second.text
    assert "Cześć, Anno!" in second.text
    assert (await bot.customer()).notice_version == "2026-11"


async def test_a_question_is_answered_from_content_and_the_reply_names_its_version(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("ile mam na zwrot", "return_policy")
    reply = await bot.ask("ile mam na zwrot")
    assert "14 dni" in reply.text
    assert "do:get_refund" in reply.actions.values()


async def test_two_readings_are_offered_and_the_chosen_one_keeps_what_was_written(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("zamowienie ZAM-20481", "cancel_order", 0.6, second="change_order", order_number="ZAM-20481")
    offer = await bot.ask("zamowienie ZAM-20481")
    labels = list(offer.actions)
    assert offer.actions[labels[0]].startswith("do:cancel_order")
    assert offer.actions[labels[1]].startswith("do:change_order")
    reply = await bot.press(offer, labels[0])
    assert "ZAM-20481" in reply.text


async def test_second_misunderstanding_hands_over_to_a_person(bot: BotUnderTest) -> None:
    await bot.meet()
    first = await bot.ask("blargh")
    assert "nie będę zgadywać" in first.text
    second = await bot.ask("fnord")
    assert "#1001" in second.text
    assert (await bot.conversation()).owner == "queue"
    assert [ticket.reason for ticket in await bot.tickets()] == ["not_understood"]


async def test_an_understood_message_in_between_starts_the_count_anew(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("dzięki", "thank_you")
    await bot.ask("blargh")
    await bot.ask("dzięki")
    await bot.ask("fnord")
    assert (await bot.conversation()).owner == "bot"


async def test_refusing_both_readings_counts_as_not_understood(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("coś z zamówieniem", "cancel_order", 0.6, second="change_order")
    offer = await bot.ask("coś z zamówieniem")
    honest = await bot.press(offer, "Coś innego")
    assert "nie będę zgadywać" in honest.text
    offer = await bot.ask("coś z zamówieniem")
    handed = await bot.press(offer, "Coś innego")
    assert "#1001" in handed.text


async def test_out_of_scope_is_said_honestly(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("jaka pogoda", "out_of_scope")
    assert "Tego nie wiem" in (await bot.ask("jaka pogoda")).text


async def test_language_follows_the_customer_but_not_a_single_word(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("status", "ticket_status", language="en")
    assert "zgłoszenia" in (await bot.ask("status")).text
    bot.nlu.teach("where is my case", "ticket_status", language="en")
    assert "You have no tickets" in (await bot.ask("where is my case")).text
    assert (await bot.customer()).language == "en"


async def test_a_chosen_language_stays_whatever_single_messages_look_like(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("english please", "change_language", language="en")
    reply = await bot.ask("english please")
    assert reply.text == "All right, I'll go on in English."
    bot.nlu.teach("dziękuję bardzo", "thank_you")
    assert "You're welcome" in (await bot.ask("dziękuję bardzo")).text
    back = await bot.ask("Polski", action=reply.press("Polski"))
    assert back.text == "Dobrze, dalej piszę po polsku."


async def test_the_formal_register_speaks_to_a_customer_as_pan_or_pani(bot: BotUnderTest) -> None:
    bot.register = "pan"
    await bot.meet()
    again = await bot.ask("dzień dobry")
    assert again.text.startswith("Dzień dobry, Pani Anno!")


async def test_when_nobody_can_read_it_is_said_and_a_ticket_keeps_the_words(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.down = True
    reply = await bot.ask("gdzie moja paczka")
    assert "nic nie zginęło" in reply.text
    [ticket] = await bot.tickets()
    assert (ticket.reason, ticket.subject) == ("nlu_down", "gdzie moja paczka")
    assert await bot.say("ZAM-1") is not None
    assert len(await bot.tickets()) == 1


async def test_several_quick_messages_are_one_turn(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("hej\nmam pytanie\nile trwa dostawa", "delivery_period")
    asked = len(bot.nlu.asked)
    for text in ("hej", "mam pytanie", "ile trwa dostawa"):
        await bot.hears(text)
    await bot.work()
    assert len(await bot.replies()) == 1
    assert bot.nlu.asked[asked:] == ["hej\nmam pytanie\nile trwa dostawa"]


async def test_order_is_looked_up_and_answered_without_a_ticket(bot: BotUnderTest) -> None:
    bot.orders = FakeOrders({"ZAM-1": Order("ZAM-1", OrderStatus.SHIPPED, "InPost", "123")})
    await bot.meet()
    bot.nlu.teach("gdzie ZAM-1", "track_order", order_number="ZAM-1")
    reply = await bot.ask("gdzie ZAM-1")
    assert "w drodze" in reply.text
    assert "InPost" in reply.text
    assert await bot.tickets() == []
    assert bot.orders.asked == ["ZAM-1"]


async def test_unknown_order_or_silent_shop_system_becomes_a_ticket(bot: BotUnderTest) -> None:
    bot.orders = FakeOrders({})
    await bot.meet()
    bot.nlu.teach("gdzie ZAM-9", "track_order", order_number="ZAM-9")
    reply = await bot.ask("gdzie ZAM-9")
    assert "Zgadza się?" in reply.text
    filed = await bot.press(reply, "Tak, wyślij")
    assert "#1001" in filed.text


async def test_refund_state_is_told(bot: BotUnderTest) -> None:
    refund = Order("ZAM-2", OrderStatus.RETURNED, refund=RefundStatus.SENT, refund_amount="49,99 zł")
    bot.orders = FakeOrders({"ZAM-2": refund})
    await bot.meet()
    bot.nlu.teach("zwrot za ZAM-2", "track_refund", order_number="ZAM-2")
    assert "49,99 zł" in (await bot.ask("zwrot za ZAM-2")).text


async def test_thanks_or_an_emoji_after_resolution_does_not_reopen(bot: BotUnderTest) -> None:
    await bot.meet()
    await bot.ask("konsultant")
    await bot.agent("Ola", "take_over", 1001)
    await bot.agent("Ola", "resolve", 1001)
    await bot.replies()
    bot.nlu.teach("dzięki wielkie", "thank_you")
    await bot.ask("dzięki wielkie")
    await bot.ask("👍")
    await bot.ask("❤️🎉")
    [ticket] = await bot.tickets()
    assert ticket.status == "resolved"
    assert (await bot.conversation()).owner == "bot"


async def test_outside_hours_the_next_word_names_the_next_opening_and_the_urgent_contact(bot: BotUnderTest) -> None:
    bot.now = SATURDAY_NIGHT
    await bot.meet()
    reply = await bot.ask("konsultant")
    assert "w poniedziałek do 9:00" in reply.text
    assert "+48 22 555 01 99" in reply.text


async def test_an_old_button_changes_nothing(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("faktura", "get_invoice")
    question = await bot.ask("faktura")
    await bot.press(question, "Nie wysyłaj")
    stale = await bot.press(question, "Pomiń")
    assert "wcześniejszego pytania" in stale.text
    assert await bot.tickets() == []


async def test_words_that_fit_nowhere_are_offered_to_the_open_ticket(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("sugestia", "suggestion")
    await bot.ask("sugestia")
    summary = await bot.ask("Dodajcie ciemny motyw")
    await bot.press(summary, "Tak, wyślij")
    offer = await bot.ask("i jeszcze większe literki")
    added = await bot.press(offer, "Dopisz do #1001")
    assert "Dopisane" in added.text


@pytest.mark.parametrize("sign", ["👍", "👎", "✅"])
async def test_a_thumb_where_nothing_was_asked_is_never_a_misunderstanding(bot: BotUnderTest, sign: str) -> None:
    await bot.meet()
    for _ in range(3):
        assert "Gdyby coś było potrzebne" in (await bot.ask(sign)).text
    assert (await bot.conversation()).owner == "bot"
    assert await bot.tickets() == []


async def test_a_thumb_instead_of_a_number_repeats_the_question(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("zmiana", "change_order")
    question = await bot.ask("zmiana")
    assert (await bot.ask("👍")).text == question.text


async def test_something_wrong_with_a_refund_is_a_matter_of_payment(bot: BotUnderTest) -> None:
    await bot.meet()
    order = Order("ZAM-20100", OrderStatus.RETURNED, refund=RefundStatus.REFUSED)
    bot.orders = FakeOrders({"ZAM-20100": order})
    bot.nlu.teach("kiedy zwrot za ZAM-20100", "track_refund", order_number="ZAM-20100")
    reply = await bot.ask("kiedy zwrot za ZAM-20100")
    assert reply.press("Coś się nie zgadza") == "do:payment_issue"
