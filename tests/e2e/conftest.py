from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bench.database_server import DatabaseServer
from storage.database import Database


@pytest.fixture(params=["sqlite", "postgres"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DatabaseServer]:
    """An empty database that nobody has migrated yet; PostgreSQL's is one of its own, in the session's server."""
    if request.param == "sqlite":
        yield DatabaseServer(f"sqlite:///{tmp_path / 'run.db'}")
        return
    url = make_url(request.getfixturevalue("postgres_url"))
    name = f"run_{uuid4().hex[:8]}"
    own = Database(url.render_as_string(hide_password=False))
    async with own.engine.connect() as connection:
        admin = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await admin.execute(text(f"create database {name}"))
        yield DatabaseServer(url.set(database=name).render_as_string(hide_password=False))
        await admin.execute(text(f"drop database {name} with (force)"))
    await own.dispose()
