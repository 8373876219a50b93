"""The language server: installed, trained, served and watched.

async with NLUServer(NLUServerSettings(models=Path("var/models")), progress) as server:
    nlu = RasaNLU(server.url, server.token, client)
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import structlog

from bot.nlu_environment import DEFAULT_CONTENT
from bot.nlu_model import ModelSource, train_model
from bot.nlu_process import Address, RasaProcess, free_port
from bot.nlu_progress import NLUSetupError, Progress, ProgressEvent, Stage, log_progress
from bot.nlu_remote import NLURemote

_START_SECONDS = 120.0
_POLL_SECONDS = 0.25
log = structlog.get_logger()


@dataclass(frozen=True)
class NLUServerSettings:
    """Where the server listens and what it serves. Port 0: any free one. No token: one is made up. `model`: a file that
    is there already, instead of the one for `source`."""

    source: ModelSource = field(default_factory=ModelSource)
    models: Path = DEFAULT_CONTENT / "models"
    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = None
    check_seconds: float = 2.0
    failed_checks: int = 3
    first_pause_seconds: float = 1.0
    longest_pause_seconds: float = 60.0
    model: Path | None = None


def restart_pause(deaths: int, first_seconds: float, longest_seconds: float) -> float:
    """How long to wait before start number `deaths` + 1: doubling, up to the longest."""
    return min(first_seconds * 2.0 ** min(deaths - 1, 20), longest_seconds)


class NLUServer:
    """Async context manager around a Rasa server. `url` and `token` stay the same over restarts."""

    def __init__(self, settings: NLUServerSettings | None = None, progress: Progress = log_progress) -> None:
        self._settings = settings or NLUServerSettings()
        self._progress = progress
        host = self._settings.host
        port = self._settings.port or free_port(host)
        self._address = Address(host, port, self._settings.token or secrets.token_urlsafe(32))
        self._process: RasaProcess | None = None
        self._model: Path | None = None
        self._watch: asyncio.Task[None] | None = None
        self._client = httpx.AsyncClient()
        # httpx logs each URL at INFO, and Rasa takes its token nowhere but in the URL.
        logging.getLogger("httpx").setLevel(logging.WARNING)

    @property
    def url(self) -> str:
        return self._address.url

    @property
    def token(self) -> str:
        return self._address.token

    @property
    def model(self) -> Path:
        """The model file that is served, also after a restart."""
        if self._model is None:
            raise NLUSetupError("the language server has not been started")
        return self._model

    @property
    def pid(self) -> int | None:
        """The server's process, None between its death and its next start."""
        return self._process.pid if self._process is not None and self._process.alive else None

    async def __aenter__(self) -> Self:
        """Ready to parse when it returns. Raises NLUSetupError in plain words."""
        try:
            await self._settings.source.environment.install(self._progress)
            self._model = await self._model_file()
            await self._start()
        except BaseException:
            await self._stop()
            raise
        self._watch = asyncio.create_task(self._watch_over())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def wait(self) -> None:
        """Until cancelled; for a server in the foreground."""
        if self._watch is not None:
            await self._watch

    async def load(self, model: Path) -> None:
        """Serve another model from now on, without a gap. Raises NLUSetupError and keeps the old one when it fails."""
        await NLURemote(self.url, self.token, self._client).load(model)
        self._model = model

    async def _model_file(self) -> Path:
        settings = self._settings
        if settings.model is None:
            return await train_model(settings.source, settings.models, self._progress)
        if not settings.model.exists():
            raise NLUSetupError(f"{settings.model} is not there")
        return settings.model

    async def _start(self) -> None:
        """Start the process and wait until it answers."""
        began = time.monotonic()
        self._progress(ProgressEvent(Stage.START, "Starting the language server"))
        self._process = await RasaProcess.start(self._settings.source.environment, self._address, self.model)
        while not await self._process.answers(self._client):
            seconds = time.monotonic() - began
            if not self._process.alive:
                raise NLUSetupError("the language server ended while starting; its last words are in the log")
            if seconds > _START_SECONDS:
                raise NLUSetupError(f"the language server did not answer within {_START_SECONDS:.0f} s")
            self._progress(ProgressEvent(Stage.START, "Starting the language server", max(seconds, 0.001)))
            await asyncio.sleep(_POLL_SECONDS)
        self._progress(ProgressEvent(Stage.READY, self.url, time.monotonic() - began, done=True))

    async def _stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch
        if self._process is not None:
            await self._process.stop()
        await self._client.aclose()

    async def _watch_over(self) -> None:
        """Start the server again, each time after a longer pause, when it dies or no longer answers."""
        deaths = 0
        while True:
            since = time.monotonic()
            await self._until_it_fails()
            if time.monotonic() - since > self._settings.longest_pause_seconds:
                deaths = 0
            deaths += 1
            while not await self._restarted(deaths):
                deaths += 1

    async def _until_it_fails(self) -> None:
        missed = 0
        while self._process is not None and self._process.alive and missed < self._settings.failed_checks:
            await asyncio.sleep(self._settings.check_seconds)
            missed = 0 if await self._process.answers(self._client) else missed + 1

    async def _restarted(self, deaths: int) -> bool:
        settings = self._settings
        pause = restart_pause(deaths, settings.first_pause_seconds, settings.longest_pause_seconds)
        log.error("nlu.server_lost", deaths=deaths, pause_seconds=pause)
        if self._process is not None:
            await self._process.stop()
        await asyncio.sleep(pause)
        try:
            await self._start()
        except NLUSetupError as error:
            log.error("nlu.restart_failed", reason=str(error))
            return False
        log.info("nlu.server_back", deaths=deaths)
        return True
