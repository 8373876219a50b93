"""One run of Rasa's server as a child process: started, asked whether it answers, ended."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import structlog

from bot.nlu_environment import NLUEnvironment
from bot.nlu_model import absolute

_STATUS_TIMEOUT_SECONDS = 5.0
_STOP_SECONDS = 5.0
log = structlog.get_logger()


@dataclass(frozen=True)
class Address:
    """Where the server listens, and what it wants to be told by whoever asks."""

    host: str
    port: int
    token: str

    @property
    def url(self) -> str:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "") else self.host  # noqa: S104 (compared, not bound)
        return f"http://{host}:{self.port}"


def free_port(host: str) -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class RasaProcess:
    """A started server. It ends with this process, on Linux even when this process is killed."""

    def __init__(self, process: asyncio.subprocess.Process, address: Address) -> None:
        self._process = process
        self._address = address
        self._output = asyncio.create_task(self._follow())

    @classmethod
    async def start(cls, environment: NLUEnvironment, address: Address, model: Path) -> RasaProcess:
        """Returns at once; whether the server is up is told by `answers`."""
        variables = environment.variables() | {
            "SUPPORTBOT_NLU_TOKEN": address.token,  # not an argument: those show in `ps`
            "SUPPORTBOT_PARENT_PID": str(os.getpid()),
        }
        process = await asyncio.create_subprocess_exec(
            *(str(environment.python), "rasa_serve.py", address.host, str(address.port), *absolute(model)),
            cwd=environment.project,
            env=variables,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # a group of its own: Ctrl-C reaches us alone, and we end it in our own order
        )
        return cls(process, address)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    async def _follow(self) -> None:
        """Rasa's warnings into our log. At WARNING it prints no customer's text."""
        output = self._process.stdout
        while output is not None and (line := await output.readline()):
            log.warning("nlu.server_output", line=line.decode(errors="replace").rstrip()[:500])

    async def answers(self, client: httpx.AsyncClient) -> bool:
        """Whether it has a model loaded and says so within 5 s."""
        try:
            response = await client.get(
                f"{self._address.url}/status", params={"token": self._address.token}, timeout=_STATUS_TIMEOUT_SECONDS
            )
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK

    async def stop(self) -> None:
        """Ask it to end, then make it. Safe to call more than once."""
        if self.alive:
            with suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
            except TimeoutError:
                with suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()
        self._output.cancel()
        with suppress(asyncio.CancelledError):
            await self._output
