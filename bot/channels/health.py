"""How a channel's connection stands, told to every process through the database."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.log import redact
from storage import channel_state
from storage.database import Database

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 15.0
PROBLEM_CHARACTERS = 300


class Health:
    """Notes what the process that holds the connection sees: at once when it changes, else every `AGAIN_SECONDS`."""

    def __init__(self, database: Database, channel: str, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._channel = channel
        self._clock = clock
        self._problem: str | None = None
        self._noted_at: float | None = None

    async def well(self) -> None:
        """A sign of life: the provider has just answered as it should."""
        await self._note(None)

    async def unwell(self, problem: str) -> None:
        """What is wrong, in words an operator can act on. Secrets in it are hidden."""
        await self._note(redact(problem)[:PROBLEM_CHARACTERS])

    async def _note(self, problem: str | None) -> None:
        is_new = self._noted_at is None or problem != self._problem
        if not is_new and time.monotonic() - (self._noted_at or 0.0) < AGAIN_SECONDS:
            return
        if is_new and problem is None:
            log.info("channel.well", channel=self._channel)
        elif is_new:
            log.error("channel.unwell", channel=self._channel, problem=problem)
        try:
            async with self._database.transaction() as session:
                await channel_state.note(session, self._channel, problem, self._clock())
        except (SQLAlchemyError, OSError) as error:
            log.error("channel.state_not_noted", channel=self._channel, error=type(error).__name__)
            return
        self._problem, self._noted_at = problem, time.monotonic()
