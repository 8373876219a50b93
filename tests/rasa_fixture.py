"""The real thing for tests: Rasa with the model of nlu_data, installed and trained where needed, once per session.

Use it from any test: `from tests.rasa_fixture import rasa_server  # noqa: F401`, then ask for `rasa_server`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.nlu_server import NLUServer, NLUServerSettings


@pytest.fixture(scope="session")
async def rasa_server() -> AsyncIterator[NLUServer]:
    async with NLUServer(NLUServerSettings()) as server:
        yield server
