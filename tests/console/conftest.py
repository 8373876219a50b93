"""The console works the same on both databases: its queries are tried on both in tests/storage, its pages on one."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.database import Database


@pytest.fixture
async def database(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "test.db")
    fresh = Database(f"sqlite:///{tmp_path / 'test.db'}")
    yield fresh
    await fresh.dispose()
