"""`/slack/events` against the whole internet: only what Slack signed is read, and everything else costs little."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI

from bot.channels.slack import Slack, SlackGate
from bot.channels.slack.http import MOST_BYTES
from bot.intake import NotAccepted
from bot.sandbox.slack.http_transport import signature
from bot.settings import SettingsError
from handlers.messages import IncomingMessage
from tests.channels.slack_rig import our_file

Json = dict[str, Any]
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
TS = "1795500000.000100"


class FakeIntake:
    """Takes everything; `down` refuses."""

    def __init__(self) -> None:
        self.accepted: list[IncomingMessage] = []
        self.aside: list[tuple[str, Any, str]] = []
        self.down = False

    async def accept(self, *messages: IncomingMessage) -> list[IncomingMessage]:
        if self.down:
            raise NotAccepted
        self.accepted += messages
        return list(messages)

    async def quarantine(self, channel: str, external_id: str, raw: Any, reason: str) -> None:
        if self.down:
            raise NotAccepted
        json.dumps(raw)
        self.aside.append((external_id, raw, reason))


@dataclass
class Door:
    """The route, as a client on the internet meets it."""

    client: httpx.AsyncClient
    intake: FakeIntake

    async def post(self, body: bytes, headers: Json | None = None, **changed: str | None) -> httpx.Response:
        """Signed as Slack does, unless `changed` says otherwise; None leaves a header out."""
        now = str(int(time.time()))
        signed = {
            "content-type": "application/json",
            "x-slack-request-timestamp": now,
            "x-slack-signature": signature(SECRET, now, body),
        }
        sent = {**signed, **{name.replace("_", "-"): value for name, value in changed.items()}, **(headers or {})}
        told = {name: value for name, value in sent.items() if value is not None}
        return await self.client.post("/slack/events", content=body, headers=told)

    async def event(self, event: Json, **more: Any) -> httpx.Response:
        body = {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": "Ev1", "token": "old"}
        return await self.post(json.dumps({**body, "event": event, **more}).encode())

    def is_untouched(self) -> bool:
        return not self.intake.accepted and not self.intake.aside


HELLO = {"type": "message", "channel": "D1", "channel_type": "im", "user": "U1", "team": "T1", "ts": TS, "text": "hej"}


def gate(intake: FakeIntake | None = None, *, secret: str | None = SECRET, app_token: str | None = None) -> SlackGate:
    """Nothing here asks Slack, the desk or the health page."""
    channel = Slack("xoxb-1", "http://127.0.0.1:9/api/", 5, our_file)
    taking: Any = intake
    nobody: Any = None
    return SlackGate(channel, taking, nobody, signing_secret=secret, app_token=app_token)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    intake, web = FakeIntake(), FastAPI()
    gate(intake).add_routes(web)
    transport = httpx.ASGITransport(web, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield Door(client, intake)


async def test_what_slack_signed_is_taken(door: Door) -> None:
    assert (await door.event(HELLO)).status_code == 200
    assert [message.text for message in door.intake.accepted] == ["hej"]


async def test_a_retry_is_taken_like_the_first(door: Door) -> None:
    """After a restart it may be the only copy we ever see; who has it already is the intake's to tell."""
    body = json.dumps({"type": "event_callback", "team_id": "T1", "event": HELLO}).encode()
    told = await door.post(body, {"X-Slack-Retry-Num": "3", "X-Slack-Retry-Reason": "http_timeout"})
    assert told.status_code == 200
    assert len(door.intake.accepted) == 1


async def test_header_names_are_read_in_any_case(door: Door) -> None:
    now, body = str(int(time.time())), json.dumps({"type": "event_callback", "event": HELLO, "team_id": "T1"}).encode()
    headers = {"CONTENT-TYPE": "application/json; charset=utf-8", "X-SLACK-REQUEST-TIMESTAMP": now}
    headers["X-SLACK-SIGNATURE"] = signature(SECRET, now, body)
    assert (await door.client.post("/slack/events", content=body, headers=headers)).status_code == 200


async def test_the_challenge_is_given_back_to_slack_alone(door: Door) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZ", "token": "x"}).encode()
    told = await door.post(body)
    assert (told.status_code, told.json()) == (200, {"challenge": "3eZ"})
    assert (await door.post(body, x_slack_signature="v0=" + "0" * 64)).status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"x_slack_signature": "v0=" + "a" * 64},
        {"x_slack_signature": "v1=" + "a" * 64},
        {"x_slack_signature": ""},
        {"x_slack_signature": None},
        {"x_slack_request_timestamp": None},
        {"x_slack_request_timestamp": "soon"},
        {"x_slack_request_timestamp": "-1"},
        {"x_slack_request_timestamp": "1e9"},
        {"x_slack_request_timestamp": "9" * 400},
        {"x_slack_request_timestamp": str(int(time.time()) - 600)},
    ],
)
async def test_without_slacks_signature_nothing_is_read(door: Door, changed: dict[str, str | None]) -> None:
    told = await door.post(json.dumps({"type": "event_callback", "event": HELLO}).encode(), **changed)
    assert told.status_code == 401
    assert door.is_untouched()


@pytest.mark.parametrize("header", ["x-slack-signature", "x-slack-request-timestamp"])
async def test_headers_outside_ascii_are_turned_away(door: Door, header: str) -> None:
    headers: Any = {header: "v0=żółć".encode()}
    assert (await door.post(b"{}", headers)).status_code == 401


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_a_replayed_request_is_turned_away(door: Door, minutes: int) -> None:
    """Signed by Slack once, for another time."""
    then, body = str(int(time.time()) + minutes * 60), json.dumps({"type": "event_callback", "event": HELLO}).encode()
    told = await door.post(body, x_slack_request_timestamp=then, x_slack_signature=signature(SECRET, then, body))
    assert told.status_code == 401
    assert door.is_untouched()


