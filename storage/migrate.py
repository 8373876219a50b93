"""Brings a database's tables up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_302  # advisory lock: two releases started at once migrate one after the other


def alembic_config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


async def migrate(database: Database, revision: str = "head") -> None:
    """Up (or, with an older `revision`, down) to `revision`; does nothing where that is reached already."""
    async with database.engine.begin() as connection:
        if database.is_postgres:
            await connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        await connection.run_sync(_to, revision)


def _to(connection: Connection, revision: str) -> None:
    config = alembic_config(connection)
    if revision == "base" or _is_behind(connection, revision, config):
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


def _is_behind(connection: Connection, revision: str, config: Config) -> bool:
    """Whether `revision` lies below what the database has."""
    current = MigrationContext.configure(connection).get_current_revision()
    if revision in {"head", current} or current is None:
        return False
    below = {script.revision for script in ScriptDirectory.from_config(config).iterate_revisions(current, "base")}
    return revision in below


async def is_migrated(engine: AsyncEngine) -> bool:
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    async with engine.connect() as connection:
        current = await connection.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision())
    return current == head
