"""The worker's part of releases: has trained what was ordered, and keeps the language servers in line with what is on
record as live.

Of all workers one trains, and loads the live model on the server at NLU_URL; it has to see the same models' folder as
that server does. While a candidate answers a share of the conversations, each worker has a second server beside it.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.nlu_progress import NLUSetupError
from bot.nlu_remote import NLURemote
from bot.nlu_share import NLUShare
from bot.release_making import ReleaseMaking, Workshop
from bot.scheduler import Office
from handlers import releases
from storage import releases as stored
from storage.database import Database
from storage.releases import Release

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
PAUSE_SECONDS = 30.0  # after a model that could not be loaded
MODELS_KEPT = 5


class ReleaseWork:
    def __init__(
        self,
        database: Database,
        making: ReleaseMaking,
        workshop: Workshop,
        remote: NLURemote,
        share: NLUShare,
        office: Office,
    ) -> None:
        self._database = database
        self._making = making
        self._workshop = workshop
        self._remote = remote
        self._share = share
        self._office = office
        self._stopping = asyncio.Event()
        self._training: asyncio.Task[None] | None = None
        self._load_not_before = 0.0

    async def run(self) -> None:
        """Until `stop()`. A training that is in hand then is begun anew by the next worker."""
        try:
            while not self._stopping.is_set():
                await self._look_safely()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._stopping.wait()
        finally:
            await self._drop_training()
            await self._share.close()
            await self._office.resign()

    def stop(self) -> None:
        self._stopping.set()

    async def _look_safely(self) -> None:
        """Nothing here may end the process that answers customers."""
        try:
            await self.look()
        except (SQLAlchemyError, OSError) as error:
            log.error("release.database_lost", error=type(error).__name__)
        except Exception:
            log.exception("release.fault")

    async def look(self) -> None:
        """What is on record now is brought about; training goes on in the background."""
        async with self._database.reading() as session:
            standing = await releases.standing(session)
        partly = standing.partly
        await self._share.follow(self._file_of(partly), partly.share if partly else 0.0)
        if not await self._office.is_held():
            await self._drop_training()
            return
        await self._keep_live(standing.live)
        if standing.has_work and (self._training is None or self._training.done()):
            self._training = asyncio.create_task(self._making.make_next())

    async def ended(self) -> None:
        """Waits for the training in hand, if there is one."""
        if self._training is not None:
            await self._training

    def _file_of(self, release: Release | None) -> Path | None:
        return self._workshop.file_of(release.model) if release is not None and release.model else None

    async def _drop_training(self) -> None:
        if self._training is not None:
            self._training.cancel()
            with suppress(asyncio.CancelledError):
                await self._training
            self._training = None

    async def _keep_live(self, live: Release | None) -> None:
        """The server has the live model, also after it was started anew with the shipped one."""
        if live is None or live.model is None or time.monotonic() < self._load_not_before:
            return
        served = await self._remote.model_name()
        if served is None or served == live.model:
            return
        began = time.monotonic()
        try:
            await self._remote.load(self._workshop.file_of(live.model))
        except NLUSetupError as error:
            self._load_not_before = time.monotonic() + PAUSE_SECONDS
            log.error("release.not_loaded", release=live.id, reason=str(error))
            return
        took = round((time.monotonic() - began) * 1000)
        log.info("release.loaded", release=live.id, model=live.model, before=served, milliseconds=took)
        await self._clear_up()

    async def _clear_up(self) -> None:
        """Takes away the files of models that nobody will go back to."""
        async with self._database.reading() as session:
            done_with = await stored.models_done_with(session, MODELS_KEPT, releases.SHIPPED)
        for model in done_with:
            self._workshop.file_of(model).unlink(missing_ok=True)
