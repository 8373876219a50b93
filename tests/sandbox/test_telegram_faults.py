"""Faults on demand, and what the real library makes of them: PLATFORM.md 12 and 13."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut

from bot.sandbox.telegram import faults
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.refusal import bad_request
from bot.sandbox.telegram_api import TelegramStandIn
from tests.sandbox.telegram_scene import Scene, open_scene, until


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_scene() as scene:
        yield scene


@pytest.fixture
def anna(scene: Scene) -> Person:
    anna = scene.api.person("Anna")
    anna.types("hello")
    return anna


def answers(anna: Person) -> list[str]:
    return [seen.text for seen in anna.sees() if seen.is_bot]


async def test_429_so_many_times_then_all_is_well(scene: Scene, anna: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    scene.api.faults.next("sendMessage", faults.rate_limit(7), times=2)
    for _ in range(2):
        with pytest.raises(RetryAfter) as refused:
            await scene.bot.send_message(anna.id, "x")
        assert refused.value.retry_after == timedelta(seconds=7)
    await scene.bot.send_message(anna.id, "x")
    assert [entry.status for entry in scene.api.journal] == [429, 429, 200]


async def test_500_before_or_after_storing_looks_the_same_to_the_bot(scene: Scene, anna: Person) -> None:
    scene.api.faults.next("sendMessage", faults.server_error())
    scene.api.faults.next("sendMessage", faults.server_error(after=True))
    for text in ("before", "after"):
        with pytest.raises(NetworkError, match="Internal Server Error: restart"):
            await scene.bot.send_message(anna.id, text)
    assert answers(anna) == ["after"]
    assert [(entry.status, entry.was_done, entry.fault) for entry in scene.api.journal] == [
        (500, False, "refuse 500 before storing"),
        (500, True, "refuse 500 after storing"),
    ]
    assert scene.api.journal.sent_texts(anna.id) == ["after"]


async def test_a_page_instead_of_json(scene: Scene, anna: Person) -> None:
    scene.api.faults.next("sendMessage", faults.html())
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await scene.bot.send_message(anna.id, "x")
    scene.api.faults.next("sendMessage", faults.html())
    answer = await scene.raw("sendMessage", chat_id=anna.id, text="x")
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("after", [False, True])
async def test_a_reset_connection(scene: Scene, anna: Person, after: bool) -> None:
    scene.api.faults.next("sendMessage", faults.reset(after=after))
    with pytest.raises(httpx.ReadError):
        await scene.raw("sendMessage", chat_id=anna.id, text="raw")
    scene.api.faults.next("sendMessage", faults.reset(after=after))
    with pytest.raises(NetworkError) as lost:
        await scene.bot.send_message(anna.id, "library")
    assert not isinstance(lost.value, TimedOut)
    assert answers(anna) == (["raw", "library"] if after else [])
    assert [entry.status for entry in scene.api.journal] == [None, None]


async def test_an_answer_that_never_comes_leaves_the_outcome_unknown(
    scene: Scene, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    scene.api.faults.next("sendMessage", faults.silence())
    with pytest.raises(TimedOut):
        await scene.bot.send_message(anna.id, "stored, but who knows", read_timeout=0.05)
    assert answers(anna) == ["stored, but who knows"]
    assert scene.api.journal.calls("sendMessage")[0].was_done
    await scene.raw("getMe")
    assert not caplog.records, "who hung up is not a fault of the stand-in's"


async def test_a_slow_answer_comes_when_the_clock_says_so(scene: Scene, anna: Person) -> None:
    scene.api.faults.next("sendMessage", faults.slow(30), chat_id=anna.id)
    jan = scene.api.person("Jan")
    jan.types("hello")
    slow = asyncio.create_task(scene.raw("sendMessage", chat_id=anna.id, text="slow"))
    await until(lambda: bool(answers(anna)))
    await scene.call("sendMessage", chat_id=jan.id, text="not held up")
    scene.later(29)
    assert not slow.done()
    scene.later(1)
    assert (await slow).status_code == 200


async def test_any_refusal_can_be_asked_for(scene: Scene, anna: Person) -> None:
    scene.api.faults.next("*", faults.refusal(bad_request("not enough rights to send text messages to the chat")))
    with pytest.raises(BadRequest, match="Not enough rights to send text messages to the chat"):
        await scene.bot.send_message(anna.id, "x")


async def test_getting_updates_can_fail_too_and_nothing_is_lost(scene: Scene, anna: Person) -> None:
    scene.api.faults.next("getUpdates", faults.reset(after=True))
    with pytest.raises(NetworkError):
        await scene.bot.get_updates()
    scene.later(1)
    assert [update.message.text for update in await scene.bot.get_updates() if update.message] == ["hello"]


async def test_random_faults_repeat_with_their_seed(scene: Scene, anna: Person) -> None:
    async def run(seed: int) -> list[int | None]:
        scene.api.faults.clear()
        scene.api.faults.at_random(
            0.5, [faults.rate_limit(1), faults.server_error(after=True)], methods=["sendMessage"], seed=seed
        )
        scene.api.journal.entries.clear()
        for _ in range(20):
            await scene.raw("sendMessage", chat_id=anna.id, text="x")
            scene.later(2)
        return [entry.status for entry in scene.api.journal]

    first = await run(7)
    assert first == await run(7)
    assert first != await run(8)
    assert set(first) == {200, 429, 500}


async def _post_alone(scene: Scene, anna: Person) -> httpx.Response:
    """With a client of its own, which the scene does not close."""
    async with httpx.AsyncClient(base_url=scene.api.url) as http:
        arguments = {"chat_id": anna.id, "text": "x"}
        return await http.post(f"/bot{scene.api.token}/sendMessage", json=arguments)


async def test_an_open_wait_does_not_keep_the_stand_in_from_closing() -> None:
    async with open_scene() as scene:
        anna = scene.api.person("Anna")
        anna.types("hello")
        scene.api.faults.next("sendMessage", faults.silence())
        poller = await scene.poller(offset=100_000_001, timeout=50)
        silent = asyncio.create_task(_post_alone(scene, anna))
        await until(lambda: bool(answers(anna)))
        scene.api.polling.close()
        assert (await poller).status_code == 500
    with pytest.raises(httpx.HTTPError):
        await silent


async def test_on_the_wall_clock_it_ticks_by_itself() -> None:
    async with TelegramStandIn(tick_seconds=0.01) as api, httpx.AsyncClient(base_url=api.url) as http:
        api.faults.next("getMe", faults.slow(0.05))
        assert (await http.get(f"/bot{api.token}/getMe")).json()["result"]["is_bot"] is True


async def test_who_is_killed_in_mid_sentence_has_said_nothing(
    scene: Scene, anna: Person, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", int(scene.api.url.rpartition(":")[2]))
    head = f"POST /bot{scene.api.token}/sendMessage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(f'{head}Content-Length: 900\r\n\r\n{{"chat_id": '.encode())
    await writer.drain()
    await until(lambda: bool(scene.api.journal.calls("sendMessage")))
    writer.close()
    await writer.wait_closed()
    await scene.raw("getMe")
    assert answers(anna) == []
    assert not caplog.records
