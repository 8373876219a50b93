"""Block Kit's limits, at the limit and one beyond, with the pointers Slack gives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.block_faults import MESSAGE_BLOCKS, blocks_faults
from bot.sandbox.slack_api import SlackStandIn
from tests.sandbox.slack_world import standing_in

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str) -> Json:
    return {"type": "section", "text": mrkdwn(text)}


def button(**changes: Any) -> Json:
    return {"type": "button", "text": plain("Yes"), "action_id": "yes"} | changes


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def option(text: str = "A", value: str = "a", **more: Any) -> Json:
    return {"text": plain(text), "value": value} | more


def select(*options: Json) -> Json:
    return {"type": "static_select", "action_id": "s", "options": list(options)}


def field(**changes: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "t"}
    return {"type": "input", "label": plain("Name"), "element": element} | changes


ALLOWED = [
    section("x" * 3000),
    {"type": "section", "fields": [mrkdwn("x" * 2000)] * 10},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "context", "elements": [mrkdwn("x")] * 10},
    {"type": "divider", "block_id": "x" * 255},
    actions(*[button(action_id=f"{number}") for number in range(25)]),
    actions(button(text=plain("x" * 75), value="x" * 2000, url="x" * 3000, action_id="x" * 255)),
    actions(select(*[option(value=f"{number}") for number in range(100)])),
    actions(select(option("x" * 75, "x" * 150, description=plain("x" * 75)))),
    field(label=plain("x" * 2000), hint=plain("x" * 2000)),
]
REFUSED = [
    (section("x" * 3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
    (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
    ({"type": "section"}, "missing required field: text [json-pointer:/blocks/0]"),
    (
        {"type": "section", "fields": [mrkdwn("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    (
        {"type": "section", "fields": [mrkdwn("x" * 2001)]},
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    (
        {"type": "header", "text": plain("x" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    ({"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"),
    (
        {"type": "context", "elements": [mrkdwn("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (actions(), "no fewer than 1 items required [json-pointer:/blocks/0/elements]"),
    (actions(*[button()] * 26), "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
    (
        actions(button(text=plain("x" * 76))),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        actions(button(value="x" * 2001)),
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    (
        actions(button(action_id="x" * 256)),
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    (
        actions(button(confirm={"title": plain("x" * 101), "text": plain("x")})),
        "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
    ),
    (
        actions(select(*[option()] * 101)),
        "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        actions(select(option("x" * 76))),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
    ),
    (
        actions(select(option(value="x" * 151))),
        "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
    ),
    ({"type": "divider", "block_id": "x" * 256}, "must be less than 256 characters [json-pointer:/blocks/0/block_id]"),
    ({"type": "fancy"}, "unsupported type: fancy [json-pointer:/blocks/0/type]"),
    (field(label=plain("x" * 2001)), "must be less than 2001 characters [json-pointer:/blocks/0/label/text]"),
]


@pytest.mark.parametrize("block", ALLOWED)
def test_what_is_within_the_limits_passes(block: Json) -> None:
    assert blocks_faults([block], "/blocks", MESSAGE_BLOCKS) == []


@pytest.mark.parametrize(("block", "fault"), REFUSED, ids=[fault for _, fault in REFUSED])
def test_what_is_one_beyond_is_pointed_at(block: Json, fault: str) -> None:
    assert fault in blocks_faults([block], "/blocks", MESSAGE_BLOCKS)


@pytest.fixture
async def slack() -> AsyncIterator[tuple[SlackStandIn, AsyncWebClient]]:
    async with standing_in() as (made, _, client):
        yield made, client


async def test_a_message_has_at_most_fifty_blocks(slack: tuple[SlackStandIn, AsyncWebClient]) -> None:
    stand_in, client = slack
    channel = stand_in.channel("help").id
    await client.chat_postMessage(channel=channel, text="x", blocks=[section("x")] * 50)
    with pytest.raises(SlackApiError) as raised:
        await client.chat_postMessage(channel=channel, text="x", blocks=[section("x")] * 51)
    told = raised.value.response
    assert told["error"] == "invalid_blocks"
    assert told["errors"] == ["no more than 50 items allowed [json-pointer:/blocks]"]
    assert told["response_metadata"]["messages"] == ["[ERROR] no more than 50 items allowed [json-pointer:/blocks]"]


VIEWS = [
    ({"title": plain("x" * 25)}, "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]"),
    ({"submit": plain("x" * 25)}, "[ERROR] must be less than 25 characters [json-pointer:/view/submit/text]"),
    ({"submit": None}, "[ERROR] missing required field: submit [json-pointer:/view]"),
    (
        {"private_metadata": "x" * 3001},
        "[ERROR] must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ),
    ({"callback_id": "x" * 256}, "[ERROR] must be less than 256 characters [json-pointer:/view/callback_id]"),
    ({"blocks": [section("x")] * 101}, "[ERROR] no more than 100 items allowed [json-pointer:/view/blocks]"),
    ({"blocks": [section("x" * 3000)] * 90}, ""),
]


@pytest.mark.parametrize(("change", "message"), VIEWS, ids=[next(iter(change)) for change, _ in VIEWS])
async def test_a_view_beyond_its_limits_is_refused(
    slack: tuple[SlackStandIn, AsyncWebClient], change: Json, message: str
) -> None:
    stand_in, client = slack
    anna = stand_in.person("Anna")
    trigger = stand_in.space.triggers.make(anna.id)
    view = {"type": "modal", "title": plain("x" * 24), "submit": plain("Go"), "blocks": [field()]}
    with pytest.raises(SlackApiError) as raised:
        await client.views_open(trigger_id=trigger, view=view | change)
    if not message:
        assert raised.value.response["error"] == "view_too_large"
        return
    assert raised.value.response["error"] == "invalid_arguments"
    assert message in raised.value.response["response_metadata"]["messages"]
    await client.views_open(trigger_id=trigger, view=view)
