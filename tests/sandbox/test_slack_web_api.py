"""How the Web API answers: tokens, scopes, arguments, errors, tiers."""

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


async def refusal(call: object) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call  # type: ignore[misc]
    return str(raised.value.response["error"])


async def test_the_bot_learns_who_it_is(world: World) -> None:
    slack, _, client = world
    told = await client.auth_test()
    assert told["user_id"] == slack.app.bot_user
    assert told["bot_id"] == slack.app.bot_id
    assert told["team_id"] == slack.app.team_id


async def test_tokens_are_checked(world: World) -> None:
    slack, _, client = world
    assert await refusal(AsyncWebClient(base_url=slack.api_url).auth_test()) == "not_authed"
    assert await refusal(client.auth_test(token="xoxb-wrong")) == "invalid_auth"
    assert await refusal(client.auth_test(token=slack.app.app_token)) == "not_allowed_token_type"
    assert await refusal(client.apps_connections_open(app_token=slack.app.bot_token)) == "not_allowed_token_type"
    slack.app.token_error = "token_revoked"
    assert await refusal(client.auth_test()) == "token_revoked"


async def test_a_missing_scope_is_named(world: World) -> None:
    slack, _, client = world
    slack.app.scopes.discard("chat:write")
    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=slack.channel("help").id, text="hi")
    assert raised.value.response["error"] == "missing_scope"
    assert raised.value.response["needed"] == "chat:write"
    assert "im:history" in raised.value.response["provided"]


async def test_unknown_methods_are_refused_under_200(world: World) -> None:
    slack, _, _ = world
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{slack.api_url}chat.teleport")
    assert answer.status_code == 200
    assert answer.json() == {"ok": False, "error": "unknown_method", "req_method": "chat.teleport"}


async def test_arguments_are_read_from_query_form_and_json(world: World) -> None:
    slack, _, _ = world
    channel = slack.channel("help").id
    bearer = {"Authorization": f"Bearer {slack.app.bot_token}"}
    given = {"channel": channel, "text": "hi"}
    async with httpx.AsyncClient(base_url=slack.api_url, headers=bearer) as http:
        assert (await http.get("chat.postMessage", params=given)).json()["ok"]
        assert (await http.post("chat.postMessage", data=given)).json()["ok"]
        by_json = (await http.post("chat.postMessage", json=given)).json()
        broken = await http.post("chat.postMessage", content=b"{", headers={"Content-Type": "application/json"})
        listed = await http.post("chat.postMessage", json=[1])
    async with httpx.AsyncClient() as http:
        in_form = await http.post(f"{slack.api_url}chat.postMessage", data={**given, "token": slack.app.bot_token})
    assert by_json["warning"] == "missing_charset"
    assert broken.json()["error"] == "invalid_json"
    assert listed.json()["error"] == "json_not_object"
    assert in_form.json()["ok"]
    assert [call.how for call in slack.journal.calls] == ["query", "form", "json", "", "", "form"]
    assert slack.app.bot_token not in repr(slack.journal.calls)


async def test_a_channel_takes_about_one_post_a_second_after_a_burst(world: World) -> None:
    slack, clock, client = world
    busy, quiet = slack.channel("busy").id, slack.channel("quiet").id
    for number in range(slack.pace.post_burst):
        await client.chat_postMessage(channel=busy, text=f"{number}")
    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=busy, text="too fast")
    assert raised.value.response.status_code == 429
    assert raised.value.response["error"] == "ratelimited"
    assert raised.value.response.headers["Retry-After"] == "1"
    await client.chat_postMessage(channel=quiet, text="another channel is not held up")
    clock.move(seconds=1)
    await client.chat_postMessage(channel=busy, text="now")


async def test_a_method_has_its_tier_per_minute(world: World) -> None:
    slack, clock, client = world
    channel = slack.channel("help").id
    slack.pace.per_minute["conversations.history"] = 1
    await client.conversations_history(channel=channel)
    assert await refusal(client.conversations_history(channel=channel)) == "ratelimited"
    await client.conversations_info(channel=channel)
    clock.move(seconds=60)
    await client.conversations_history(channel=channel)


async def test_people_are_told_with_locale_only_when_asked_and_never_for_strangers(world: World) -> None:
    slack, _, client = world
    anna, tom = slack.person("Anna", email="anna@example.com"), slack.person("Tom", from_other_company=True)
    plain = (await client.users_info(user=anna.id))["user"]
    assert plain["tz"] == "Europe/Warsaw"
    assert plain["tz_offset"] == 3600
    assert "locale" not in plain
    assert (plain["profile"]["email"], plain["is_restricted"], plain["deleted"]) == ("anna@example.com", False, False)
    assert (await client.users_info(user=anna.id, include_locale=True))["user"]["locale"] == "pl-PL"
    stranger = (await client.users_info(user=tom.id, include_locale=True))["user"]
    assert stranger["is_stranger"]
    assert stranger["team_id"] != slack.app.team_id
    assert "locale" not in stranger
    assert (await client.users_lookupByEmail(email="anna@example.com"))["user"]["id"] == anna.id
    anna.changes(deleted=True)
    assert await refusal(client.users_lookupByEmail(email="anna@example.com")) == "users_not_found"
    slack.app.scopes.discard("users:read.email")
    assert "email" not in (await client.users_info(user=anna.id))["user"]["profile"]
    assert await refusal(client.users_info(user="U404")) == "user_not_found"


async def test_privacy_shows_in_info_not_in_the_id(world: World) -> None:
    slack, _, client = world
    private = slack.channel("secret", private=True)
    assert private.id.startswith("G")
    old = slack.changes_id(private)
    told = (await client.conversations_info(channel=private.id))["channel"]
    assert private.id.startswith("C")
    assert told["is_private"]
    assert told["is_ext_shared"]
    assert await refusal(client.conversations_info(channel=old)) == "channel_not_found"


async def test_a_private_channel_without_the_bot_is_not_found_and_a_public_one_not_read(world: World) -> None:
    slack, _, client = world
    private, public = slack.channel("p", private=True, with_bot=False), slack.channel("q", with_bot=False)
    assert await refusal(client.conversations_info(channel=private.id)) == "channel_not_found"
    assert await refusal(client.conversations_history(channel=public.id)) == "not_in_channel"
    await client.conversations_join(channel=public.id)
    await client.conversations_history(channel=public.id)


async def test_long_lists_come_in_pages(world: World) -> None:
    slack, _, client = world
    slack.pace.is_kept = False
    anna = slack.person("Anna")
    for number in range(5):
        anna.says(f"{number}")
    seen = []
    async for page in await client.conversations_history(channel=anna.dm.id, limit=2):
        seen += [message["text"] for message in page["messages"]]
    assert seen == ["4", "3", "2", "1", "0"]
