"""Two models at once: a share of the conversations is read by a candidate, on a second server of this process."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import structlog

from bot.nlu_model import ModelSource
from bot.nlu_progress import NLUSetupError
from bot.nlu_server import NLUServer, NLUServerSettings
from bot.rasa import RasaNLU
from handlers.nlu import NLU, NLUUnavailable, ParsedMessage

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 30.0
_RANGE = 2**64


def is_in_share(chat: str, share: float) -> bool:
    """Always the same for the same chat; whoever is in a share is in every larger one."""
    return int.from_bytes(hashlib.sha256(chat.encode()).digest()[:8]) < share * _RANGE


@dataclass(frozen=True)
class _WithFallback:
    """The candidate's trouble is nobody's: the live model reads then."""

    candidate: NLU
    live: NLU

    async def parse(self, text: str, message_id: str) -> ParsedMessage:
        try:
            return await self.candidate.parse(text, message_id)
        except NLUUnavailable:
            log.warning("release.candidate_down")
            return await self.live.parse(text, message_id)


class NLUShare:
    """An NLU, the live one; `of` a chat it may be the candidate."""

    def __init__(self, live: NLU, client: httpx.AsyncClient) -> None:
        self._live = live
        self._client = client
        self._candidate: NLU | None = None
        self._share = 0.0
        self._model: Path | None = None
        self._serving: asyncio.Task[None] | None = None

    async def parse(self, text: str, message_id: str) -> ParsedMessage:
        return await self._live.parse(text, message_id)

    def of(self, chat: str) -> NLU:
        candidate = self._candidate
        if candidate is None or not is_in_share(chat, self._share):
            return self._live
        return _WithFallback(candidate, self._live)

    @property
    def has_candidate(self) -> bool:
        """Whether the second server answers."""
        return self._candidate is not None

    async def follow(self, model: Path | None, share: float) -> None:
        """Returns at once; the second server is started, exchanged or ended meanwhile."""
        self._share = share
        if model == self._model:
            return
        await self.close()
        self._model = model
        if model is not None:
            self._serving = asyncio.create_task(self._serve(model))

    async def close(self) -> None:
        self._candidate, self._model = None, None
        if self._serving is not None:
            self._serving.cancel()
            with suppress(asyncio.CancelledError):
                await self._serving
            self._serving = None

    async def _serve(self, model: Path) -> None:
        """Until cancelled. What cannot be started is tried again after a pause; all are read by the live one then."""
        settings = NLUServerSettings(ModelSource(), model.parent, model=model)
        while True:
            try:
                async with NLUServer(settings) as server:
                    self._candidate = RasaNLU(server.url, server.token, self._client)
                    log.info("release.share_begins", model=model.name)
                    await server.wait()
            except NLUSetupError as error:
                log.error("release.share_refused", reason=str(error))
            finally:
                self._candidate = None
            await asyncio.sleep(PAUSE_SECONDS)
