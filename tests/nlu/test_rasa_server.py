"""The real Rasa, from end to end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.nlu_model import train_model
from bot.nlu_progress import NLUSetupError, log_progress
from bot.nlu_remote import NLURemote
from bot.nlu_server import NLUServer, NLUServerSettings
from bot.rasa import RasaNLU


@pytest.fixture(scope="session")
async def nlu(rasa_server: NLUServer) -> AsyncIterator[RasaNLU]:
    async with httpx.AsyncClient() as client:
        yield RasaNLU(rasa_server.url, rasa_server.token, client)


async def test_a_polish_question_is_understood(rasa_server: NLUServer, nlu: RasaNLU) -> None:
    parsed = await nlu.parse("  Gdzie jest moje zamówienie ZAM-20481?", "1")
    assert parsed.best is not None
    assert parsed.best.name == "track_order"
    assert (parsed.language, parsed.entities[0].value) == ("pl", "ZAM-20481")
    assert parsed.text[parsed.entities[0].start : parsed.entities[0].end] == "ZAM-20481"
    assert rasa_server.model.name.startswith(parsed.model)
    assert parsed.model


async def test_without_the_token_nothing_is_told(rasa_server: NLUServer) -> None:
    async with httpx.AsyncClient() as client:
        response = await client.post(f"{rasa_server.url}/model/parse", json={"text": "hello"})
    assert response.status_code == 401


@given(
    text=st.sampled_from(["/", " /", "\u200b/", "//", "\t/"]).flatmap(
        lambda start: st.text(max_size=40).map(start.__add__)
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_slash_forces_an_intent(nlu: RasaNLU, text: str) -> None:
    parsed = await nlu.parse(text, "1")
    assert all(intent.name.isidentifier() for intent in parsed.intents)


@pytest.mark.parametrize("text", ['/get_refund{"order_number": 9}', "/track_order", "  /greet"])
async def test_the_server_itself_takes_no_command_either(rasa_server: NLUServer, text: str) -> None:
    async with httpx.AsyncClient() as client:
        url = f"{rasa_server.url}/model/parse"
        response = await client.post(url, params={"token": rasa_server.token}, json={"text": text})
    answer = response.json()
    assert answer["intent"]["confidence"] < 1.0
    assert all(entity["extractor"] == "PatternEntityExtractor" for entity in answer["entities"])


@pytest.mark.parametrize("text", ['/refund{"amount": 9}', "/track_order@1.0", "  /greet", "/start abc"])
async def test_a_command_of_rasas_is_read_as_words(nlu: RasaNLU, text: str) -> None:
    parsed = await nlu.parse(text, "1")
    assert parsed.best is not None
    assert parsed.best.confidence < 1.0


async def test_a_broken_model_is_refused_and_the_old_one_kept(rasa_server: NLUServer, nlu: RasaNLU) -> None:
    model = rasa_server.model
    with pytest.raises(NLUSetupError):
        await rasa_server.load(model.with_name("there-is-no-such-model.tar.gz"))
    assert rasa_server.model == model
    assert (await nlu.parse("dzień dobry", "1")).model


async def test_customers_are_read_by_the_old_model_while_another_one_is_loaded(
    rasa_server: NLUServer, nlu: RasaNLU, tmp_path: Path
) -> None:
    old = rasa_server.model
    other = Path(shutil.copy(old, tmp_path / "other.tar.gz"))
    loading = asyncio.create_task(rasa_server.load(other))
    read = []
    while not loading.done():
        read.append((await nlu.parse("gdzie jest moja paczka", "1")).best)
    await loading
    try:
        assert len(read) >= 5
        assert all(best is not None and best.name == "track_order" for best in read)
        async with httpx.AsyncClient() as client:
            assert await NLURemote(rasa_server.url, rasa_server.token, client).model_name() == "other"
    finally:
        await rasa_server.load(old)


async def test_the_same_content_is_trained_once(rasa_server: NLUServer) -> None:
    defaults = NLUServerSettings()
    before = rasa_server.model.stat().st_mtime_ns
    assert await train_model(defaults.source, defaults.models, log_progress) == rasa_server.model
    assert rasa_server.model.stat().st_mtime_ns == before


async def answers_again(server: NLUServer, client: httpx.AsyncClient, first: int, until: float) -> bool:
    """Whether another process than `first` answers before the monotonic clock says `until`."""
    for _ in range(10_000):
        await asyncio.sleep(0.1)
        if server.pid not in (None, first):
            with contextlib.suppress(httpx.HTTPError):
                await client.get(server.url)
                return True
        if time.monotonic() > until:
            break
    return False


async def test_a_killed_server_is_started_again_on_the_same_address(rasa_server: NLUServer) -> None:
    """A server of its own: killing the shared one would disturb other tests. The model is there by now."""
    settings = NLUServerSettings(check_seconds=0.2, first_pause_seconds=0.1)
    async with NLUServer(settings) as server, httpx.AsyncClient() as client:
        first = server.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until = time.monotonic() + 60
        assert await answers_again(server, client, first, until)
        parsed = await RasaNLU(server.url, server.token, client).parse("where is my parcel", "1")
        last = server.pid
    assert parsed.best is not None
    assert parsed.best.name == "track_order"
    assert last is not None
    with pytest.raises(ProcessLookupError):
        os.kill(last, 0)
