"""Failures on request, before and after the post is stored, as the real client meets them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.faults import Fault, Kind
from bot.sandbox.slack_api import SlackStandIn
from tests.sandbox.slack_world import MovedClock, standing_in

World = tuple[SlackStandIn, MovedClock, AsyncWebClient]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with standing_in() as made:
        made[0].pace.is_kept = False
        yield made


def stored(slack: SlackStandIn, channel: Channel) -> list[str]:
    return [message.text for message in slack.space.talk.of(channel.id)]


async def test_a_planned_429_names_its_seconds_and_binds_one_method(world: World) -> None:
    slack, _, client = world
    channel = slack.channel("help")
    slack.faults.add(Fault("chat.postMessage", Kind.RATE_LIMIT, seconds=30))
    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=channel.id, text="x")
    assert raised.value.response.status_code == 429
    assert raised.value.response.headers["Retry-After"] == "30"
    assert raised.value.response["error"] == "ratelimited"
    await client.auth_test()
    await client.chat_postMessage(channel=channel.id, text="y")
    assert stored(slack, channel) == ["y"]


@pytest.mark.parametrize("after_storing", [False, True])
@pytest.mark.parametrize("kind", [Kind.ERROR, Kind.SERVER_ERROR, Kind.UNAVAILABLE, Kind.HTML])
async def test_a_failed_answer_may_hide_a_post_that_stands(world: World, kind: Kind, after_storing: bool) -> None:
    slack, _, client = world
    channel = slack.channel("help")
    slack.faults.add(Fault("chat.postMessage", kind, after_storing=after_storing, error="fatal_error"))
    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=channel.id, text="x")
    if kind is Kind.ERROR:
        assert raised.value.response["error"] == "fatal_error"
    assert stored(slack, channel) == (["x"] if after_storing else [])
    assert slack.journal.calls[-1].fault == kind


@pytest.mark.parametrize("after_storing", [False, True])
async def test_a_connection_can_be_reset(world: World, after_storing: bool) -> None:
    slack, _, client = world
    channel = slack.channel("help")
    slack.faults.add(Fault("chat.postMessage", Kind.RESET, after_storing=after_storing))
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=channel.id, text="x")
    assert stored(slack, channel) == (["x"] if after_storing else [])
    assert slack.journal.calls[-1].status == 0


async def test_the_sdks_own_retry_posts_twice_after_a_reset(world: World) -> None:
    """Why the sender's client has no retry handlers (PLATFORM.md 9)."""
    slack, _, _ = world
    channel = slack.channel("help")
    slack.faults.add(Fault("chat.postMessage", Kind.RESET, after_storing=True))
    retrying = AsyncWebClient(token=slack.app.bot_token, base_url=slack.api_url)
    await retrying.chat_postMessage(channel=channel.id, text="x")
    assert stored(slack, channel) == ["x", "x"]


async def test_an_answer_that_never_comes(world: World) -> None:
    slack, _, _ = world
    channel = slack.channel("help")
    slack.faults.add(Fault("chat.postMessage", Kind.DROP, after_storing=True))
    bearer = {"Authorization": f"Bearer {slack.app.bot_token}"}
    async with httpx.AsyncClient(base_url=slack.api_url, headers=bearer, timeout=0.1) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.post("chat.postMessage", data={"channel": channel.id, "text": "x"})
    assert stored(slack, channel) == ["x"]


async def test_a_slow_answer_comes(world: World) -> None:
    slack, _, client = world
    channel = slack.channel("help")
    slack.faults.add(Fault("chat.postMessage", Kind.SLOW, seconds=0.2))
    posting = asyncio.create_task(client.chat_postMessage(channel=channel.id, text="x"))
    done, _ = await asyncio.wait({posting}, timeout=0.1)
    assert not done
    assert stored(slack, channel) == []
    assert (await posting)["ok"]
    assert stored(slack, channel) == ["x"]


async def test_faults_of_one_channel_leave_the_others_alone(world: World) -> None:
    slack, _, client = world
    sick, well = slack.channel("sick"), slack.channel("well")
    slack.faults.add(Fault("chat.postMessage", Kind.SERVER_ERROR, times=None, channel=sick.id))
    await client.chat_postMessage(channel=well.id, text="x")
    for _ in range(2):
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel=sick.id, text="x")
    slack.faults.clear()
    await client.chat_postMessage(channel=sick.id, text="x")


async def test_random_faults_are_the_same_for_the_same_seed(world: World) -> None:
    slack, _, client = world
    runs = []
    for _ in range(2):
        slack.faults.seed(7)
        slack.faults.add(Fault("*", Kind.SERVER_ERROR, times=None, probability=0.5))
        slack.journal.clear()
        for _ in range(12):
            try:
                await client.auth_test()
            except SlackApiError:
                continue
        slack.faults.clear()
        runs.append([call.status for call in slack.journal.calls])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 500}


async def test_the_journal_proves_exactly_these_posts_in_this_order(world: World) -> None:
    slack, clock, client = world
    one, other = slack.channel("one"), slack.channel("other")
    await client.chat_postMessage(channel=one.id, text="a")
    clock.move(seconds=5)
    await client.chat_postMessage(channel=other.id, text="b")
    with pytest.raises(SlackApiError):
        await client.chat_postMessage(channel="C404", text="c")
    calls = slack.journal.of("chat.postMessage")
    assert [(call.arguments["channel"], call.arguments["text"], call.ok) for call in calls] == [
        (one.id, "a", True),
        (other.id, "b", True),
        ("C404", "c", False),
    ]
    assert (calls[1].at - calls[0].at).total_seconds() == 5
    assert calls[2].error == "channel_not_found"
    assert isinstance(calls[0].answer, dict)
    assert calls[0].answer["message"]["text"] == "a"


async def test_who_is_killed_in_mid_sentence_has_said_nothing(world: World, caplog: pytest.LogCaptureFixture) -> None:
    slack, _, client = world
    channel = slack.channel("help")
    _, writer = await asyncio.open_connection("127.0.0.1", int(slack.space.url.rpartition(":")[2]))
    head = "POST /api/chat.postMessage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    writer.write(f'{head}Content-Length: 900\r\n\r\n{{"channel": '.encode())
    await writer.drain()
    await client.auth_test()
    writer.close()
    await writer.wait_closed()
    await client.auth_test()
    assert stored(slack, channel) == []
    assert not caplog.records
