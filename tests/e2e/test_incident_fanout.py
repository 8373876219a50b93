"""The run of `make fanout`, short: an incident is told while the worker is killed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bench.database_server import DatabaseServer
from bench.fanout_run import Plan, run_fanout
from storage.database import Database

SHORT = Plan(chats=80, pace=40, kills=1, before_seconds=0, keeps_pace=False, finish_seconds=150)


@pytest.fixture(params=["sqlite", "postgres"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DatabaseServer]:
    """An empty database that nobody has migrated yet."""
    if request.param == "sqlite":
        yield DatabaseServer(f"sqlite:///{tmp_path / 'fanout.db'}")
        return
    url = make_url(request.getfixturevalue("postgres_url"))
    own = Database(url.render_as_string(hide_password=False))
    async with own.engine.connect() as connection:
        admin = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await admin.execute(text("create database fanout"))
        yield DatabaseServer(url.set(database="fanout").render_as_string(hide_password=False))
        await admin.execute(text("drop database fanout with (force)"))
    await own.dispose()


async def test_a_worker_killed_in_the_middle_of_it_tells_nobody_twice_and_forgets_nobody(
    server: DatabaseServer,
) -> None:
    found = await run_fanout(SHORT, server, lambda _words: None)
    assert (found.doubled, found.lost) == (0, 0)
    assert found.delivered + found.flagged == SHORT.chats
    assert found.delivered > SHORT.chats * 0.8
    assert found.during, "others were answered meanwhile"
