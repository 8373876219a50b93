"""The index of all examples, kept for all pages: with thousands of them it takes a second to build."""

from __future__ import annotations

import asyncio

from handlers.training_checks import ExampleIndex, fresh_index
from storage.database import Database


class KeptIndex:
    """Built by whoever asks first after an edit; others wait for that one."""

    def __init__(self) -> None:
        self._building = asyncio.Lock()
        self._index: ExampleIndex | None = None

    async def fresh(self, database: Database) -> ExampleIndex:
        async with self._building, database.reading() as session:
            self._index = await fresh_index(session, self._index)
            return self._index
