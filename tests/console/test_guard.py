"""Every page and every handler looks at the session and the role anew; other web sites get nowhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from bot.console import tickets
from bot.console.guard import Visit
from bot.console.pages import PAGES, Page
from bot.console.security import OwnPagesOnly, own_names
from bot.settings import Settings
from handlers import admins
from handlers.admins import Who
from handlers.agents import NewAgent, add
from storage import admins as stored_admins
from storage.admins import Admin, AdminRole
from storage.database import Base, Database
from tests.bot_under_test import BotUnderTest
from tests.console.console_rig import HOST, ORIGIN, Looking, let_in, looking

FIELDS: dict[str, list[str]] = {
    "name": ["Piotr"], "email": ["piotr@acme.example"], "role": ["admin"], "load_cap": ["3"], "schedule": [""],
    "login": ["piotr"], "language": ["en"], "key": ["1-1"], "text": ["language: en\n"], "do": ["save"],
    "duty": ["yes"],
}  # fmt: skip
IN_ADDRESSES = {"number": "1001", "agent": "1", "intent": "get_invoice", "answer": "get_invoice", "key": "get_invoice"}
UNTOUCHED = {"admin_session"}  # somebody who is refused was seen all the same


@pytest.fixture
async def kasia(bot: BotUnderTest) -> Admin:
    await let_in(bot.database, "boss", AdminRole.ADMIN, bot.now)
    return await let_in(bot.database, "kasia", AdminRole.ADMIN, bot.now)


@pytest.fixture
async def filled(bot: BotUnderTest) -> None:
    """Something to act on, on every page."""
    bot.nlu.teach("chcę rozmawiać z człowiekiem", "human_handoff")  # type: ignore[union-attr]
    await bot.meet()
    await bot.ask("chcę rozmawiać z człowiekiem")
    async with bot.database.transaction() as session:
        await add(session, NewAgent("ola@acme.example", "Ola"), bot.now)
        await session.execute(text("update outbox_message set status = 'dead' where seq = 1"))


async def everything(database: Database) -> dict[str, list[Any]]:
    async with database.reading() as session:
        return {
            table.name: [tuple(row) for row in (await session.execute(table.select())).all()]
            for table in Base.metadata.sorted_tables
            if table.name not in UNTOUCHED
        }


def addresses() -> list[str]:
    return [address_of(page) for page in PAGES]


def address_of(page: Page) -> str:
    return re.sub(r"{(\w+)}", lambda gap: IN_ADDRESSES.get(gap[1], "greet"), page.path)


async def opened(page: Looking) -> list[Visit]:
    """All pages, each in a tab of its own."""
    visits = []
    for address in addresses():
        client = await page.user.open(address)
        visits.append(page.console.visits[client])
    return visits


@pytest.mark.usefixtures("filled")
async def test_with_an_ended_session_nothing_happens_and_the_page_says_why(bot: BotUnderTest, kasia: Admin) -> None:
    async with looking(bot, kasia) as page:
        visits = await opened(page)
        async with bot.database.transaction() as session:
            await stored_admins.end_all(session, kasia.id)
        before = await everything(bot.database)
        for visit in visits:
            refused = count_refusals(visit)
            page.show(visit)
            used = [await page.use(element, listener, FIELDS) for element, listener in list(page.listeners())]
            assert len(used) >= 2, f"{visit.path}: nothing to use"
            assert len(refused) == len(used), f"{visit.path}: a handler did not ask the guard"
            assert page.sees("Your session has ended, nothing was changed."), visit.path
        assert await everything(bot.database) == before


@pytest.mark.usefixtures("filled")
async def test_with_a_lower_role_nothing_but_looking_is_left(bot: BotUnderTest, kasia: Admin) -> None:
    async with looking(bot, kasia) as page:
        visits = await opened(page)
        await lower(bot, kasia)
        before = await everything(bot.database)
        for visit in visits:
            refused = count_refusals(visit)
            page.show(visit)
            mighty = [one for one in page.listeners() if needed(one[1].handler) is not AdminRole.VIEWER]
            for element, listener in mighty:
                await page.use(element, listener, FIELDS)
            assert len(refused) == len(mighty), f"{visit.path}: a handler did not ask the guard"
            assert not mighty or page.sees("This needs the role"), visit.path
        assert await everything(bot.database) == before


@pytest.mark.usefixtures("filled")
async def test_a_page_that_one_may_not_look_at_says_so_and_shows_nothing(bot: BotUnderTest) -> None:
    viewer = await let_in(bot.database, "viewer", AdminRole.VIEWER, bot.now)
    async with looking(bot, viewer) as page:
        for address in [one for one in PAGES if one.role is not AdminRole.VIEWER]:
            answer = await page.user.http_client.get(address_of(address))
            assert answer.status_code == 403
            assert "This needs the role" in answer.text
        await page.user.open("/console/people")
        assert [one for one in page.elements if one.tag == "form" and one.props.get("method") != "post"] == []


async def test_without_a_session_every_page_leads_to_the_door(bot: BotUnderTest, kasia: Admin) -> None:
    async with looking(bot, kasia) as page:
        page.user.http_client.cookies.clear()
        for address in ["/console", *addresses()]:
            answer = await page.user.http_client.get(address)
            assert answer.status_code == 303
            assert answer.headers["location"] == f"/console/login?next={address}"


async def test_a_link_followed_from_another_site_is_followed_once_more_with_the_cookie(
    bot: BotUnderTest, kasia: Admin
) -> None:
    async with looking(bot, kasia) as page:
        page.user.http_client.cookies.clear()
        answer = await page.user.http_client.get("/console/tickets?text=a", headers={"Sec-Fetch-Site": "cross-site"})
    assert 'content="0; url=/console/tickets?text=a"' in answer.text


async def test_the_language_stays_with_the_admin(bot: BotUnderTest, kasia: Admin) -> None:
    async with looking(bot, kasia) as page:
        await page.user.open("/console/tickets")
        assert page.sees("Tickets")
        await page.press("PL")
        await page.user.open("/console/tickets")
        assert page.sees("Zgłoszenia")


async def test_the_socket_belongs_to_whoever_opened_the_page(bot: BotUnderTest, kasia: Admin) -> None:
    async with looking(bot, kasia) as page:
        await page.user.open("/console/tickets")
        console, client = page.console, page.user.client
        assert client is not None
        token = page.user.http_client.cookies[console.cookie]
        assert console.is_theirs(client.id, {console.cookie: token})
        assert not console.is_theirs(client.id, {console.cookie: "of somebody else"})
        assert not console.is_theirs(client.id, {})


@pytest.mark.parametrize(
    ("kind", "path", "headers", "passes"),
    [
        ("websocket", "/_nicegui_ws/socket.io/", {"origin": ORIGIN}, True),
        ("websocket", "/_nicegui_ws/socket.io/", {"origin": "https://evil.example"}, False),
        ("websocket", "/_nicegui_ws/socket.io/", {"origin": f"{ORIGIN}.evil.example"}, False),
        ("websocket", "/_nicegui_ws/socket.io/", {"origin": "null"}, False),
        ("websocket", "/_nicegui_ws/socket.io/", {}, False),
        ("http", "/_nicegui_ws/socket.io/", {}, True),
        ("http", "/_nicegui_ws/socket.io/", {"sec-fetch-site": "cross-site"}, False),
        ("http", "/_nicegui_ws/socket.io/", {"origin": "https://evil.example"}, False),
        ("http", "/console/tickets", {"sec-fetch-site": "cross-site"}, True),
        ("http", "/console/tickets", {"host": "evil.example"}, False),
        ("http", "/telegram/webhook", {"host": "bot.internal"}, True),
    ],
)
async def test_other_sites_reach_neither_pages_nor_socket(
    kind: str, path: str, headers: dict[str, str], passes: bool
) -> None:
    reached, sent = [], []

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["path"])

    async def send(message: Any) -> None:
        sent.append(message)

    guarded = OwnPagesOnly(inside, own_names(Settings(_env_file=None)), lambda _client, _cookies: True)
    given = {"host": HOST, **headers}
    scope = {
        "type": kind, "path": path, "method": "GET", "query_string": b"client_id=x",
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }  # fmt: skip
    await guarded(scope, None, send)  # type: ignore[arg-type]
    assert bool(reached) is passes
    assert passes or sent[0].get("status", sent[0].get("code")) in {403, 1008}


@pytest.mark.parametrize("role", AdminRole)
def test_each_role_may_what_those_before_it_may(role: AdminRole) -> None:
    who = Who(1, "kasia", "Kasia", role, "pl")
    order = list(AdminRole)
    assert [one for one in order if who.may(one)] == order[: order.index(role) + 1]


@pytest.mark.usefixtures("filled")
async def test_personal_data_is_hidden_until_an_admin_asks_for_it(bot: BotUnderTest, kasia: Admin) -> None:
    words = "proszę o kontakt na anna@example.com"
    async with bot.database.transaction() as session:
        await session.execute(text("update message set text = :words where author = 'customer'"), {"words": words})
        await session.execute(text("update ticket set subject = :words"), {"words": words})
    async with looking(bot, kasia) as page:
        await page.user.open(f"{tickets.PATH}/1001")
        assert not page.sees("anna@example.com")
        await page.press("Show personal data")
        assert page.sees("anna@example.com")


def count_refusals(visit: Visit) -> list[AdminRole]:
    """Grows each time the guard of this page says no."""
    refused: list[AdminRole] = []
    check = visit.check

    async def counted(role: AdminRole) -> bool:
        may = await check(role)
        if not may:
            refused.append(role)
        return may

    visit.check = counted  # type: ignore[method-assign]
    return refused


def needed(handler: Any) -> AdminRole | None:
    return getattr(getattr(handler, "func", handler), "needs_role", None)


async def lower(bot: BotUnderTest, admin: Admin) -> None:
    async with bot.database.transaction() as session:
        await admins.set_role(session, await session.get_one(Admin, admin.id), AdminRole.VIEWER)
