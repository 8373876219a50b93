"""Where others read along: a customer's thread in a channel, and groups."""

from __future__ import annotations

from handlers.messages import Setting
from tests.bot_under_test import BotUnderTest

THREAD = {"chat": "C1:17.5", "setting": Setting.THREAD}


async def test_a_thread_is_a_conversation_of_whoever_began_it(bot: BotUnderTest) -> None:
    bot.nlu.teach("ile mam dni na zwrot", "return_policy")
    assert "14 dni" in (await bot.ask("ile mam dni na zwrot", sender="anna", **THREAD)).text
    assert "#1001" in (await bot.ask("konsultant", sender="anna", addressed=False, **THREAD)).text


async def test_words_between_others_in_it_are_left_alone(bot: BotUnderTest) -> None:
    await bot.ask("dzień dobry", sender="anna", **THREAD)
    assert await bot.say("zajmę się tym", sender="ola", addressed=False, **THREAD) is None


async def test_what_all_may_know_is_told_to_a_bystander_the_rest_goes_to_a_private_chat(bot: BotUnderTest) -> None:
    bot.nlu.teach("ile mam dni na zwrot", "return_policy")
    bot.nlu.teach("co z moim zgłoszeniem", "ticket_status")
    await bot.ask("dzień dobry", sender="anna", **THREAD)
    assert "14 dni" in (await bot.ask("ile mam dni na zwrot", sender="tom", **THREAD)).text
    assert "prywatnej" in (await bot.ask("co z moim zgłoszeniem", sender="tom", **THREAD)).text


async def test_a_bystander_presses_nothing_of_theirs_except_the_way_to_a_person(bot: BotUnderTest) -> None:
    bot.nlu.teach("mam pomysł na nową lampę", "suggestion")
    said = await bot.ask("mam pomysł na nową lampę", sender="anna", **THREAD)
    while "Zgadza się?" not in said.text:
        said = await bot.ask("taka z czujnikiem ruchu", sender="anna", **THREAD)
    refused = await bot.ask("Tak", action=said.press("Tak"), sender="tom", **THREAD)
    assert "należy do czyjejś innej sprawy" in refused.text
    assert await bot.tickets() == []
    await bot.ask("Człowiek", action="human", sender="tom", **THREAD)
    [ticket] = await bot.tickets()
    assert ticket.customer_id == (await bot.customer("anna")).id


async def test_with_people_on_the_case_everybodys_words_go_to_them_under_their_name(bot: BotUnderTest) -> None:
    await bot.ask("konsultant", sender="anna", **THREAD)
    await bot.agent("Ola", "take_over", 1001)
    await bot.replies("C1:17.5")
    assert await bot.say("u mnie to samo", sender="tom", addressed=False, **THREAD) is None
    lines = await bot.messages()
    assert (lines[-1].text, lines[-1].said_by) == ("u mnie to samo", "Tom")


async def test_only_tickets_of_the_thread_are_told_in_it(bot: BotUnderTest) -> None:
    bot.nlu.teach("co z moim zgłoszeniem", "ticket_status")
    await bot.ask("konsultant", chat="anna")
    said = await bot.ask("co z moim zgłoszeniem", sender="anna", **THREAD)
    assert "#1001" not in said.text
    await bot.ask("konsultant", sender="anna", **THREAD)
    said = await bot.ask("co z moim zgłoszeniem", sender="anna", **THREAD)
    assert "#1002" in said.text
    assert "#1001" not in said.text


async def test_a_group_hears_answers_and_is_asked_to_write_privately_for_the_rest(bot: BotUnderTest) -> None:
    group = {"chat": "-100", "setting": Setting.GROUP}
    bot.nlu.teach("ile mam dni na zwrot", "return_policy")
    bot.nlu.teach("paczka nie doszła", "delivery_problem")
    assert "14 dni" in (await bot.ask("ile mam dni na zwrot", sender="anna", **group)).text
    assert "prywatnym" in (await bot.ask("paczka nie doszła", sender="anna", **group)).text
    assert "prywatnym" in (await bot.ask("konsultant", sender="anna", **group)).text
    assert await bot.tickets() == []
