from __future__ import annotations

from handlers.home import home
from handlers.messages import Reply
from tests.bot_under_test import BotUnderTest


async def page(bot: BotUnderTest, who: str = "anna", hint: str | None = None) -> tuple[Reply, ...]:
    async with bot.database.reading() as session:
        return await home(session, bot.desk, "local", who, hint, bot.now)


async def test_a_newcomers_page_says_what_can_be_done_in_the_language_of_their_app(bot: BotUnderTest) -> None:
    texts = "\n".join(section.text for section in await page(bot, hint="en-GB"))
    assert "no tickets" in texts
    assert "Nie masz" in "\n".join(section.text for section in await page(bot))


async def test_ones_own_tickets_are_shown_and_can_be_settled_and_reopened_from_it(bot: BotUnderTest) -> None:
    await bot.ask("konsultant")
    await bot.ask("konsultant", chat="tom")
    [shown] = [section for section in await page(bot) if "#10" in section.text]
    assert "#1001" in shown.text
    assert "Czeka na konsultanta" in shown.text
    await bot.ask("Załatwione", action=shown.buttons[0].action)
    assert (await bot.tickets())[0].status == "resolved"
    [shown] = [section for section in await page(bot) if "#10" in section.text]
    await bot.ask("Wróciło", action=shown.buttons[0].action)
    assert (await bot.tickets())[0].status == "open"


async def test_the_button_of_somebody_elses_ticket_changes_nothing(bot: BotUnderTest) -> None:
    await bot.ask("konsultant", chat="tom")
    await bot.ask("x", action="settle:1001")
    assert (await bot.tickets())[0].status == "new"
