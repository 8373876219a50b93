"""What can happen to the place where the app works: archived, renamed, the app put out, a thread's parent gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.person import Person
from bot.sandbox.slack_api import SlackStandIn
from tests.sandbox.slack_world import Receiver, receiver, standing_in

World = tuple[SlackStandIn, AsyncWebClient, Receiver]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with receiver() as app, standing_in() as (slack, _, client):
        await slack.use_http(app.url)
        yield slack, client, app


@pytest.fixture
def ola(world: World) -> Person:
    return world[0].person("Ola", email="ola@acme.example")


@pytest.fixture
def desk(world: World, ola: Person) -> Channel:
    return world[0].channel("desk", ola, private=True)


async def error_of(call: Awaitable[object]) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call
    return str(raised.value.response["error"])


async def events_of(world: World) -> list[str]:
    await world[0].tick()
    return [event.get("subtype") or event["type"] for event in world[2].events()]


async def test_an_archived_private_channel_takes_nothing_until_it_is_back(
    world: World, desk: Channel, ola: Person
) -> None:
    slack, client, _ = world
    card = (await client.chat_postMessage(channel=desk.id, text="card"))["ts"]
    slack.archives(desk, ola)
    assert await error_of(client.chat_postMessage(channel=desk.id, text="x", thread_ts=card)) == "is_archived"
    assert await error_of(client.reactions_add(channel=desk.id, timestamp=card, name="eyes")) == "is_archived"
    assert (await client.conversations_info(channel=desk.id))["channel"]["is_archived"]
    slack.unarchives(desk, ola)
    await client.chat_postMessage(channel=desk.id, text="x", thread_ts=card)
    assert (await events_of(world))[1:3] == ["group_archive", "group_unarchive"]


async def test_a_bot_that_was_put_out_neither_finds_the_private_channel_nor_hears_of_it(
    world: World, desk: Channel, ola: Person
) -> None:
    slack, client, _ = world
    slack.removes_bot(desk, ola)
    ola.says("unheard", desk)
    assert await events_of(world) == ["group_left"]
    assert await error_of(client.chat_postMessage(channel=desk.id, text="x")) == "channel_not_found"
    slack.invites_bot(desk, ola)
    await client.chat_postMessage(channel=desk.id, text="x")
    assert set((await client.conversations_members(channel=desk.id))["members"]) == {ola.id, slack.app.bot_user}


async def test_of_a_public_channel_the_bot_knows_that_it_is_not_in_it(world: World, ola: Person) -> None:
    slack, client, _ = world
    slack.app.scopes.discard("chat:write.public")
    public = slack.channel("help", ola)
    slack.removes_bot(public, ola)
    assert await error_of(client.chat_postMessage(channel=public.id, text="x")) == "not_in_channel"
    assert await error_of(client.conversations_replies(channel=public.id, ts="1.2")) == "not_in_channel"
    assert not (await client.conversations_info(channel=public.id))["channel"]["is_member"]


async def test_a_renamed_channel_keeps_its_id(world: World, desk: Channel, ola: Person) -> None:
    slack, client, _ = world
    slack.renames(desk, "desk-2", ola)
    assert (await client.conversations_info(channel=desk.id))["channel"]["name"] == "desk-2"
    assert await events_of(world) == ["group_rename", "group_name"]


async def test_a_reply_to_a_message_that_is_gone_goes_to_the_channel(world: World, desk: Channel, ola: Person) -> None:
    slack, client, _ = world
    card = (await client.chat_postMessage(channel=desk.id, text="card"))["ts"]
    ola.deletes(slack.space.message(desk.id, card))
    told = await client.chat_postMessage(channel=desk.id, text="note", thread_ts=card)
    assert "thread_ts" not in told["message"]
    assert await error_of(client.conversations_replies(channel=desk.id, ts=card)) == "thread_not_found"
    assert await error_of(client.chat_update(channel=desk.id, ts=card, text="x")) == "message_not_found"


async def test_a_deleted_parent_with_replies_stays_as_a_tombstone_and_takes_no_more(
    world: World, desk: Channel, ola: Person
) -> None:
    slack, client, _ = world
    card = (await client.chat_postMessage(channel=desk.id, text="card"))["ts"]
    note = (await client.chat_postMessage(channel=desk.id, text="note", thread_ts=card))["ts"]
    ola.deletes(slack.space.message(desk.id, card))
    late = client.chat_postMessage(channel=desk.id, text="late", thread_ts=card)
    assert await error_of(late) == "cannot_reply_to_message"
    (tombstone, kept) = (await client.conversations_replies(channel=desk.id, ts=card))["messages"]
    assert (tombstone["subtype"], kept["ts"]) == ("tombstone", note)
    link = (await client.chat_getPermalink(channel=desk.id, message_ts=note))["permalink"]
    assert link.endswith(f"?thread_ts={card}&cid={desk.id}")
