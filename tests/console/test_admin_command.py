"""`supportbot admin`: the console's people, kept by whoever runs the bot."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.admins_cli import admins_app
from handlers.admins import BadLogin, LastAdmin, LoginTaken, Passwords
from storage.admins import Admin, admins
from storage.database import Database


class Operator:
    def __init__(self, url: str) -> None:
        self._url = url

    def says(self, command: str) -> str:
        result = CliRunner().invoke(admins_app, command.split(), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    def password(self, command: str) -> str:
        return self.says(command).rpartition("this once: ")[2].strip()

    def stored(self, login: str) -> Admin:
        async def read() -> list[Admin]:
            database = Database(self._url)
            async with database.reading() as session:
                found = await admins(session)
            await database.dispose()
            return found

        return next(one for one in asyncio.run(read()) if one.login == login)


@pytest.fixture
def operator(tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    shutil.copy(sqlite_template, tmp_path / "people.db")
    url = f"sqlite:///{tmp_path / 'people.db'}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("COLUMNS", "200")
    return Operator(url)


def test_the_first_admin_is_made_here_and_others_are_kept(operator: Operator) -> None:
    passwords = Passwords()
    first = operator.password("add Kasia --generate")
    kasia = operator.stored("kasia")
    assert (kasia.role, passwords.fits(first, kasia.password_hash)) == ("admin", True)
    with pytest.raises(LoginTaken):
        operator.says("add kasia --generate")
    with pytest.raises(BadLogin):
        operator.says("add ka<sia --generate")
    operator.says("add marek --role viewer --generate")
    second = operator.password("passwd kasia --generate")
    changed = operator.stored("kasia").password_hash
    assert [passwords.fits(one, changed) for one in (first, second)] == [False, True]
    with pytest.raises(LastAdmin):
        operator.says("remove kasia")
    assert "marek may not use the console any more" in operator.says("remove marek")
    assert not operator.stored("marek").is_active
    operator.says("passwd marek --generate")
    operator.says("role marek editor")
    assert (operator.stored("marek").is_active, operator.stored("marek").role) == (True, "editor")


def test_the_list_tells_no_secrets(operator: Operator) -> None:
    password = operator.password("add kasia --generate")
    listed = operator.says("list")
    assert [line.split()[0] for line in listed.splitlines()] == ["login", "kasia"]
    assert password not in listed
    assert operator.stored("kasia").password_hash not in listed
