from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message

from bot.sandbox.loopback import LoopbackOnly, is_own

OURS = "127.0.0.1:8080"


@pytest.mark.parametrize("host", [OURS, "127.0.0.1", "localhost:8080", "LOCALHOST", "[::1]:8080", "[::1]"])
def test_this_machines_names_are_answered(host: str) -> None:
    assert is_own([host], [])
    assert is_own([host], [f"http://{host}"])


@pytest.mark.parametrize(
    ("hosts", "origins"),
    [
        (["shop.example"], []),
        (["127.0.0.1.shop.example:8080"], []),
        (["localhost.shop.example"], []),
        (["[::1].shop.example"], []),
        (["192.168.1.5:8080"], []),
        ([""], []),
        ([], []),
        ([OURS, "shop.example"], []),
        ([OURS], ["https://shop.example"]),
        ([OURS], ["null"]),
        ([OURS], ["http://127.0.0.1:3000"]),
        ([OURS], ["http://127.0.0.1:8080.shop.example"]),
        ([OURS], ["http://127.0.0.1:8080", "https://shop.example"]),
    ],
)
def test_other_names_and_other_sites_are_refused(hosts: list[str], origins: list[str]) -> None:
    assert not is_own(hosts, origins)


@pytest.fixture
def guarded() -> LoopbackOnly:
    web = FastAPI()

    @web.get("/")
    async def page() -> str:
        return "here"

    return LoopbackOnly(web)


async def test_our_own_page_is_served_and_cannot_be_framed(guarded: LoopbackOnly) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guarded), base_url="http://localhost:8080") as browser:
        answer = await browser.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == "frame-ancestors 'none'"


@pytest.mark.parametrize("headers", [{"host": "shop.example"}, {"origin": "https://shop.example"}])
async def test_another_site_gets_403(guarded: LoopbackOnly, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(guarded), base_url="http://localhost:8080") as browser:
        answer = await browser.get("/", headers=headers)
    assert answer.status_code == 403


async def test_another_sites_websocket_is_refused_before_it_opens(guarded: LoopbackOnly) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1:8080"), (b"origin", b"https://shop.example")]
    await guarded({"type": "websocket", "path": "/", "headers": headers}, receive, send)
    assert [message["type"] for message in sent] == ["websocket.close"]
