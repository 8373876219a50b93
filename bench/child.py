"""A process of the product under measurement: started, killed, started again; its output goes to a file."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
STOP_SECONDS = 25.0  # the product's own grace is 20 s
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "VIRTUAL_ENV", "SSL_CERT_FILE")


class ChildFailed(Exception):
    """A process ended, or did not come up, where it should have; the text holds its last words."""


@dataclass(frozen=True)
class Use:
    """What a process has taken so far: CPU (user and system, of its children too) and resident memory now."""

    cpu_seconds: float
    rss_mb: float


class Child:
    """`python -m bot <arguments>` in `folder`, where there is no `.env`, with these settings and no others."""

    def __init__(self, folder: Path, settings: Mapping[str, str], *arguments: str) -> None:
        self.name = "-".join(arguments)
        self._arguments = arguments
        self._folder = folder
        self._variables = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        self._variables |= {"PYTHONPATH": str(ROOT), **settings}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Returns at once. In a session of its own, so that Ctrl+C reaches it through us only."""
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", *self._arguments),
                cwd=self._folder,
                env=self._variables,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    async def finish(self, seconds: float) -> None:
        """Waits for a process that ends by itself. Raises `ChildFailed` when it fails or takes longer."""
        assert self._process is not None
        try:
            status = await asyncio.wait_for(self._process.wait(), seconds)
        except TimeoutError as error:
            raise ChildFailed(self.last_words()) from error
        if status:
            raise ChildFailed(self.last_words())

    async def ended(self) -> None:
        """Waits until it has, whatever for."""
        assert self._process is not None
        await self._process.wait()

    async def kill(self) -> None:
        """kill -9; returns when the process is gone."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        await self._end(signal.SIGTERM)

    def check_alive(self) -> None:
        """Raises `ChildFailed` when it has ended by itself."""
        if self._process is None or self._process.returncode is not None:
            raise ChildFailed(self.last_words())

    def use(self) -> Use:
        assert self._process is not None
        return use_of(self._process.pid)

    def last_words(self, lines: int = 25) -> str:
        said = self._log.read_text(errors="replace").splitlines() if self._log.exists() else []
        return "\n".join([f"{self.name} said last:", *said[-lines:]])

    @property
    def _log(self) -> Path:
        return self._folder / f"{self.name}.log"

    async def _end(self, how: signal.Signals) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(how)
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()


def use_of(pid: int) -> Use:
    """Of this process and its children."""
    top = psutil.Process(pid)
    cpu, rss = 0.0, 0
    for process in (top, *top.children(recursive=True)):
        times = process.cpu_times()
        cpu += times.user + times.system
        rss += process.memory_info().rss
    return Use(cpu, rss / 2**20)
