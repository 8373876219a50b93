from __future__ import annotations

from bot.sandbox.customers import STANDING, CustomerEntry, Visitors, customer_entries
from tests.sandbox.conftest import Demo


async def entries(demo: Demo, visitors: Visitors, chosen: str = "demo-anna") -> dict[str, CustomerEntry]:
    chats = (await demo.look()).chats
    read = visitors.mark_read(chats, chosen)
    everybody = visitors.everybody(chats, "pl")
    return {entry.chat_id: entry for entry in customer_entries(everybody, chats, read, chosen, demo.bot.texts())}


async def test_the_standing_customers_are_there_before_anything_was_said(demo: Demo) -> None:
    listed = await entries(demo, Visitors())
    assert [(entry.name, entry.language) for entry in listed.values()] == [
        ("Anna", "pl"),
        ("Tom", "en"),
        ("Marek", "pl"),
    ]
    assert listed["demo-anna"].last_line == "brak wiadomości"
    assert listed["demo-anna"].chosen


async def test_a_reply_in_another_chat_is_unread_until_it_is_opened(demo: Demo) -> None:
    visitors = Visitors()
    await entries(demo, visitors)
    await demo.talk("konsultant", chat="demo-tom")
    tom = (await entries(demo, visitors))["demo-tom"]
    assert tom.unread == 1
    assert tom.last_line.startswith("Bot: ")
    assert "**" not in tom.last_line
    await entries(demo, visitors, chosen="demo-tom")
    assert (await entries(demo, visitors))["demo-tom"].unread == 0


async def test_what_was_said_before_the_start_counts_as_read(demo: Demo) -> None:
    await demo.talk("konsultant", chat="demo-tom")
    assert (await entries(demo, Visitors()))["demo-tom"].unread == 0


async def test_a_reply_that_has_not_left_is_not_announced(demo: Demo) -> None:
    visitors = Visitors()
    await entries(demo, visitors)
    await demo.bot.hears("konsultant", chat="demo-tom")
    await demo.bot.work()
    tom = (await entries(demo, visitors))["demo-tom"]
    assert (tom.unread, tom.last_line) == (0, "konsultant")


async def test_whoever_has_written_is_listed_after_a_restart(demo: Demo) -> None:
    await demo.talk("konsultant", chat="zosia")
    listed = await entries(demo, Visitors())
    assert listed["zosia"].name == "Zosia"
    assert len(listed) == len(STANDING) + 1


async def test_a_new_customer_is_a_chat_of_their_own(demo: Demo) -> None:
    visitors = Visitors()
    first, second = visitors.add("Ola", "pl"), visitors.add("Ola", "en")
    listed = await entries(demo, visitors, chosen=second.chat_id)
    assert first.chat_id != second.chat_id
    assert listed[second.chat_id].chosen
    assert listed[first.chat_id].initial == "O"
