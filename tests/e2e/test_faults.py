"""The fault run of `make faults`, short: web and worker killed a few times while both providers are in trouble."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bench.database_server import DatabaseServer
from bench.fault_run import Plan, run_faults
from storage.database import Database

RETRIES = tuple(timedelta(seconds=seconds) for seconds in (0, 2, 4, 6, 8, 12, 20, 30))
SHORT = Plan(  # this seed kills each of the two
    kills=2, rate=10, customers=12, seed=5, pause=(0.1, 0.5), finish_seconds=60, slack_retries=RETRIES
)


@pytest.fixture(params=["sqlite", "postgres"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DatabaseServer]:
    """An empty database that nobody has migrated yet; PostgreSQL's is one of its own, in the session's server."""
    if request.param == "sqlite":
        yield DatabaseServer(f"sqlite:///{tmp_path / 'faults.db'}")
        return
    url = make_url(request.getfixturevalue("postgres_url"))
    own = Database(url.render_as_string(hide_password=False))
    async with own.engine.connect() as connection:
        admin = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await admin.execute(text("create database faults"))
        yield DatabaseServer(url.set(database="faults").render_as_string(hide_password=False))
        await admin.execute(text("drop database faults with (force)"))
    await own.dispose()


async def test_kills_and_providers_in_trouble_lose_nothing_and_answer_nothing_twice(server: DatabaseServer) -> None:
    findings = await run_faults(SHORT, server, lambda _words: None)
    verdict = findings.verdict
    assert (verdict.lost, verdict.doubled, verdict.out_of_order) == ([], [], [])
    assert findings.unfinished == 0
    assert len(findings.recoveries) == SHORT.kills
    assert len(findings.records.events) > SHORT.kills
