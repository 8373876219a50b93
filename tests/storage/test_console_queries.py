"""What the console asks of the database, on both kinds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers import admins
from handlers.admins import MustWait, NewAdmin, hash_of
from storage import admins as stored
from storage import setting_history
from storage.admins import AdminRole, AdminSession
from storage.database import Database
from storage.outbox import Delivery, OutboxMessage
from storage.outbox_lists import count_listed, listed
from storage.ticket_search import Wanted, said_about, search
from tests.bot_under_test import MONDAY_NOON, BotUnderTest

NOW = MONDAY_NOON


async def test_a_session_begins_is_used_and_ends(database: Database) -> None:
    async with database.transaction() as session:
        admin = await admins.add(session, NewAdmin("kasia", "Kasia", AdminRole.ADMIN), "hash", NOW)
        token = await admins.enter(session, await admins.knock(session, "kasia", "here", NOW), "here", NOW)
    assert token is not None
    async with database.transaction() as session:
        await stored.was_seen(session, hash_of(token), NOW + timedelta(minutes=50))
    async with database.reading() as session:
        seen = await admins.seen(session, hash_of(token), NOW + timedelta(minutes=100))
        assert await admins.seen(session, token, NOW) is None, "the token itself is not on record"
    assert seen is not None
    assert (seen.who.login, seen.is_to_be_noted) == ("kasia", True)
    async with database.transaction() as session:
        await stored.end_all(session, admin.id)
        assert (await session.scalars(select(AdminSession))).all() == []


async def test_failures_are_counted_by_login_and_address_and_forgotten_after_an_hour(database: Database) -> None:
    async with database.transaction() as session:
        for number in range(5):
            await admins.knock(session, "kasia", f"address {number}", NOW)
        with pytest.raises(MustWait):
            await admins.knock(session, "kasia", "another", NOW)
        await admins.knock(session, "marek", "another", NOW)
        await admins.knock(session, "kasia", "another", NOW + timedelta(hours=1, seconds=1))
        left = await stored.failures_of_login(session, "marek", NOW - timedelta(days=1))
    assert left.count == 0, "what counts no more is not kept"


async def test_a_case_and_its_messages_are_found(bot: BotUnderTest) -> None:
    bot.nlu.teach("chcę rozmawiać z człowiekiem", "human_handoff")  # type: ignore[union-attr]
    await bot.meet()
    await bot.ask("chcę rozmawiać z człowiekiem")
    async with bot.database.transaction() as session:
        row = (await session.scalars(select(OutboxMessage).where(OutboxMessage.seq == 1))).one()
        row.status = Delivery.DEAD
    async with bot.database.reading() as session:
        found = await search(session, Wanted(text="Rozmawiać"), 10)
        said = await said_about(session, found.tickets[0], 10)
        below = await listed(session, (Delivery.WAITING, Delivery.DEAD), 10, (row.lane_id, 2))
        failed = await count_listed(session, (Delivery.DEAD,))
    assert (found.count, [message.author for message in said]) == (1, ["customer", "bot"] * 2)
    assert ([one.row.seq for one in below], failed) == ([1], 1)


async def test_the_edits_of_a_settings_file_are_kept_newest_first(database: Database) -> None:
    async with database.transaction() as session:
        for number in range(3):
            await setting_history.keep(session, "desk.yml", "admin:kasia", str(number), str(number + 1), NOW)
        await setting_history.keep(session, "sla.yml", "admin:kasia", "a", "b", NOW)
    async with database.reading() as session:
        edits = await setting_history.edits_of(session, "desk.yml", 2)
    assert [(edit.before, edit.after) for edit in edits] == [("2", "3"), ("1", "2")]
