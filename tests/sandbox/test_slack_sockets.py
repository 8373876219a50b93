"""Socket Mode with the real client of slack_bolt, and with bare sockets where it is about frames."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack_api import SlackStandIn
from tests.sandbox.slack_world import MovedClock, receiver, standing_in

World = tuple[SlackStandIn, MovedClock, AsyncWebClient]
Frame = dict[str, Any]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with standing_in(ack_seconds=0.5) as made:
        made[0].use_sockets()
        yield made


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 - the other side is a library without an event to wait for
            await asyncio.sleep(0.005)


class Line:
    """A bare socket: reads frames, acknowledges by hand."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def frame(self) -> Frame:
        async with asyncio.timeout(5):
            return dict(json.loads(await self.socket.receive_str()))

    async def acknowledge(self, frame: Frame, **more: Any) -> None:
        await self.socket.send_str(json.dumps({"envelope_id": frame["envelope_id"], **more}))


@asynccontextmanager
async def lines(
    client: AsyncWebClient, slack: SlackStandIn, count: int = 1, more: str = ""
) -> AsyncIterator[list[Line]]:
    async with aiohttp.ClientSession() as session:
        opened = []
        for _ in range(count):
            told = await client.apps_connections_open(app_token=slack.app.app_token)
            opened.append(Line(await session.ws_connect(told["url"] + more)))
        yield opened


async def test_a_socket_says_hello_and_gets_envelopes(world: World) -> None:
    slack, _, client = world
    async with lines(client, slack) as [line]:
        hello = await line.frame()
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert hello["connection_info"] == {"app_id": slack.app.app_id}
        assert hello["debug_info"]["approximate_connection_time"] == 3600
        slack.person("Anna").says("hi")
        frame = await line.frame()
        assert (frame["type"], frame["retry_attempt"], frame["retry_reason"]) == ("events_api", 0, "")
        assert frame["accepts_response_payload"] is False
        assert frame["payload"]["event"]["text"] == "hi"
        await line.acknowledge(frame)
        await slack.tick()
        assert [delivery.outcome for delivery in slack.journal.deliveries] == ["ok"]


async def test_a_ticket_is_good_for_one_handshake(world: World) -> None:
    slack, clock, client = world
    async with aiohttp.ClientSession() as session:
        url = (await client.apps_connections_open(app_token=slack.app.app_token))["url"]
        await session.ws_connect(url)
        with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
            await session.ws_connect(url)
        assert raised.value.status == 404
        old = (await client.apps_connections_open(app_token=slack.app.app_token))["url"]
        clock.move(seconds=31)
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(old)
    assert slack.sockets.handshakes == [101, 404, 404]


async def test_a_refused_handshake_uses_the_ticket_up(world: World) -> None:
    slack, _, client = world
    slack.sockets.refusals = 1
    async with aiohttp.ClientSession() as session:
        url = (await client.apps_connections_open(app_token=slack.app.app_token))["url"]
        for status in (503, 404):
            with pytest.raises(aiohttp.WSServerHandshakeError) as raised:
                await session.ws_connect(url)
            assert raised.value.status == status


async def test_an_envelope_nobody_acknowledges_comes_again(world: World) -> None:
    slack, clock, client = world
    async with lines(client, slack) as [line]:
        await line.frame()
        slack.person("Anna").says("hi")
        first = await line.frame()
        clock.move(seconds=3)
        ticking = asyncio.create_task(slack.tick())
        second = await line.frame()
        assert (second["retry_attempt"], second["retry_reason"]) == (1, "timeout")
        assert second["payload"]["event_id"] == first["payload"]["event_id"]
        await line.acknowledge(second)
        await ticking
        assert slack.deliveries.waiting == 0


async def test_two_sockets_share_the_traffic_and_a_lost_one_hands_over(world: World) -> None:
    slack, _, client = world
    async with lines(client, slack, 2) as [one, other]:
        assert [(await line.frame())["num_connections"] for line in (one, other)] == [1, 2]
        anna = slack.person("Anna")
        anna.says("a")
        anna.says("b")
        mine, theirs = await one.frame(), await other.frame()
        assert {mine["payload"]["event"]["text"], theirs["payload"]["event"]["text"]} == {"a", "b"}
        await other.acknowledge(theirs)
        await one.socket.close()
        again = await other.frame()
        assert again["payload"]["event_id"] == mine["payload"]["event_id"]
        assert again["retry_attempt"] == 1
        await other.acknowledge(again)
        await slack.tick()


async def test_a_socket_is_warned_ten_seconds_before_it_is_ended(world: World) -> None:
    slack, clock, client = world
    async with lines(client, slack, more="&debug_reconnects=true") as [line]:
        assert (await line.frame())["debug_info"]["approximate_connection_time"] == 360
        clock.move(seconds=350)
        await slack.tick()
        assert (await line.frame())["reason"] == "warning"
        clock.move(seconds=10)
        await slack.tick()
        assert await line.frame() == {
            "type": "disconnect",
            "reason": "refresh_requested",
            "debug_info": {"host": "applink-stand-in"},
        }
        assert (await line.socket.receive()).type in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}
        assert slack.sockets.sockets == []


