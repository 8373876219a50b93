from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

import storage  # noqa: F401 - registers every table
from storage.database import Base, Database
from storage.migrate import is_migrated, migrate


async def test_tables_come_and_go_and_come_again(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'm.db'}")
    assert not await is_migrated(database.engine)
    await migrate(database)
    await migrate(database)
    assert await is_migrated(database.engine)
    await migrate(database, "base")
    assert not await is_migrated(database.engine)
    await migrate(database)
    async with database.reading() as session:
        assert (await session.execute(text("select last from ticket_counter"))).scalar_one() == 1000
    await database.dispose()


async def test_the_migrations_make_exactly_the_tables_the_code_has(database: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
