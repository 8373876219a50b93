"""The console's door: who comes in, for how long, and what is learned by trying."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.console.guard import Console
from bot.console.security import is_offered
from bot.settings import Settings, SettingsError, load_settings
from handlers import admins
from handlers.admins import LastAdmin, Passwords, WeakPassword, check_password, hash_of
from storage.admins import Admin, AdminRole, AdminSession, Failures, LoginAttempt
from tests.bot_under_test import MONDAY_NOON, BotUnderTest
from tests.console.console_rig import HASHED, PASSWORD, QUICK, Visitor, console_on, door, let_in, token_of
from tests.sandbox.page_scene import app_of


@pytest.fixture
def console(bot: BotUnderTest) -> Console:
    return console_on(app_of(bot), bot)


@pytest.fixture
async def kasia(bot: BotUnderTest) -> Admin:
    return await let_in(bot.database, "kasia", AdminRole.ADMIN, bot.now)


@pytest.fixture
async def visitor(console: Console, kasia: Admin) -> AsyncIterator[Visitor]:
    async with door(console) as somebody:
        yield somebody


async def test_the_right_password_opens_a_session_of_which_only_a_hash_is_kept(
    visitor: Visitor, bot: BotUnderTest
) -> None:
    answer = await visitor.sign_in("Kasia ", next="/console/tickets?status=new")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/tickets?status=new")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("console="))
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    token = visitor.http.cookies["console"]
    async with bot.database.reading() as session:
        kept = (await session.scalars(select(AdminSession))).one()
    assert kept.token_hash == hash_of(token) != token


async def test_a_wrong_password_and_an_unknown_login_are_told_the_same(visitor: Visitor) -> None:
    wrong, unknown = await visitor.sign_in("kasia", "wrong"), await visitor.sign_in("nobody", "wrong")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.replace("kasia", "nobody") == unknown.text
    assert "console" not in visitor.http.cookies


def test_a_password_is_hashed_also_where_nobody_has_the_login() -> None:
    class Counting:
        verified: list[str]

        def __init__(self) -> None:
            self.verified = []

        def hash(self, password: str) -> str:
            return QUICK.hash(password)

        def verify(self, password: str, hashed: str) -> bool:
            self.verified.append(hashed)
            return QUICK.verify(password, hashed)

    counting = Counting()
    passwords = Passwords(counting)  # type: ignore[arg-type]
    assert passwords.fits(PASSWORD, HASHED)
    assert not passwords.fits(PASSWORD, None)
    assert len(counting.verified) == 2


async def test_guessing_is_slowed_down_for_the_login_and_a_wait_later_the_right_password_counts(
    visitor: Visitor, bot: BotUnderTest
) -> None:
    answers = [(await visitor.sign_in("kasia", f"guess {n}")).status_code for n in range(6)]
    assert answers == [401] * 5 + [429]
    locked_out = await visitor.sign_in("kasia")
    assert locked_out.status_code == 429
    wait = int(locked_out.headers["retry-after"])
    bot.later(seconds=wait)
    assert (await visitor.sign_in("kasia")).status_code == 303
    async with bot.database.reading() as session:
        assert (await session.scalars(select(LoginAttempt))).all() == []


async def test_guessing_many_logins_from_one_address_is_slowed_down_for_that_address_alone(
    visitor: Visitor, console: Console
) -> None:
    answers = [(await visitor.sign_in(f"login{n}", "guess")).status_code for n in range(21)]
    assert answers == [401] * 20 + [429]
    async with door(console, "198.51.100.9") as elsewhere:
        assert (await elsewhere.sign_in("kasia")).status_code == 303


@pytest.mark.parametrize(
    ("count", "seconds"), [(0, 0), (4, 0), (5, 2), (6, 4), (9, 32), (12, 256), (13, 300), (40, 300)]
)
def test_the_wait_doubles_with_each_failure_up_to_five_minutes(count: int, seconds: int) -> None:
    failures = Failures(count, MONDAY_NOON if count else None)
    assert admins.waiting_time(failures, Failures(0, None), MONDAY_NOON) == timedelta(seconds=seconds)


async def test_a_form_of_another_site_opens_nothing(visitor: Visitor) -> None:
    fields = {**await visitor.form(), "login": "kasia", "password": PASSWORD}
    assert (await visitor.http.post("/console/login", data=fields)).status_code == 403  # says no Origin
    assert (await visitor.post("/console/login", fields, Origin="https://evil.example")).status_code == 403
    assert (await visitor.post("/console/login", {**fields, "seal": "0" * 64})).status_code == 403
    assert (await visitor.post("/console/login", {**fields, "seal": "ż"})).status_code == 403
    visitor.http.cookies.clear()
    assert (await visitor.post("/console/login", fields)).status_code == 403
    assert "console" not in visitor.http.cookies


@pytest.mark.parametrize("away", ["https://evil.example", "//evil.example", "/console//evil", "/", "/console\\x", ""])
async def test_signing_in_leads_nowhere_but_into_the_console(visitor: Visitor, away: str) -> None:
    assert (await visitor.sign_in("kasia", next=away)).headers["location"] == "/console"


async def test_signing_out_ends_the_session_but_not_for_another_site(visitor: Visitor, console: Console) -> None:
    await visitor.sign_in("kasia")
    token = visitor.http.cookies["console"]
    await visitor.post("/console/logout", {"seal": "guessed"})
    assert await console.who(hash_of(token)) is not None
    form = await visitor.form("/console/password")
    answer = await visitor.post("/console/logout", {"seal": form["seal"]})
    assert answer.headers["location"] == "/console/login"
    assert await console.who(hash_of(token)) is None


async def test_a_session_ends_after_an_hour_unused_and_after_twelve_hours_in_any_case(
    kasia: Admin, console: Console, bot: BotUnderTest
) -> None:
    unused = hash_of(await token_of(bot.database, kasia, bot.now))
    used = hash_of(await token_of(bot.database, kasia, bot.now))
    bot.later(minutes=59)
    assert await console.who(used) is not None
    bot.later(minutes=2)
    assert await console.who(unused) is None
    for _ in range(12):
        bot.later(minutes=54)
        assert await console.who(used) is not None
    bot.later(minutes=20)
    assert await console.who(used) is None


async def test_another_password_ends_every_session(
    visitor: Visitor, console: Console, kasia: Admin, bot: BotUnderTest
) -> None:
    elsewhere = hash_of(await token_of(bot.database, kasia, bot.now))
    await visitor.sign_in("kasia")
    here = hash_of(visitor.http.cookies["console"])
    fields = {**await visitor.form("/console/password"), "new": "another long one", "again": "another long one"}
    wrong = await visitor.post("/console/password", {**fields, "old": "not this"})
    assert (wrong.status_code, await console.who(here) is None) == (400, False)
    answer = await visitor.post("/console/password", {**fields, "old": PASSWORD})
    assert answer.headers["location"] == "/console/login?changed=1"
    assert (await console.who(here), await console.who(elsewhere)) == (None, None)
    assert (await visitor.sign_in("kasia")).status_code == 401
    assert (await visitor.sign_in("kasia", "another long one")).status_code == 303


async def test_whoever_was_removed_is_out_at_once(
    visitor: Visitor, console: Console, kasia: Admin, bot: BotUnderTest
) -> None:
    await let_in(bot.database, "marek", AdminRole.ADMIN, bot.now)
    await visitor.sign_in("kasia")
    async with bot.database.transaction() as session:
        await admins.remove(session, await session.get_one(Admin, kasia.id))
    assert await console.who(hash_of(visitor.http.cookies["console"])) is None
    assert (await visitor.sign_in("kasia")).status_code == 401


async def test_the_last_admin_stays(kasia: Admin, bot: BotUnderTest) -> None:
    for deed in (admins.remove, lambda session, admin: admins.set_role(session, admin, AdminRole.EDITOR)):
        with pytest.raises(LastAdmin):
            async with bot.database.transaction() as session:
                await deed(session, await session.get_one(Admin, kasia.id))


@pytest.mark.parametrize("password", ["short", "kasia and more", "aaaaaaaaaaaaaaaa", "x" * 300])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        check_password(password, "kasia")


async def test_the_browsers_own_protections_are_asked_for(visitor: Visitor) -> None:
    headers = (await visitor.http.get("/console/login")).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"], "there is no script at the door"
    assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff")
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1@evil.example"])
async def test_a_foreign_name_for_this_machine_is_refused(visitor: Visitor, host: str) -> None:
    answer = await visitor.http.get("/console/login", headers={"Host": host})
    assert answer.status_code == 403


def test_where_others_can_reach_us_the_console_needs_a_secret() -> None:
    assert is_offered(Settings(_env_file=None))
    assert not is_offered(Settings(_env_file=None, host="192.0.2.1"))
    assert not is_offered(Settings(_env_file=None, public_url="https://bot.example"))
    assert is_offered(Settings(_env_file=None, host="192.0.2.1", console_secret="s" * 32))
    with pytest.raises(SettingsError, match="CONSOLE_SECRET"):
        load_settings(console_secret="short")


async def test_where_others_can_reach_us_the_cookie_travels_encrypted_only(bot: BotUnderTest, kasia: Admin) -> None:
    public = Settings(_env_file=None, public_url="https://bot.example", console_secret="s" * 32)
    console = console_on(replace(app_of(bot), settings=public), bot)
    async with door(console) as somebody:
        somebody.http.base_url = "https://bot.example"
        fields = {**await somebody.form(), "login": "kasia", "password": PASSWORD}
        answer = await somebody.post("/console/login", fields, Origin="https://bot.example")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if "console=" in one)
    assert cookie.startswith("__Host-console=")
    assert "Secure" in cookie
