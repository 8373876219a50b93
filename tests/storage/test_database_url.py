from __future__ import annotations

import pytest
from sqlalchemy.exc import ArgumentError

from storage.database import normalise_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgres://u:p@h:5432/db", "postgresql+asyncpg://u:p@h:5432/db"),
        ("postgresql://u:p@h/db", "postgresql+asyncpg://u:p@h/db"),
        ("postgresql+psycopg2://u:p@h/db", "postgresql+asyncpg://u:p@h/db"),
        ("postgresql+asyncpg://u:p@h/db", "postgresql+asyncpg://u:p@h/db"),
        ("postgres://u:p@h/db?sslmode=require", "postgresql+asyncpg://u:p@h/db?ssl=require"),
        ("postgres://u:p@h/db?sslmode=require&channel_binding=require", "postgresql+asyncpg://u:p@h/db?ssl=require"),
        ("postgres://u:p@h/db?ssl=verify-full", "postgresql+asyncpg://u:p@h/db?ssl=verify-full"),
        ("postgres://u:p%40ss%2F@h/db", "postgresql+asyncpg://u:p%40ss%2F@h/db"),
        ("postgresql://postgres:@/postgres?host=/tmp/x", "postgresql+asyncpg://postgres:@/postgres?host=%2Ftmp%2Fx"),
        ("sqlite:///var/supportbot.db", "sqlite+aiosqlite:///var/supportbot.db"),
        ("sqlite:////var/lib/bot.db", "sqlite+aiosqlite:////var/lib/bot.db"),
        ("sqlite+aiosqlite:///bot.db", "sqlite+aiosqlite:///bot.db"),
    ],
)
def test_a_url_as_hosts_write_it_becomes_the_async_drivers(url: str, expected: str) -> None:
    assert normalise_url(url).render_as_string(hide_password=False) == expected


@pytest.mark.parametrize("url", ["mysql://u:p@h/db", "mssql+pyodbc://u:p@h/db", "oracle://h", "https://h/db"])
def test_another_database_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="only sqlite and postgresql are known, not ") as refused:
        normalise_url(url)
    assert "p@h" not in str(refused.value)


@pytest.mark.parametrize("url", ["", "bot.db", "/var/lib/bot.db"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ArgumentError):
        normalise_url(url)
