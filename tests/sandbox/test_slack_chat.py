"""Posting, changing, removing: limits, threads, metadata, and what people see of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack_api import SlackStandIn
from tests.sandbox.slack_world import MovedClock, standing_in

World = tuple[SlackStandIn, MovedClock, AsyncWebClient]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with standing_in() as made:
        made[0].pace.is_kept = False
        yield made


async def refusal(call: object) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call  # type: ignore[misc]
    return str(raised.value.response["error"])


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def test_a_post_to_a_user_opens_the_direct_messages(world: World) -> None:
    slack, _, client = world
    anna = slack.person("Anna")
    told = await client.chat_postMessage(channel=anna.id, text="Dzień dobry")
    assert told["channel"] == anna.dm.id
    assert told["channel"].startswith("D")
    assert [shown.text for shown in slack.screen(anna.dm, anna)] == ["Dzień dobry"]
    assert await refusal(client.chat_update(channel=anna.id, ts=told["ts"], text="x")) == "channel_not_found"


async def test_timestamps_grow_within_a_channel_although_the_clock_stands_still(world: World) -> None:
    slack, _, client = world
    one, other = slack.channel("one").id, slack.channel("other").id
    first = [(await client.chat_postMessage(channel=one, text="x"))["ts"] for _ in range(3)]
    assert first == sorted(set(first))
    assert (await client.chat_postMessage(channel=other, text="x"))["ts"] == first[0]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "no_text"),
        ({"text": " "}, "no_text"),
        ({"blocks": "nonsense"}, "invalid_blocks_format"),
        ({"text": "a", "markdown_text": "b"}, "markdown_text_conflict"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"text": "x", "attachments": [{"fallback": "x"}] * 101}, "too_many_attachments"),
        ({"text": "x", "blocks": [section("x" * 2_500)] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        ({"text": "x", "metadata": "["}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "a", "event_payload": {"a": "b" * 9000}}}, "metadata_too_large"),
    ],
)
async def test_what_cannot_be_posted_is_refused_with_slacks_error(
    world: World, arguments: dict[str, Any], error: str
) -> None:
    slack, _, client = world
    channel = slack.channel("help")
    assert await refusal(client.api_call("chat.postMessage", json={"channel": channel.id, **arguments})) == error
    assert slack.space.talk.of(channel.id) == []


async def test_what_was_said_later_can_be_read_alone(world: World) -> None:
    slack, _, client = world
    channel = slack.channel("help").id
    told = [await client.chat_postMessage(channel=channel, text=text) for text in ("one", "two", "three")]
    later = slack.space.talk.after(channel, str(told[0]["ts"]))
    assert [message.text for message in later] == ["two", "three"]
    assert slack.space.talk.after(channel, later[-1].ts) == []


async def test_long_text_is_cut_when_posted_and_refused_when_updated(world: World) -> None:
    slack, _, client = world
    channel = slack.channel("help").id
    told = await client.chat_postMessage(channel=channel, text="x" * 40_001)
    assert len(told["message"]["text"]) == 40_000
    assert await refusal(client.chat_update(channel=channel, ts=told["ts"], text="x" * 4_001)) == "msg_too_long"


async def test_where_the_bot_may_not_write(world: World) -> None:
    slack, _, client = world
    anna = slack.person("Anna")
    outside, shut = slack.channel("outside", with_bot=False), slack.channel("shut", anna)
    slack.archives(shut, anna)
    slack.app.scopes.discard("chat:write.public")
    assert await refusal(client.chat_postMessage(channel=outside.id, text="x")) == "not_in_channel"
    assert await refusal(client.chat_postMessage(channel=shut.id, text="x")) == "is_archived"
    assert await refusal(client.chat_postMessage(channel="C404", text="x")) == "channel_not_found"
    assert await refusal(client.chat_postMessage(channel="U404", text="x")) == "channel_not_found"
    slack.app.has_messages_tab = False
    assert await refusal(client.chat_postMessage(channel=anna.id, text="x")) == "messages_tab_disabled"


async def test_replies_hang_on_the_parent_and_only_on_it(world: World) -> None:
    slack, _, client = world
    anna = slack.person("Anna")
    channel = slack.channel("help", anna)
    parent = anna.says("Help", channel)
    reply = await client.chat_postMessage(channel=channel.id, text="first", thread_ts=parent.ts)
    await client.chat_postMessage(channel=channel.id, text="lost", thread_ts=reply["ts"])
    thread = await client.conversations_replies(channel=channel.id, ts=parent.ts)
    assert [message["text"] for message in thread["messages"]] == ["Help", "first"]
    assert thread["messages"][0]["reply_count"] == 1
    await client.chat_postMessage(channel=channel.id, text="aloud", thread_ts=parent.ts, reply_broadcast=True)
    history = await client.conversations_history(channel=channel.id)
    assert [message["text"] for message in history["messages"]] == ["aloud", "Help"]
    assert history["messages"][0]["subtype"] == "thread_broadcast"


async def test_metadata_is_found_again_in_the_thread_only_when_asked_for(world: World) -> None:
    slack, _, client = world
    channel = slack.channel("help").id
    metadata = {"event_type": "outbox", "event_payload": {"id": "42"}}
    told = await client.chat_postMessage(channel=channel, text="x", metadata=metadata)
    plain = await client.conversations_history(channel=channel)
    asked = await client.conversations_history(channel=channel, include_all_metadata=True)
    assert "event_payload" not in plain["messages"][0]["metadata"]
    assert asked["messages"][0]["metadata"] == metadata
    await client.chat_update(channel=channel, ts=told["ts"], text="y")
    assert slack.space.message(channel, told["ts"]).metadata == metadata
    await client.chat_update(channel=channel, ts=told["ts"], text="y", metadata={})
    assert slack.space.message(channel, told["ts"]).metadata is None


async def test_an_update_without_blocks_drops_them_and_one_with_blocks_shows_no_edit(world: World) -> None:
    slack, _, client = world
    anna = slack.person("Anna")
    blocks = [section("old")]
    told = await client.chat_postMessage(channel=anna.id, text="old", blocks=blocks)
    channel = told["channel"]
    await client.chat_update(channel=channel, ts=told["ts"], text="new", blocks=[section("new")])
    assert [(shown.text, shown.is_edited) for shown in slack.screen(anna.dm, anna)] == [("new", False)]
    await client.chat_update(channel=channel, ts=told["ts"], text="bare")
    assert [(shown.text, shown.is_edited) for shown in slack.screen(anna.dm, anna)] == [("bare", True)]


async def test_only_own_messages_can_be_changed_or_removed(world: World) -> None:
    slack, _, client = world
    anna = slack.person("Anna")
    hers = anna.says("mine")
    assert await refusal(client.chat_update(channel=anna.dm.id, ts=hers.ts, text="x")) == "cant_update_message"
    assert await refusal(client.chat_delete(channel=anna.dm.id, ts=hers.ts)) == "cant_delete_message"
    assert await refusal(client.chat_update(channel=anna.dm.id, ts="1.0", text="x")) == "message_not_found"
    own = await client.chat_postMessage(channel=anna.id, text="ours")
    await client.chat_delete(channel=anna.dm.id, ts=own["ts"])
    assert [shown.text for shown in slack.screen(anna.dm, anna)] == ["mine"]


async def test_an_ephemeral_message_is_seen_by_one_and_reached_by_no_method(world: World) -> None:
    slack, _, client = world
    anna, tom = slack.person("Anna"), slack.person("Tom")
    channel = slack.channel("help", anna)
    told = await client.chat_postEphemeral(channel=channel.id, user=anna.id, text="psst")
    assert [shown.text for shown in slack.screen(channel, anna)] == ["psst"]
    assert slack.screen(channel, tom) == []
    assert (await client.conversations_history(channel=channel.id))["messages"] == []
    call = client.chat_update(channel=channel.id, ts=told["message_ts"], text="x")
    assert await refusal(call) == "message_not_found"
    assert await refusal(client.chat_postEphemeral(channel=channel.id, user=tom.id, text="x")) == "user_not_in_channel"


async def test_bare_ampersands_and_brackets_become_entities(world: World) -> None:
    slack, _, client = world
    channel = slack.channel("help").id
    told = await client.chat_postMessage(channel=channel, text="R&D &amp; a < b <@U1> <https://x.pl|x>")
    assert told["message"]["text"] == "R&amp;D &amp; a &lt; b <@U1> <https://x.pl|x>"


async def test_a_reaction_counts_once(world: World) -> None:
    slack, _, client = world
    anna = slack.person("Anna")
    hers = anna.says("hi")
    await client.reactions_add(channel=anna.dm.id, timestamp=hers.ts, name="eyes")
    call = client.reactions_add(channel=anna.dm.id, timestamp=hers.ts, name="eyes")
    assert await refusal(call) == "already_reacted"
    assert slack.screen(anna.dm, anna)[0].reactions == (("eyes", 1),)
    await client.reactions_remove(channel=anna.dm.id, timestamp=hers.ts, name="eyes")
    call = client.reactions_remove(channel=anna.dm.id, timestamp=hers.ts, name="eyes")
    assert await refusal(call) == "no_reaction"
