"""One release: written out, trained, compared with the live model, its progress on record all the while."""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.nlu_asker import asker
from bot.nlu_environment import NLUEnvironment
from bot.nlu_model import ModelSource, train_model
from bot.nlu_progress import NLUSetupError, ProgressEvent
from bot.nlu_remote import MODEL_SUFFIX, NLURemote
from bot.release_compare import Comparison, Questions, compare
from handlers import releases
from handlers.bands import misfits
from handlers.content_transfer import training_content
from handlers.desk import Desk
from handlers.errors import SupportError
from storage import releases as stored
from storage.database import Database
from storage.releases import Release, ReleaseStatus

log = structlog.get_logger(__name__)

TELL_SECONDS = 1.0


class _TakenAway(Exception):
    """The release is not this attempt's to work on any more."""


@dataclass(frozen=True)
class Workshop:
    """Where models are made. `replayed`: how many past messages are read anew; `niceness`: how far that steps back for
    the customers' messages on the same machine."""

    content_dir: Path
    models: Path
    replayed: int
    niceness: int
    environment: NLUEnvironment = field(default_factory=NLUEnvironment)

    def file_of(self, model: str) -> Path:
        return self.models / f"{model}{MODEL_SUFFIX}"


def _name(model: Path) -> str:
    return model.name.removesuffix(MODEL_SUFFIX)


def _silent(event: ProgressEvent) -> None:
    """What goes on beside the training is not told."""


class ReleaseMaking:
    """`make_next` works the release that waits, once at a time."""

    def __init__(
        self,
        database: Database,
        desk: Callable[[], Desk],
        clock: Callable[[], datetime],
        workshop: Workshop,
        remote: NLURemote,
    ) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock
        self._workshop = workshop
        self._remote = remote
        self._stage = ""

    async def make_next(self) -> None:
        """Raises nothing but the cancellation: a release that failed says why."""
        try:
            async with self._database.transaction() as session:
                release = await releases.take_up(session)
            if release is not None:
                await self._make_or_fail(release)
        except (SQLAlchemyError, OSError) as error:
            log.error("release.database_lost", error=type(error).__name__)
        except _TakenAway:
            log.warning("release.taken_away")

    async def _make_or_fail(self, release: Release) -> None:
        log.info("release.begun", release=release.id, attempt=release.attempts)
        try:
            await self._make(release)
        except (SQLAlchemyError, _TakenAway):
            raise
        except SupportError as error:
            await self._failed(release, str(error))
        except Exception as error:
            log.exception("release.fault", release=release.id)
            await self._failed(release, f"{type(error).__name__}: {error}"[:500])

    async def _failed(self, release: Release, why: str) -> None:
        log.error("release.failed", release=release.id, reason=why)
        async with self._holding(release) as row:
            row.status, row.error, row.progress, row.ended_at = ReleaseStatus.FAILED, why, None, self._clock()

    async def _make(self, release: Release) -> None:
        """The live model is asked while the new one is trained."""
        began, shop = time.monotonic(), self._workshop
        live = await self._live_file()
        async with self._told(release), _folder() as folder, asker(shop.environment, shop.niceness) as beside:
            self._stage = "train"
            questions = await self._prepare(folder / "content", release)
            asking = asyncio.create_task(beside.ask(live, questions.texts))
            try:
                source = ModelSource(folder / "content", environment=shop.environment)
                model = await train_model(source, shop.models, _silent, niceness=shop.niceness)
                trained = time.monotonic()
                await self._is_trained(release, model)
                self._stage = "compare"
                before = await asking
            finally:
                asking.cancel()
            after = before if model == live else await beside.ask(model, questions.texts)
        found = await asyncio.to_thread(compare, questions, before, after, self._desk(), self._clock())
        found.metrics.update(
            live_model=_name(live),
            train_s=round(trained - began, 1),
            compare_s=round(time.monotonic() - trained, 1),
            largest_process_mb=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
        )
        await self._is_compared(release, found, questions)

    async def _live_file(self) -> Path:
        """The model that the customers' server has. Raises NLUSetupError."""
        name = await self._remote.model_name()
        if name is None:
            raise NLUSetupError("the language server does not say which model it has")
        if not (file := self._workshop.file_of(name)).exists():
            raise NLUSetupError(f"the live model {file} is not there: workers and language server need one MODELS_DIR")
        return file

    async def _prepare(self, content: Path, release: Release) -> Questions:
        """Writes what is taught, and gathers what is asked."""
        async with self._database.reading() as session:
            digest = await training_content(session, self._workshop.content_dir, content)
            messages = await stored.messages_to_replay(session, self._workshop.replayed)
            labels = await stored.labels(session, [message.id for message in messages])
        async with self._holding(release) as row:
            row.data_digest = digest
        return await asyncio.to_thread(Questions.on, content, messages, labels)

    async def _is_trained(self, release: Release, model: Path) -> None:
        async with self._holding(release) as row:
            row.model, row.trained_at, row.status = _name(model), self._clock(), ReleaseStatus.COMPARING

    async def _is_compared(self, release: Release, found: Comparison, questions: Questions) -> None:
        """Words that a customer has taken back meanwhile are not kept."""
        async with self._database.transaction() as session:
            row = await releases.held(session, release.id, release.attempts)
            if row is None:
                raise _TakenAway
            kept = await stored.unchanged(session, questions.messages)
            rows = [one for one in found.rows if one["message_id"] in kept]
            await stored.replace_replayed(session, row.id, rows)
            row.replay = found.counts
            releases.is_compared(row, found.metrics, found.blocked, self._clock())
        log.info(
            "release.compared", release=release.id, replay=found.counts, blocked=[str(one) for one in found.blocked]
        )
        for language, border, used, measured in misfits(self._desk().thresholds, found.metrics["thresholds"]):
            log.warning(
                "release.threshold_misfit", release=release.id, language=language, border=border, used=used,
                measured=measured,
            )  # fmt: skip

    @asynccontextmanager
    async def _holding(self, release: Release) -> AsyncIterator[Release]:
        async with self._database.transaction() as session:
            row = await releases.held(session, release.id, release.attempts)
            if row is None:
                raise _TakenAway
            yield row

    @asynccontextmanager
    async def _told(self, release: Release) -> AsyncIterator[None]:
        """Stage and seconds on record, once a second."""
        telling = asyncio.create_task(self._tell(release))
        try:
            yield
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling

    async def _tell(self, release: Release) -> None:
        began = time.monotonic()
        while True:
            with suppress(SQLAlchemyError, OSError, _TakenAway):
                async with self._holding(release) as row:
                    row.progress = f"{self._stage} {time.monotonic() - began:.0f}"
            await asyncio.sleep(TELL_SECONDS)


@asynccontextmanager
async def _folder() -> AsyncIterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
