"""Telegram calls us: PLATFORM 10 from the side of who is called, over real HTTP, on both databases.

Not here: a press older than 150 s never comes, so a ticket can be reached by text (tests/handlers); 410 is never
answered, so that Telegram does not remove the webhook; methods in the answer are not used, the answer is empty.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from bot.channels.telegram import TelegramGate, events
from bot.channels.telegram.webhook import MOST_BYTES, PATH, SECRET_HEADER
from bot.intake import NotAccepted
from bot.sandbox.telegram import faults
from bot.sandbox.telegram.refusal import bad_request
from handlers.content import Content
from handlers.messages import Kind
from storage import inbound
from storage.database import Database
from storage.inbound import Outcome
from tests.channels.telegram_payloads import GROUP, pressed, said, update
from tests.channels.telegram_rig import SECRET, Bot, Rig, Transport, a_bot, clock, connected, open_rig, running, until
from tests.fakes import FakeNLU

NO_CERTIFICATES: Any = {"verify": False, "trust_env": False}  # all is http on this machine
SIGNED = {SECRET_HEADER: SECRET}


@pytest.fixture
async def rig(database: Database, content: Content, nlu: FakeNLU) -> AsyncIterator[Rig]:
    async with open_rig(database, content, nlu) as opened:
        yield opened


@pytest.fixture
async def bot(rig: Rig) -> AsyncIterator[Bot]:
    async with connected(rig, Transport.WEBHOOK) as opened:
        yield opened


@pytest.fixture
async def http(rig: Rig, bot: Bot) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=rig.public_url or "", **NO_CERTIFICATES) as client:
        yield client


async def test_the_webhook_is_set_with_all_it_needs_and_nothing_that_waits_is_dropped(rig: Rig, bot: Bot) -> None:
    [asked] = [entry.arguments for entry in rig.api.journal.calls("setWebhook")]
    assert asked["url"] == f"{rig.public_url}{PATH}"
    assert asked["secret_token"] == SECRET
    assert asked["allowed_updates"] == [
        "message", "edited_message", "callback_query", "message_reaction", "my_chat_member",
    ]  # fmt: skip
    assert asked.get("drop_pending_updates", "false").lower() == "false"
    await until(lambda: len(rig.api.world.commands) == 3)
    names = {language: [one["command"] for one in told] for (_, language), told in rig.api.world.commands.items()}
    assert set(names) == {"", "pl", "en"}
    assert names["pl"][:5] == ["start", "help", "status", "human", "language"]
    described = {language: told[1]["description"] for (_, language), told in rig.api.world.commands.items()}
    assert described["pl"] == described[""] != described["en"]
    await until(lambda: _is(rig, None))


async def test_what_came_while_we_were_away_is_delivered(rig: Rig) -> None:
    anna = rig.api.person("Anna")
    anna.types("hej")
    async with connected(rig, Transport.WEBHOOK):
        await until(lambda: _has_rows(rig, 1))


async def test_a_message_is_on_record_before_it_is_acknowledged_and_counts_once(
    rig: Rig, http: httpx.AsyncClient
) -> None:
    told = said(text="hej")
    for number in (7, 8):  # Telegram may say the same thing again under another number
        answer = await http.post(PATH, json=told | {"update_id": number}, headers=SIGNED)
        assert (answer.status_code, answer.content) == (200, b"")
    [row] = await rig.rows()
    assert (row.dedupe, row.payload["text"]) == ("telegram:5123456789:41", "hej")


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: "guess"}, {SECRET_HEADER: ""}, {SECRET_HEADER: "ą".encode()}])
async def test_who_does_not_know_the_secret_is_turned_away_before_anything_is_read(
    rig: Rig, http: httpx.AsyncClient, headers: dict[str, str | bytes]
) -> None:
    answer = await http.post(PATH, content=b"{ no json", headers=headers)  # type: ignore[arg-type]
    assert (answer.status_code, answer.content) == (403, b"")
    assert (await http.post(PATH, json=said(text="hej"), headers=headers)).status_code == 403  # type: ignore[arg-type]
    assert await rig.rows() == []


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"\xff\xfe{}", "application/json"),
        (b"[]", "application/json"),
        (b"{}", "application/json"),
        (b'{"update_id": "7"}', "application/json"),
        (b'{"update_id": 7, "x": NaN}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"update_id": ' + b"9" * 5_000 + b"}", "application/json"),
        (json.dumps(said(text="hej")).encode(), "text/plain"),
        (b"update_id=7", "application/x-www-form-urlencoded"),
    ],
)
async def test_what_is_no_update_is_refused_and_leaves_nothing(
    rig: Rig, http: httpx.AsyncClient, content: bytes, kind: str
) -> None:
    answer = await http.post(PATH, content=content, headers={**SIGNED, "Content-Type": kind})
    assert (answer.status_code, answer.content) == (400, b"")
    assert await rig.rows() == []


async def test_what_is_too_large_is_refused_as_soon_as_that_shows(rig: Rig, http: httpx.AsyncClient) -> None:
    told = json.dumps(said(text="x" * MOST_BYTES)).encode()
    headers = {**SIGNED, "Content-Type": "application/json"}
    assert (await http.post(PATH, content=told, headers=headers)).status_code == 413

    async def without_a_length() -> AsyncIterator[bytes]:
        for at in range(0, len(told), 65_536):
            yield told[at : at + 65_536]

    assert (await http.post(PATH, content=without_a_length(), headers=headers)).status_code == 413
    assert await rig.rows() == []


async def test_a_caller_who_hangs_up_half_way_leaves_nothing(rig: Rig, http: httpx.AsyncClient) -> None:
    host, port = http.base_url.host, http.base_url.port
    _, writer = await asyncio.open_connection(host, port)
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{SECRET_HEADER}: {SECRET}\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: 500\r\n\r\n{{".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await http.post(PATH, json=said(text="hej"), headers=SIGNED)).status_code == 200
    assert len(await rig.rows()) == 1


async def test_other_methods_have_no_route(http: httpx.AsyncClient) -> None:
    assert (await http.get(PATH, headers=SIGNED)).status_code == 405


async def test_what_nobody_can_read_is_kept_and_does_not_hold_up_its_chat(rig: Rig, bot: Bot) -> None:
    """PLATFORM 10: refused, it would block its chat for a day."""
    anna = rig.api.person("Anna")
    anna.types("pierwsze")
    rig.api.push("message", {"message_id": 2, "chat": {"id": anna.id}, "text": {"no": "text"}}, anna.id)
    anna.types("drugie")
    await until(lambda: _has_rows(rig, 3))
    texts = {row.payload.get("text") for row in await rig.rows()}
    assert texts == {"pierwsze", None, "drugie"}
    assert all(delivery.status == 200 for delivery in rig.api.journal.deliveries)
    async with bot.at_work():
        await until(lambda: _has_ended(rig, Outcome.DEAD))
    [dead] = [row for row in await rig.rows() if row.outcome == Outcome.DEAD]
    assert dead.payload["unreadable"]["message"]["text"] == {"no": "text"}


async def test_a_fault_in_our_own_reading_is_kept_the_same_way(
    rig: Rig, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def faulty(*_: object) -> None:
        raise ZeroDivisionError("hej")

    monkeypatch.setitem(events._KINDS, "message", faulty)  # type: ignore[arg-type]
    assert (await http.post(PATH, json=said(text="hej"), headers=SIGNED)).status_code == 200
    [row] = await rig.rows()
    assert row.payload["reason"] == "fault: ZeroDivisionError"


async def test_while_the_database_refuses_telegram_is_told_to_come_again(
    rig: Rig, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise OperationalError("insert", {}, Exception("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(inbound, "record", refuse)
        for told in (said(text="hej"), update("message", {"no": "message"})):
            assert (await http.post(PATH, json=told, headers=SIGNED)).status_code == 503
    anna = rig.api.person("Anna")
    anna.types("teraz")
    await until(lambda: _has_rows(rig, 1))


async def test_a_press_is_acknowledged_also_when_it_comes_again_and_a_late_one_does_no_harm(
    rig: Rig, http: httpx.AsyncClient
) -> None:
    for _ in range(2):
        assert (await http.post(PATH, json=pressed(), headers=SIGNED)).status_code == 200
    await until(lambda: len(rig.api.journal.calls("answerCallbackQuery")) == 2)
    await until(lambda: all(call.status == 400 for call in rig.api.journal.calls("answerCallbackQuery")))
    assert len(await rig.rows()) == 1


async def test_a_customer_sees_the_bot_at_work_and_a_group_does_not(rig: Rig, bot: Bot) -> None:
    anna = rig.api.person("Anna")
    group = rig.api.group("Osiedle", anna)
    anna.types("hej")
    anna.types("jest tam kto?")
    anna.types("/help", group)
    await until(lambda: _has_rows(rig, 3))
    await until(anna.sees_typing)
    assert [call.arguments["chat_id"] for call in rig.api.journal.calls("sendChatAction")] == [str(anna.id)]


async def test_what_is_said_in_a_group_waits_until_we_know_our_name(rig: Rig) -> None:
    async with a_bot(rig, public_url="https://bot.example") as bot:
        with pytest.raises(NotAccepted):
            await bot.gate.take(said(GROUP, text="@stand_in_support_bot hej"))
        await bot.gate.take(said(text="hej"))
        await bot.api.connect()
        await bot.gate.take(said(GROUP, text="@stand_in_support_bot hej"))
    assert [row.payload["text"] for row in await rig.rows()] == ["hej", "hej"]


async def test_a_webhook_somebody_else_set_is_set_again(rig: Rig, bot: Bot) -> None:
    rig.later(seconds=2)  # once a second is all that Telegram takes
    await _call(rig, "setWebhook", url="https://somebody.example/hook")
    rig.later(seconds=2)
    await until(lambda: _says(rig, "does another program use this token?"))
    webhook = rig.api.courier
    await until(lambda: webhook.webhook is not None and webhook.webhook.url == f"{rig.public_url}{PATH}")
    assert webhook.webhook is not None
    assert webhook.webhook.secret == SECRET
    await until(lambda: _is(rig, None))


async def test_a_webhook_telegram_cannot_reach_is_told_the_operator(rig: Rig, bot: Bot) -> None:
    rig.later(seconds=3)
    rig.api.faults.next("webhook", faults.reset(), times=2)
    rig.api.person("Anna").types("hej")
    await until(lambda: _says(rig, "Telegram cannot deliver to PUBLIC_URL (Connection refused)"))
    rig.api.courier.trouble.at = clock() - timedelta(minutes=5)  # Telegram goes on telling what is over
    await until(lambda: _is(rig, None))


async def test_registering_is_tried_until_telegram_takes_it(rig: Rig) -> None:
    rig.api.faults.next("getMe", faults.server_error(), times=2)
    rig.api.faults.next("setWebhook", faults.refusal(bad_request("bad webhook: Failed to resolve host")))
    rig.api.faults.next("setMyCommands", faults.rate_limit(0))
    async with connected(rig, Transport.WEBHOOK):
        await until(lambda: _is(rig, None))
    assert len(rig.api.journal.calls("getMe")) >= 4


async def test_a_refused_token_is_told_in_words_an_operator_can_act_on(rig: Rig) -> None:
    rig.api.revoke_token()
    async with a_bot(rig, public_url="https://bot.example") as bot, running(*bot.gate.web_parts()):
        await until(lambda: _says(rig, "Telegram refuses the token: check TELEGRAM_BOT_TOKEN"))


async def test_a_webhook_without_a_secret_is_not_even_begun(rig: Rig) -> None:
    async with a_bot(rig) as bot:
        assert bot.gate.web_parts() == ()
        made: Any = TelegramGate
        with pytest.raises(ValueError, match="anybody"):
            made(bot.api, bot.intake, None, rig.database, None, None, public_url="https://bot.example")


async def test_reactions_and_edits_come_too(rig: Rig, bot: Bot) -> None:
    anna = rig.api.person("Anna")
    message = anna.types("hej")
    anna.edits(message, "hej hej")
    anna.reacts(message.id, "👍")
    await until(lambda: _has_rows(rig, 3))
    assert {row.payload["kind"] for row in await rig.rows()} == {Kind.SAID, Kind.EDITED, Kind.REACTED}


async def _has_rows(rig: Rig, count: int) -> bool:
    return len(await rig.rows()) == count


async def _has_ended(rig: Rig, outcome: Outcome) -> bool:
    return outcome in {row.outcome for row in await rig.rows()}


async def _is(rig: Rig, problem: str | None) -> bool:
    return await rig.problem() == problem


async def _says(rig: Rig, words: str) -> bool:
    return words in (await rig.problem() or "")


async def _call(rig: Rig, method: str, **arguments: Any) -> None:
    async with httpx.AsyncClient(**NO_CERTIFICATES) as client:
        answer = await client.post(f"{rig.api.url}/bot{rig.api.token}/{method}", json=arguments)
        assert answer.json()["ok"], answer.text
