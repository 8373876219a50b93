from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text

from storage import link_codes, wrong_codes
from storage.conversations import conversation_in
from storage.customers import identity_of
from storage.database import Database
from storage.link_codes import KEPT, LinkCode
from storage.migrate import migrate
from tests.bot_under_test import MONDAY_NOON as NOW


async def a_code(database: Database, name: str, *, minutes: int = 10) -> LinkCode:
    async with database.transaction() as session:
        identity = await identity_of(session, "telegram", "anna", "Anna", NOW)
        chat = await conversation_in(session, "telegram", "anna", identity, "private", NOW)
        row = LinkCode(
            code_hash=name,
            identity_id=identity.id,
            conversation_id=chat.id,
            shown_in="turn",
            created_at=NOW,
            expires_at=NOW + timedelta(minutes=minutes),
        )
        session.add(row)
    return row


async def use(database: Database, name: str, now: datetime = NOW) -> bool:
    async with database.transaction() as session:
        return await link_codes.use(session, name, now)


async def test_a_code_is_used_once_also_by_ten_at_the_same_moment(database: Database) -> None:
    await a_code(database, "a")
    assert sum(await asyncio.gather(*(use(database, "a") for _ in range(10)))) == 1


async def test_expired_withdrawn_and_unknown_codes_cannot_be_used(database: Database) -> None:
    await a_code(database, "expired")
    assert not await use(database, "expired", NOW + timedelta(minutes=10))
    withdrawn = await a_code(database, "withdrawn")
    async with database.transaction() as session:
        await link_codes.withdraw(session, withdrawn.identity_id, NOW)
    assert not await use(database, "withdrawn")
    assert not await use(database, "unknown")


async def test_old_codes_go_once_they_are_unreadable(database: Database) -> None:
    await a_code(database, "shown")
    async with database.transaction() as session:
        assert [row.code_hash for row in await link_codes.readable_though_useless(session, NOW)] == []
        later = NOW + timedelta(minutes=10)
        [row] = await link_codes.readable_though_useless(session, later)
        await link_codes.drop_old(session, later + KEPT)
        assert await link_codes.code_hashed(session, "shown") is not None
        row.shown_in = None
        await session.flush()
        await link_codes.drop_old(session, later + KEPT)
    async with database.reading() as session:
        assert (await session.scalars(select(LinkCode))).all() == []


async def test_wrong_codes_are_counted_by_whom_and_by_all(database: Database) -> None:
    async with database.transaction() as session:
        anna = await identity_of(session, "telegram", "anna", None, NOW)
        jan = await identity_of(session, "telegram", "jan", None, NOW)
        for minute in range(4):
            await wrong_codes.note(session, anna.id, NOW + timedelta(minutes=minute))
        await wrong_codes.note(session, jan.id, NOW)
        newest = [NOW + timedelta(minutes=minute) for minute in (3, 2)]
        assert await wrong_codes.latest_by(session, anna.id, 2) == newest
        assert await wrong_codes.count_since(session, NOW) == 3
        await wrong_codes.drop_before(session, NOW + timedelta(minutes=2))
        assert await wrong_codes.latest_by(session, anna.id, 5) == newest[:1]


async def test_conversations_from_before_know_whose_identity_began_them(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.db'}")
    await migrate(database, "0002")
    old = (
        "insert into customer (id, language_chosen, created_at) values (1, false, :now), (2, false, :now)",
        "insert into channel_identity (id, customer_id, channel, external_id)"
        " values (11, 1, 'telegram', 'anna'), (12, 2, 'slack', 'U1')",
        "insert into conversation (id, customer_id, channel, chat_id, owner, misunderstandings, setting, created_at)"
        " values (21, 2, 'slack', 'D1', 'bot', 0, 'private', :now), (22, 1, 'telegram', 'anna', 'bot', 0, 'private',"
        " :now), (23, 2, 'slack', 'C1:1', 'bot', 0, 'thread', :now)",
    )
    async with database.transaction() as session:
        for statement in old:
            await session.execute(text(statement), {"now": NOW.isoformat()} if ":now" in statement else {})
    await migrate(database)
    async with database.reading() as session:
        began = (await session.execute(text("select id, identity_id from conversation order by id"))).all()
    assert [tuple(row) for row in began] == [(21, 12), (22, 11), (23, 12)]
    await migrate(database, "0002")
    await migrate(database)
    await database.dispose()
