"""Webhook delivery as PLATFORM.md 10 tells it: signed by a header, in order per chat, again until 2xx."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from bot.sandbox.telegram import faults
from bot.sandbox.telegram.server import RESET, serving
from tests.sandbox.telegram_scene import Scene, open_scene, until


@dataclass
class Receiver:
    """A bot's webhook. `answers` are given one after the other, then 200. `gate`, when closed, holds all answers."""

    url: str = ""
    answers: list[Response | None] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    most_at_once: int = 0
    _at_once: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self.got.append(await request.json())
        self.headers.append(dict(request.headers))
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await self.gate.wait()
        self._at_once -= 1
        answer = self.answers.pop(0) if self.answers else Response()
        if answer is None:
            scope[RESET]()
        else:
            await answer(scope, receive, send)

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.got]

    async def has(self, count: int) -> None:
        await until(lambda: len(self.got) >= count)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    receiver.gate.set()
    async with serving(receiver) as url:
        receiver.url = f"{url}/telegram/webhook"
        yield receiver


@pytest.fixture
async def scene(receiver: Receiver) -> AsyncIterator[Scene]:
    async with open_scene(
        webhook_ways={"https://bot.example": receiver.url.removesuffix("/telegram/webhook")}
    ) as scene:
        await scene.call("setWebhook", url="https://bot.example/telegram/webhook", secret_token="s3cret_-A")
        yield scene


async def test_an_update_is_posted_as_json_with_the_secret(scene: Scene, receiver: Receiver) -> None:
    scene.api.person("Anna").types("hello")
    await scene.api.delivered()
    assert receiver.texts() == ["hello"]
    assert receiver.headers[0]["x-telegram-bot-api-secret-token"] == "s3cret_-A"
    assert receiver.headers[0]["content-type"] == "application/json"
    assert len(scene.api.updates) == 0


async def test_nothing_is_sent_twice_after_any_2xx(scene: Scene, receiver: Receiver) -> None:
    receiver.answers = [Response(status_code=204), Response(status_code=202)]
    anna = scene.api.person("Anna")
    anna.types("one")
    anna.types("two")
    await scene.api.delivered()
    scene.later(3600)
    assert receiver.texts() == ["one", "two"]


