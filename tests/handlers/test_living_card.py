"""One message in the customer's chat always shows how their ticket stands."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from handlers.agent_actions import Act
from handlers.casework import merge, note, wait
from storage.living_cards import LivingCard
from storage.outbox import OutboxMessage
from storage.tickets import Status, Ticket
from tests.bot_under_test import BotUnderTest, Said
from tests.handlers.colleagues import events, hire, reread, run_jobs


async def _ticket(bot: BotUnderTest) -> tuple[Ticket, Said]:
    await bot.meet()
    said = await bot.ask("konsultant")
    [ticket] = await bot.tickets()
    await _send_all(bot)
    return ticket, said


async def _send_all(bot: BotUnderTest) -> None:
    """As if everything that waits had been delivered, so that changes are edits."""
    async with bot.database.transaction() as session:
        for row in (await session.scalars(select(OutboxMessage))).all():
            row.status, row.provider_ids = "sent", row.provider_ids or [f"p{row.seq}"]


async def _rows(bot: BotUnderTest, kind: str) -> list[OutboxMessage]:
    async with bot.database.reading() as session:
        look = select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.seq)
        return list((await session.scalars(look)).all())


async def _cards(bot: BotUnderTest) -> list[LivingCard]:
    async with bot.database.reading() as session:
        return list((await session.scalars(select(LivingCard))).all())


async def _redrawn(bot: BotUnderTest, **later: float) -> str | None:
    """What the card reads by now, if it was edited."""
    before = len(await _rows(bot, "edit"))
    bot.later(**(later or {"seconds": 61}))
    await run_jobs(bot, "redraw_cards")
    edits = await _rows(bot, "edit")
    await _send_all(bot)
    assert len(edits) - before <= 1
    return str(edits[-1].payload["text"]) if len(edits) > before else None


async def test_what_tells_of_the_ticket_is_the_card_and_it_follows_the_ticket_in_place(bot: BotUnderTest) -> None:
    ticket, said = await _ticket(bot)
    [card] = await _cards(bot)
    assert f"#{ticket.number}" in said.text
    assert await _redrawn(bot) is None, "it shows what is so"

    await bot.agent("Ola", "take_over", ticket.number)
    text = await _redrawn(bot)
    assert text is not None
    assert "Zajmuje się nim Ola." in text
    assert "Następna wiadomość od nas: w poniedziałek 23 listopada do 13:00." in text

    async with bot.database.transaction() as session:
        act = Act(session, bot.desk, "Ola", bot.now)
        await wait(act, ticket.number, Status.WAITING_CUSTOMER, "jaki to model?")
    assert "Czekamy na Twoją odpowiedź: jaki to model?" in str(await _redrawn(bot))

    await bot.agent("Ola", "resolve", ticket.number)
    text = await _redrawn(bot)
    assert text is not None
    assert text.endswith("Zakończone.")
    rows = await _rows(bot, "edit")
    assert {row.message_id for row in rows} == {card.message_id}
    assert [button["action"] for button in rows[-1].payload["buttons"]] == [
        "do:ticket_status",
        f"reopen:{ticket.number}",
    ]


async def test_it_is_edited_once_a_minute_at_most_and_only_where_it_differs(bot: BotUnderTest) -> None:
    ticket, _ = await _ticket(bot)
    bot.later(seconds=30)
    await bot.agent("Ola", "take_over", ticket.number)
    assert await _redrawn(bot, seconds=1) is None, "it was drawn half a minute ago"
    assert await _redrawn(bot, seconds=30) is not None
    await bot.agent("Ola", "release", ticket.number)
    await bot.agent("Ola", "take_over", ticket.number)
    assert await _redrawn(bot) is not None  # the next word is due later
    async with bot.database.transaction() as session:
        await note(Act(session, bot.desk, "Ola", bot.now), ticket.number, "tajne: klient VIP")
    assert await _redrawn(bot) is None
    assert all("tajne" not in str(row.payload) for row in await _rows(bot, "edit"))


async def test_the_introduction_and_its_link_stay(bot: BotUnderTest) -> None:
    said = await bot.ask("konsultant")
    [ticket] = await bot.tickets()
    assert "polityka prywatności" in said.text
    await _send_all(bot)
    await bot.agent("Ola", "take_over", ticket.number)
    text = await _redrawn(bot)
    assert text is not None
    assert "polityka prywatności" in text
    assert "Przekazuję rozmowę" not in text


async def test_a_filed_ticket_has_one_message_and_its_buttons(bot: BotUnderTest) -> None:
    await bot.meet()
    bot.nlu.teach("mam pomysł", "suggestion")
    await bot.ask("mam pomysł")
    await bot.ask("więcej lamp")
    filed = await bot.ask("tak")
    [ticket] = await bot.tickets()
    assert list(filed.actions.values()) == [
        "do:ticket_status",
        f"info:{ticket.number}",
        "human",
        f"settle:{ticket.number}",
        "updates",
    ]
    assert len(await _cards(bot)) == 1


@pytest.mark.parametrize("taken", [False, True])
async def test_old_buttons_keep_working_whoever_has_the_chat(bot: BotUnderTest, taken: bool) -> None:
    ticket, said = await _ticket(bot)
    if taken:
        await bot.agent("Ola", "take_over", ticket.number)
        await bot.replies()
    status = await bot.press(said, "Moje zgłoszenia")
    assert f"#{ticket.number}" in status.text
    asked = await bot.press(said, "Jak często")
    chosen = await bot.press(asked, "Często")
    assert "częściej" in chosen.text
    assert (await bot.customer()).updates == "often"
    settled = await bot.press(said, "Już załatwione")
    assert "zamykam" in settled.text
    assert (await reread(bot, ticket)).status == Status.RESOLVED
    again = await bot.press(said, "Już załatwione")
    assert again.text


async def test_how_often_brings_the_next_word_forward_and_never_puts_it_off(bot: BotUnderTest) -> None:
    ticket, said = await _ticket(bot)
    await bot.agent("Ola", "reply", ticket.number, "Sprawdzam.")
    await bot.replies()
    usual = (await reread(bot, ticket)).next_word_at
    asked = await bot.press(said, "Jak często")
    await bot.press(asked, "Rzadko")
    assert (await reread(bot, ticket)).next_word_at == usual
    await bot.press(asked, "Często")
    sooner = (await reread(bot, ticket)).next_word_at
    assert usual is not None
    assert sooner is not None
    assert sooner < usual


async def test_something_is_added_to_the_ticket_from_the_bots_chat(bot: BotUnderTest) -> None:
    ticket, said = await _ticket(bot)
    await bot.press(said, "Wróć do bota")
    await bot.ask("dopisz", action=f"info:{ticket.number}")
    added = await bot.ask("kolor: biały, numer seryjny 4711")
    assert f"#{ticket.number}" in added.text
    [wrote] = await events(bot, ticket, "customer_wrote")
    assert wrote.actor == "customer"
    bot.nlu.teach("o której otwieracie", "opening_hours")
    assert "8:00" in (await bot.ask("o której otwieracie")).text, "only that one message"


async def test_who_does_not_want_to_add_anything_after_all_adds_nothing(bot: BotUnderTest) -> None:
    ticket, said = await _ticket(bot)
    await bot.press(said, "Wróć do bota")
    await bot.ask("dopisz", action=f"info:{ticket.number}")
    await bot.ask("jednak nie")
    assert await events(bot, ticket, "customer_wrote") == []


@pytest.mark.parametrize("action", ["info:9999", "info:x", "settle:9999", "info"])
async def test_somebody_elses_number_is_none(bot: BotUnderTest, action: str) -> None:
    await _ticket(bot)
    said = await bot.ask("…", action=action)
    assert said.text == bot.texts()("button.stale")


async def test_a_public_thread_has_no_card(bot: BotUnderTest) -> None:
    more: dict[str, Any] = {"setting": "thread", "sender": "anna"}
    await bot.ask("konsultant", chat="C1:1", **more)
    assert await _cards(bot) == []


async def test_the_card_of_a_ticket_merged_into_another_follows_that_one(bot: BotUnderTest) -> None:
    await hire(bot.database, "Ola")
    first, _ = await _ticket(bot)
    await bot.ask("dzień dobry", chat="jan")
    await bot.ask("konsultant", chat="jan")
    second = (await bot.tickets())[1]
    await _send_all(bot)
    async with bot.database.transaction() as session:
        await merge(Act(session, bot.desk, "Ola", bot.now), second.number, first.number)
    bot.later(seconds=61)
    await run_jobs(bot, "redraw_cards")
    await _send_all(bot)
    await bot.agent("Ola", "take_over", first.number)
    bot.later(seconds=61)
    await run_jobs(bot, "redraw_cards")
    edited = {row.chat_id: row.payload["text"] for row in await _rows(bot, "edit")}
    assert "Zajmuje się nim Ola." in edited["jan"]
    assert f"#{second.number}" in edited["jan"]
    assert f"#{first.number}" not in edited["jan"]
