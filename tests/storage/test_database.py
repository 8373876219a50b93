from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from storage import inbound
from storage.database import Database
from storage.inbound import Received

WORDS = "to moje prywatne słowa"


async def test_an_error_of_the_database_does_not_tell_the_customers_words(database: Database) -> None:
    with pytest.raises(SQLAlchemyError) as raised:
        async with database.transaction() as session:
            await session.execute(text("insert into no_such_table values (:words)"), {"words": WORDS})
    assert WORDS not in str(raised.value)


async def test_a_cancelled_transaction_holds_up_nobody(database: Database) -> None:
    async def accept(name: str) -> None:
        async with database.transaction() as session:
            await inbound.record(session, Received(name, name, "c", {}))

    ends: list[BaseException | None] = []
    for step in range(60):
        cancelled = [asyncio.create_task(accept(f"{step}-{number}")) for number in range(3)]
        await asyncio.sleep(step % 20 * 0.0003)  # another moment of the transaction each time
        for task in cancelled:
            task.cancel()
        ends += await asyncio.gather(*cancelled, accept(f"{step}-kept"), return_exceptions=True)
    assert not [end for end in ends if isinstance(end, Exception)]