async def test_a_refused_update_comes_at_once_then_after_2_4_8_seconds(scene: Scene, receiver: Receiver) -> None:
    receiver.answers = [Response(status_code=503) for _ in range(5)]
    scene.api.person("Anna").types("hello")
    await scene.api.delivered()
    assert len(receiver.got) == 2
    for number, pause in enumerate((2, 4, 8)):
        scene.later(pause - 0.1)
        await scene.api.delivered()
        assert len(receiver.got) == 2 + number
        scene.later(0.1)
        await scene.api.delivered()
        assert len(receiver.got) == 3 + number
    assert {update["update_id"] for update in receiver.got} == {100_000_000}
    info = await scene.call("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"
    assert info["pending_update_count"] == 1


async def test_pauses_grow_to_one_or_two_minutes_at_most(scene: Scene, receiver: Receiver) -> None:
    receiver.answers = [Response(status_code=500) for _ in range(400)]
    scene.api.person("Anna").types("hello")
    for _ in range(3600):
        await scene.api.delivered()
        scene.later(1)
    times = [delivery.at.timestamp() for delivery in scene.api.journal.deliveries]
    pauses = [later - earlier for earlier, later in pairwise(times)]
    assert pauses[:7] == [0, 2, 4, 8, 16, 32, 64]
    assert min(pauses[8:]) >= 60
    assert max(pauses) <= 121


async def test_the_bot_says_itself_when_to_come_again(scene: Scene, receiver: Receiver) -> None:
    receiver.answers = [Response(status_code=503, headers={"Retry-After": "30"})]
    scene.api.person("Anna").types("hello")
    await scene.api.delivered()
    scene.later(29)
    assert len(receiver.got) == 1
    scene.later(1)
    await scene.api.delivered()
    assert len(receiver.got) == 2


async def test_a_chat_waits_for_its_first_message_and_others_do_not(scene: Scene, receiver: Receiver) -> None:
    receiver.answers = [Response(status_code=500), Response(status_code=500)]
    anna, jan = scene.api.person("Anna"), scene.api.person("Jan")
    anna.types("A1")
    anna.types("A2")
    await scene.api.delivered()
    jan.types("J1")
    await scene.api.delivered()
    assert receiver.texts() == ["A1", "A1", "J1"]
    scene.later(2)
    await scene.api.delivered()
    assert receiver.texts() == ["A1", "A1", "J1", "A1", "A2"]


async def test_chats_run_side_by_side_up_to_max_connections(scene: Scene, receiver: Receiver) -> None:
    scene.later(2)
    await scene.call("setWebhook", url="https://bot.example/telegram/webhook", max_connections=3)
    receiver.gate.clear()
    for number in range(5):
        scene.api.person(f"P{number}").types("hello")
    await receiver.has(3)
    receiver.gate.set()
    await receiver.has(5)
    await scene.api.delivered()
    assert receiver.most_at_once == 3


async def test_button_presses_do_not_wait_for_the_chat(scene: Scene, receiver: Receiver) -> None:
    receiver.answers = [Response(status_code=500), Response(status_code=500)]
    anna = scene.api.person("Anna")
    anna.types("stuck")
    await scene.api.delivered()
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    await scene.call("sendMessage", chat_id=anna.id, text="Sure?", reply_markup=keyboard)
    anna.presses("Yes")
    anna.blocks()
    await scene.api.delivered()
    assert [list(update)[1] for update in receiver.got[2:]] == ["callback_query", "my_chat_member"]


async def test_a_closed_connection_counts_as_refused(scene: Scene, receiver: Receiver) -> None:
    receiver.answers = [None]
    scene.api.person("Anna").types("hello")
    await scene.api.delivered()
    assert [(one.status, one.error) for one in scene.api.journal.deliveries] == [
        (None, "Webhook connection closed"),
        (200, ""),
    ]


async def test_an_update_comes_again_when_the_answer_of_the_bot_is_lost(scene: Scene, receiver: Receiver) -> None:
    scene.api.faults.next("webhook", faults.reset(after=True))
    anna = scene.api.person("Anna")
    anna.types("one")
    anna.types("two")
    await scene.api.delivered()
    assert receiver.texts() == ["one", "one", "two"]

    scene.api.faults.next("webhook", faults.reset(), chat_id=anna.id)
    anna.types("three")
    await scene.api.delivered()
    assert receiver.texts()[3:] == ["three"]
    assert [one.error for one in scene.api.journal.deliveries][3:] == ["Connection refused", ""]


async def test_an_answer_that_takes_a_minute_counts_as_refused(scene: Scene, receiver: Receiver) -> None:
    receiver.gate.clear()
    scene.api.person("Anna").types("hello")
    await receiver.has(1)
    scene.later(60)
    await receiver.has(2)
    receiver.gate.set()
    await scene.api.delivered()
    assert [one.error for one in scene.api.journal.deliveries] == ["Read timeout expired", ""]


async def test_after_a_day_an_update_is_given_up(scene: Scene, receiver: Receiver) -> None:
    receiver.answers = [Response(status_code=500, headers={"Retry-After": "999999"}) for _ in range(99)]
    anna = scene.api.person("Anna")
    anna.types("old")
    for _ in range(25):
        await scene.api.delivered()
        scene.later(3600)
    receiver.answers.clear()
    anna.types("new")
    await scene.api.delivered()
    assert len(receiver.got) == 26, "once an hour, the longest that Retry-After is believed"
    assert receiver.texts()[-1] == "new"


async def test_410_for_23_hours_removes_the_webhook(scene: Scene, receiver: Receiver) -> None:
    receiver.answers = [Response(status_code=410, headers={"Retry-After": "3600"}) for _ in range(25)]
    scene.api.person("Anna").types("hello")
    for _ in range(25):
        await scene.api.delivered()
        scene.later(3600)
    assert (await scene.call("getWebhookInfo"))["url"] == ""


async def test_a_method_in_the_answer_is_run(scene: Scene, receiver: Receiver) -> None:
    anna = scene.api.person("Anna")
    receiver.answers = [
        JSONResponse({"method": "sendMessage", "chat_id": anna.id, "text": "From the answer"}),
        JSONResponse({"method": "deleteWebhook"}),
    ]
    anna.types("one")
    anna.types("two")
    await scene.api.delivered()
    assert [seen.text for seen in anna.sees()] == ["one", "two", "From the answer"]
    assert [(entry.method, entry.via) for entry in scene.api.journal][1:] == [("sendMessage", "webhook")]
    assert (await scene.call("getWebhookInfo"))["url"] != ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"url": "http://bot.example/x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ({"url": "https://bot.example:8080/x"}, "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ({"url": "https://bot.example/x", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ({"url": "https://bot.example/x", "secret_token": "a" * 257}, "secret token is too long"),
    ],
)
async def test_what_no_webhook_can_be(scene: Scene, arguments: dict[str, str], words: str) -> None:
    assert await scene.refused("setWebhook", **arguments) == f"Bad Request: {words}"


async def test_setting_a_webhook_is_told_in_words_and_at_most_once_a_second(scene: Scene) -> None:
    same = {"url": "https://bot.example/telegram/webhook", "secret_token": "s3cret_-A"}
    assert (await scene.raw("setWebhook", **same)).json()["description"] == "Webhook is already set"
    answer = await scene.raw("setWebhook", url="https://bot.example/other")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    scene.later(1)
    answer = await scene.raw("setWebhook", url="https://bot.example/other")
    assert answer.json() == {"ok": True, "result": True, "description": "Webhook was set"}
    assert (await scene.raw("deleteWebhook")).json()["description"] == "Webhook was deleted"
    assert (await scene.raw("deleteWebhook")).json()["description"] == "Webhook is already deleted"


async def test_what_waits_survives_the_change_unless_it_is_dropped(scene: Scene, receiver: Receiver) -> None:
    await scene.call("deleteWebhook")
    anna = scene.api.person("Anna")
    anna.types("during the outage")
    scene.later(2)
    await scene.call("setWebhook", url="https://bot.example/telegram/webhook")
    await scene.api.delivered()
    assert receiver.texts() == ["during the outage"]

    await scene.call("deleteWebhook")
    anna.types("lost")
    scene.later(2)
    await scene.call("setWebhook", url="https://bot.example/telegram/webhook", drop_pending_updates=True)
    await scene.api.delivered()
    assert receiver.texts() == ["during the outage"]


async def test_no_host_but_this_machine_is_ever_called(scene: Scene) -> None:
    scene.later(2)
    await scene.call("setWebhook", url="https://elsewhere.example/x")
    scene.api.person("Anna").types("hello")
    await scene.api.delivered()
    assert {delivery.error for delivery in scene.api.journal.deliveries} == {"Connection refused"}