JUNK = [
    b"",
    b"junk",
    b"[]",
    b'["a"]',
    b"3",
    b"null",
    b"{",
    b"{}",
    b"\xff\xfe",
    b'{"type": "\xc5"}',
    b"[" * 100_000,
    b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
]


@pytest.mark.parametrize("body", JUNK, ids=range(len(JUNK)))
async def test_junk_is_turned_away_signed_or_not(door: Door, body: bytes) -> None:
    unsigned = await door.post(body, x_slack_signature="v0=" + "0" * 64)
    form = await door.post(body, content_type="application/x-www-form-urlencoded")
    assert unsigned.status_code == 401
    assert (await door.post(body)).status_code == 400
    assert form.status_code in {200, 400}, "a form with nothing in it that is ours"
    assert door.is_untouched()


@pytest.mark.parametrize("payload", ["", "junk", "[]", "null", "[" * 50_000, '{"type": "block_actions", "user": 3}'])
async def test_a_form_whose_payload_is_junk_is_no_fault_of_ours(door: Door, payload: str) -> None:
    told = await door.post(urlencode({"payload": payload}).encode(), content_type="application/x-www-form-urlencoded")
    assert told.status_code in {200, 400}
    assert not door.intake.accepted


async def test_what_is_too_large_is_not_read_to_its_end(door: Door) -> None:
    announced = await door.post(b"x" * (MOST_BYTES + 1))
    assert announced.status_code == 413
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 100_000
            yield b"x" * 100_000

    headers = {"content-type": "application/json", "x-slack-request-timestamp": str(int(time.time()))}
    headers["x-slack-signature"] = "v0=" + "0" * 64
    told = await door.client.post("/slack/events", content=endless(), headers=headers)
    assert told.status_code == 413


async def test_only_posts_of_the_right_kind_are_read(door: Door) -> None:
    assert (await door.client.get("/slack/events?ssl_check=1")).status_code == 405
    assert (await door.post(b"{}", content_type="text/plain")).status_code == 415
    assert (await door.post(b"{}", content_type="multipart/form-data; boundary=x")).status_code == 415
    ssl_check = await door.post(
        b"ssl_check=1&token=x",
        content_type="application/x-www-form-urlencoded",
        x_slack_signature="v0=" + "0" * 64,
    )
    assert ssl_check.status_code == 401, "bolt would answer this one before it looks at the signature"


async def test_while_the_database_refuses_slack_is_told_to_come_again(door: Door) -> None:
    door.intake.down = True
    assert (await door.event(HELLO)).status_code == 503
    assert (await door.event({**HELLO, "user": None})).status_code == 503, "what cannot be read is not lost either"
    door.intake.down = False
    assert (await door.event(HELLO)).status_code == 200


async def test_what_cannot_be_read_is_kept_aside_without_its_tokens(door: Door) -> None:
    assert (await door.event({**HELLO, "user": None})).status_code == 200
    [(name, raw, reason)] = door.intake.aside
    assert (name, reason) == ("Ev1", "user is missing or no id")
    assert raw["event"]["text"] == "hej"
    assert "token" not in raw


async def test_a_fault_of_ours_is_kept_aside_too(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("hej")

    monkeypatch.setattr("bot.channels.slack.events.read_event", broken)
    assert (await door.event(HELLO, event_id="not/an id")).status_code == 200
    [(name, _, reason)] = door.intake.aside
    assert len(name) == 64
    assert reason == "RuntimeError while reading"


async def test_events_slack_has_dropped_are_no_event(door: Door) -> None:
    told = {"token": "x", "type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1518467820}
    assert (await door.post(json.dumps(told).encode())).status_code == 200
    assert door.is_untouched()


@pytest.mark.parametrize("kind", ["view_submission", "view_closed", "shortcut", "message_action", "block_suggestion"])
async def test_interactions_that_are_not_a_customers_are_acknowledged(door: Door, kind: str) -> None:
    body = urlencode({"payload": json.dumps({"type": kind, "user": {"id": "U1"}})}).encode()
    assert (await door.post(body, content_type="application/x-www-form-urlencoded")).status_code == 200
    assert door.is_untouched()


async def test_no_words_of_a_customer_are_logged(
    door: Door, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """bolt writes out the whole body of a request with a bad signature."""
    body = json.dumps({"type": "event_callback", "event": {**HELLO, "text": "sekretna sprawa"}}).encode()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("slack_bolt").setLevel(logging.DEBUG)
        await door.post(body)
        await door.post(body, x_slack_signature="v0=" + "0" * 64)
        await door.event({**HELLO, "text": "sekretna sprawa", "user": None})
    out = capfd.readouterr()
    assert "sekretna" not in out.out + out.err + caplog.text
    assert logging.getLogger("slack_bolt.RequestVerification").getEffectiveLevel() >= logging.WARNING


@pytest.mark.parametrize("secret", [None, ""])
def test_http_is_not_opened_without_a_secret(secret: str | None) -> None:
    with pytest.raises(SettingsError, match="SLACK_SIGNING_SECRET"):
        gate(secret=secret)


async def test_with_an_app_token_nothing_listens_over_http() -> None:
    """Also where a signing secret is set: Socket Mode is on, so nothing comes that way."""
    closed, web = gate(app_token="xapp-1"), FastAPI()
    closed.add_routes(web)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://bot") as client:
        assert (await client.post("/slack/events")).status_code == 404
    assert closed.web_parts() == ()
