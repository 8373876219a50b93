"""Uploads in three steps, downloads with the right token, and the login page without it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack_api import SlackStandIn
from tests.sandbox.slack_world import MovedClock, standing_in

World = tuple[SlackStandIn, MovedClock, AsyncWebClient]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with standing_in() as made:
        yield made


async def test_the_sdk_uploads_a_file_into_a_thread(world: World) -> None:
    slack, _, client = world
    anna = slack.person("Anna")
    asked = anna.says("invoice?")
    told = await client.files_upload_v2(
        channel=anna.dm.id, filename="faktura.pdf", content=b"%PDF", initial_comment="Here", thread_ts=asked.ts
    )
    shown = slack.screen(anna.dm, anna)[-1]
    assert (shown.text, shown.files, shown.thread_ts) == ("Here", ("faktura.pdf",), asked.ts)
    assert slack.space.message(anna.dm.id, shown.ts).subtype == "file_share"
    file = (await client.files_info(file=told["file"]["id"]))["file"]
    assert (file["mimetype"], file["size"]) == ("application/pdf", 4)
    assert file["shares"]["private"][anna.dm.id][0]["ts"] == shown.ts


async def test_bytes_are_acknowledged_in_text_and_unfinished_uploads_stay_unseen(world: World) -> None:
    _, _, client = world
    begun = await client.files_getUploadURLExternal(filename="a.txt", length=3)
    async with httpx.AsyncClient() as http:
        answer = await http.post(begun["upload_url"], content=b"abc")
    assert (answer.status_code, answer.text) == (200, "OK - 3")
    with pytest.raises(SlackApiError) as raised:
        await client.files_info(file=begun["file_id"])
    assert raised.value.response["error"] == "file_not_found"
    await client.files_completeUploadExternal(files=[{"id": begun["file_id"], "title": "a"}])
    assert (await client.files_info(file=begun["file_id"]))["file"]["shares"] == {"private": {}}
    with pytest.raises(SlackApiError):
        await client.files_completeUploadExternal(files=[{"id": begun["file_id"], "title": "a"}])


async def test_a_customers_file_is_downloaded_with_the_bots_token_only(world: World) -> None:
    slack, _, _ = world
    said = slack.person("Anna").uploads("zdjęcie.png", b"\x89PNG", "image/png", text="broken", size=99)
    file = said.body["files"][0]
    assert file["size"] == 99
    bearer = {"Authorization": f"Bearer {slack.app.bot_token}"}
    async with httpx.AsyncClient() as http:
        mine = await http.get(file["url_private_download"], headers=bearer)
        nobodys = await http.get(file["url_private"])
        slack.app.scopes.discard("files:read")
        without_scope = await http.get(file["url_private"], headers=bearer)
        slack.file_pages.redirects_to_login = True
        redirected = await http.get(file["url_private"])
    assert (mine.content, mine.headers["content-type"]) == (b"\x89PNG", "image/png")
    for page in (nobodys, without_scope):
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/html")
    assert redirected.status_code == 302


async def test_a_file_elsewhere_points_at_a_third_party(world: World) -> None:
    slack, _, _ = world
    said = slack.person("Anna").uploads("doc", b"", external_url="https://drive.example.com/doc")
    file = said.body["files"][0]
    assert file["is_external"]
    assert file["url_private"] == "https://drive.example.com/doc"
