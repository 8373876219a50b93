"""Tickets: found by what one knows of them, page by page."""

from __future__ import annotations

import pytest

from bot.console import tickets as page_of_tickets
from storage.admins import Admin, AdminRole
from storage.conversations import Conversation
from storage.customers import Customer
from storage.database import Database
from storage.ticket_search import NOBODY, OPEN, Wanted, search
from storage.tickets import Status, Ticket
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.console.console_rig import let_in, looking


async def some_tickets(database: Database, count: int = 7) -> None:
    """Every third is settled, every second is Ola's."""
    async with database.transaction() as session:
        customer = Customer(name="Anna", created_at=MONDAY_NOON, tier="mass", updates="normal")
        session.add(customer)
        await session.flush()
        chat = Conversation(customer_id=customer.id, channel="local", chat_id="anna", created_at=MONDAY_NOON)
        session.add(chat)
        await session.flush()
        session.add_all(_ticket(number, customer.id, chat.id) for number in range(1, count + 1))


def _ticket(number: int, customer_id: int, chat_id: int) -> Ticket:
    return Ticket(
        number=number,
        customer_id=customer_id,
        conversation_id=chat_id,
        category="complaint" if number % 2 else "get_invoice",
        reason="form",
        status=Status.RESOLVED if number % 3 == 0 else Status.NEW,
        language="pl",
        subject=f"lampa nr {number} 100% zepsuta",
        summary="",
        facts={},
        missing=[],
        assignee="Ola" if number % 2 == 0 else None,
        opened_at=MONDAY_NOON,
    )


@pytest.fixture
async def kasia(bot: BotUnderTest) -> Admin:
    return await let_in(bot.database, "kasia", AdminRole.VIEWER, bot.now)


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Wanted(), [7, 6, 5, 4, 3, 2, 1]),
        (Wanted(status=OPEN), [7, 5, 4, 2, 1]),
        (Wanted(status=Status.RESOLVED), [6, 3]),
        (Wanted(category="get_invoice", owner="Ola"), [6, 4, 2]),
        (Wanted(owner=NOBODY), [7, 5, 3, 1]),
        (Wanted(text="#4"), [4]),
        (Wanted(text="LAMPA NR 5"), [5]),
        (Wanted(text="100% z"), [7, 6, 5, 4, 3, 2, 1]),
        (Wanted(text="1_0"), []),
        (Wanted(text="%"), [7, 6, 5, 4, 3, 2, 1]),
        (Wanted(text="'; drop table ticket"), []),
    ],
)
async def test_tickets_are_found_by_what_one_knows_of_them(
    database: Database, wanted: Wanted, numbers: list[int]
) -> None:
    await some_tickets(database)
    async with database.reading() as session:
        found = await search(session, wanted, 50)
    assert ([ticket.number for ticket in found.tickets], found.count) == (numbers, len(numbers))


async def test_pages_follow_each_other_both_ways_and_miss_nothing(database: Database) -> None:
    await some_tickets(database)
    async with database.reading() as session:
        first = await search(session, Wanted(), 3)
        second = await search(session, Wanted(), 3, before=5)
        last = await search(session, Wanted(), 3, before=2)
        back = await search(session, Wanted(), 3, after=1)
    pages = [[ticket.number for ticket in page.tickets] for page in (first, second, last, back)]
    assert pages == [[7, 6, 5], [4, 3, 2], [1], [4, 3, 2]]
    assert [(page.newer, page.older) for page in (first, second, last, back)] == [
        (False, True), (True, True), (True, False), (True, True),
    ]  # fmt: skip


async def test_the_list_leads_to_the_ticket_and_from_page_to_page(
    bot: BotUnderTest, kasia: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    await some_tickets(bot.database)
    monkeypatch.setattr(page_of_tickets, "PAGE_SIZE", 3)
    async with looking(bot, kasia) as page:
        await page.user.open("/console/tickets?status=")
        links = [str(one.props["href"]) for one in page.elements if one.tag == "a" and "href" in one.props]
        assert [one for one in links if one.startswith("/console/tickets/")] == [
            f"/console/tickets/{n}" for n in (7, 6, 5)
        ]
        older = next(one for one in links if "before=" in one)
        await page.user.open(older)
        assert page.sees("lampa nr 4")
        await page.user.open("/console/tickets/4")
        assert page.sees("lampa nr 4 100% zepsuta")
        assert (await page.user.http_client.get("/console/tickets/99")).status_code == 404
        assert (await page.user.http_client.get("/console/tickets/x")).status_code == 404
