"""What is due by SLA stands on the card, and who has to know is called in the thread."""

from __future__ import annotations

import json
from datetime import timedelta

from bot.desk.card import card
from bot.desk.lines import Lines
from bot.desk.wording import Wording
from handlers.agent_actions import Act
from handlers.casework import wait
from storage.cases import case_of
from storage.desk_threads import DeskThread
from storage.tickets import Status, Ticket
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.handlers.colleagues import ask_for_a_person, events, hire
from tests.handlers.test_sla_watch import watch


async def _target(bot: BotUnderTest, ticket: Ticket) -> str:
    """The field of the card."""
    async with bot.database.reading() as session:
        case = await case_of(session, await session.get_one(Ticket, ticket.id))
        _, blocks = card(case, Wording.of(bot.desk), bot.now, "1")
    fields = [field["text"] for block in blocks for field in block.get("fields", ())]
    return next((text.partition("\n")[2] for text in fields if text.startswith("*Termin (SLA)*")), "")


async def test_the_card_shows_what_is_due_first_and_marks_it_as_time_runs_out(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", "reply", ticket.number, "Sprawdzam.")
    due = MONDAY_NOON + timedelta(days=2, hours=4)  # 24 h of work: Wed 16:00
    shown = f"rozwiązanie: <!date^{int(due.timestamp())}^{{date_short_pretty}} {{time}}|25.11 16:00>"
    assert await _target(bot, ticket) == shown
    bot.now = due - timedelta(hours=6)
    assert await _target(bot, ticket) == f":hourglass: {shown}"
    bot.now = due
    assert await _target(bot, ticket) == f":rotating_light: {shown}"
    await bot.agent("Ola", "resolve", ticket.number)
    assert await _target(bot, ticket) == ""


async def test_a_clock_that_stands_still_is_shown_as_such(bot: BotUnderTest) -> None:
    ticket = await ask_for_a_person(bot)
    await bot.agent("Ola", "take_over", ticket.number)
    async with bot.database.transaction() as session:
        act = Act(session, bot.desk, "Ola", bot.now)
        await wait(act, ticket.number, Status.WAITING_THIRD_PARTY, "Czekamy na kuriera.")
    assert await _target(bot, ticket) == "rozwiązanie: zegar stoi"


async def test_the_thread_says_what_is_late_and_calls_who_has_to_know(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    ticket = await ask_for_a_person(bot)
    bot.later(minutes=5)
    await watch(bot)
    bot.later(minutes=55)
    await watch(bot)
    told = []
    for event in await events(bot, ticket, "live_waiting", "sla_breached"):
        async with bot.database.reading() as session:
            thread = DeskThread(ticket_id=ticket.id, channel="C1", ts="1.1", opened_at=bot.now)
            lines = await Lines(session, Wording.of(bot.desk), ticket, event, thread).all()
            told += [line.text for line in lines]
    assert told[0] == ":hourglass: Klient od 5 min czeka na czacie na odpowiedź. Ola"
    assert told[1].startswith(":rotating_light: Termin minął: pierwsza odpowiedź do <!date^")
    assert told[1].endswith("Priorytet jest teraz wysoki. Ola")
    assert "{" not in json.dumps(told).replace("{date_short_pretty} {time}", "")