async def test_an_eleventh_socket_is_sent_away(world: World) -> None:
    slack, _, client = world
    slack.pace.is_kept = False
    async with lines(client, slack, 11) as opened:
        assert (await opened[-1].frame())["reason"] == "too_many_websockets"
        assert len(slack.sockets.sockets) == 10


async def test_an_event_that_was_acknowledged_can_come_again_under_the_same_envelope(world: World) -> None:
    slack, _, client = world
    async with lines(client, slack) as [line]:
        await line.frame()
        slack.person("Anna").says("hi")
        first = await line.frame()
        await line.acknowledge(first)
        await slack.tick()
        slack.deliveries.again(first["payload"]["event_id"])
        second = await line.frame()
        assert second == first
        await line.acknowledge(second)


@asynccontextmanager
async def bolt(slack: SlackStandIn) -> AsyncIterator[tuple[AsyncApp, AsyncSocketModeHandler]]:
    app = AsyncApp(client=AsyncWebClient(token=slack.app.bot_token, base_url=slack.api_url))
    handler = AsyncSocketModeHandler(app, slack.app.app_token, ping_interval=0.2)
    yield app, handler
    await handler.close_async()


async def test_bolt_hears_messages_and_buttons_and_answers_commands(world: World) -> None:
    slack, _, client = world
    async with bolt(slack) as (app, handler):
        heard: list[str] = []

        @app.event("message")
        async def hear(event: Frame) -> None:
            heard.append(event["text"])

        @app.action("yes")
        async def press(ack: Any, body: Frame, respond: Any) -> None:
            await ack()
            heard.append(body["actions"][0]["value"])
            await respond(text="Thank you", replace_original=True)

        @app.command("/support")
        async def command(ack: Any) -> None:
            await ack("None open")

        await handler.connect_async()
        anna = slack.person("Anna")
        anna.says("Dzień dobry")
        await slack.tick()
        await until(lambda: heard == ["Dzień dobry"])
        button = {"type": "button", "action_id": "yes", "value": "1", "text": {"type": "plain_text", "text": "Yes"}}
        told = await client.chat_postMessage(
            channel=anna.id, text="Sure?", blocks=[{"type": "actions", "elements": [button]}]
        )
        await anna.presses(slack.space.message(told["channel"], told["ts"]), "yes")
        await until(lambda: "Thank you" in [shown.text for shown in slack.screen(anna.dm, anna)])
        outcome = await anna.commands("/support", "tickets")
        assert outcome.answer == {"text": "None open"}
        assert heard == ["Dzień dobry", "1"]
        assert slack.screen(anna.dm, anna)[-1].text == "None open"


async def test_bolt_reconnects_when_told_to(world: World) -> None:
    slack, _, _ = world
    async with bolt(slack) as (_, handler):
        await handler.connect_async()
        await until(lambda: len(slack.sockets.sockets) == 1)
        first = slack.sockets.sockets[0]
        await slack.sockets.end(first, "refresh_requested")
        await until(lambda: len(slack.sockets.sockets) == 1 and slack.sockets.sockets[0] is not first)
        assert len(slack.journal.of("apps.connections.open")) >= 2


async def test_bolt_never_recovers_from_a_refused_handshake(world: World) -> None:
    """The trap of PLATFORM.md 9: the same used ticket again and again, no new URL is asked for."""
    slack, _, _ = world
    slack.sockets.refusals = 1
    async with bolt(slack) as (_, handler):
        connecting = asyncio.create_task(handler.connect_async())
        await until(lambda: len(slack.sockets.handshakes) >= 3)
        connecting.cancel()
        assert slack.sockets.handshakes[:3] == [503, 404, 404]
        assert len(slack.journal.of("apps.connections.open")) == 1


async def test_what_happens_while_no_socket_is_open_comes_by_the_retries(world: World) -> None:
    slack, clock, client = world
    slack.person("Anna").says("hi")
    await slack.tick()
    assert slack.deliveries.waiting == 1
    async with lines(client, slack) as [line]:
        await line.frame()
        clock.move(minutes=1)
        ticking = asyncio.create_task(slack.tick())
        frame = await line.frame()
        assert frame["retry_attempt"] == 2
        await line.acknowledge(frame)
        await ticking


async def test_while_socket_mode_is_on_nothing_comes_over_http(world: World) -> None:
    slack, _, client = world
    async with receiver() as app, lines(client, slack) as [line]:
        await line.frame()
        await slack.use_http(app.url)
        slack.use_sockets()
        slack.person("Anna").says("hi")
        await line.acknowledge(await line.frame())
        await slack.tick()
        assert app.got == []


async def test_the_same_envelope_twice_at_once_is_settled_by_one_acknowledgement(world: World) -> None:
    slack, _, client = world
    async with lines(client, slack) as [line]:
        await line.frame()
        slack.person("Anna").says("hi")
        first = await line.frame()
        slack.deliveries.again(first["payload"]["event_id"])
        assert await line.frame() == first
        await line.acknowledge(first)
        await slack.tick()
        assert [delivery.outcome for delivery in slack.journal.deliveries] == ["ok", "ok"]
