"""Buttons, modals, the Home tab, shortcuts, commands and response URLs over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient
from starlette.responses import JSONResponse, PlainTextResponse

from bot.sandbox.slack.fields import CannotDo
from bot.sandbox.slack_api import SlackStandIn
from tests.sandbox.slack_world import MovedClock, Receiver, receiver, standing_in

World = tuple[SlackStandIn, MovedClock, AsyncWebClient, Receiver]
Json = dict[str, Any]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with receiver() as app, standing_in(ack_seconds=0.5) as (slack, clock, client):
        await slack.use_http(app.url)
        slack.app.events.clear()
        yield slack, clock, client, app


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def modal(**changes: Any) -> Json:
    blocks = [
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Why"),
            "element": {"type": "plain_text_input", "action_id": "reason"},
        },
        {
            "type": "input",
            "block_id": "who",
            "optional": True,
            "label": plain("Who"),
            "element": {
                "type": "static_select",
                "action_id": "agent",
                "options": [{"text": plain("Ewa"), "value": "ewa"}],
            },
        },
    ]
    return {"type": "modal", "title": plain("Close"), "submit": plain("Go"), "blocks": blocks} | changes


BUTTONS = [
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "rate", "value": "1", "text": plain("Bad")},
            {"type": "button", "action_id": "rate_5", "value": "5", "text": plain("Good")},
        ],
    }
]


async def error_of(call: object) -> str:
    with pytest.raises(SlackApiError) as raised:
        await call  # type: ignore[misc]
    return str(raised.value.response["error"])


async def test_a_pressed_button_tells_who_where_and_what(world: World) -> None:
    slack, _, client, app = world
    anna = slack.person("Anna")
    told = await client.chat_postMessage(channel=anna.id, text="Rate us", blocks=BUTTONS)
    message = slack.space.message(told["channel"], told["ts"])
    assert slack.screen(anna.dm, anna)[0].labels == ["Bad", "Good"]
    outcome = await anna.presses(message, "rate_5")
    assert outcome.is_taken
    assert app.got[0].headers["content-type"] == "application/x-www-form-urlencoded"
    payload = app.got[0].payload
    assert payload["type"] == "block_actions"
    assert payload["user"]["id"] == anna.id
    assert payload["container"] == {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": anna.dm.id,
        "is_ephemeral": False,
    }
    action = payload["actions"][0]
    assert (action["action_id"], action["value"], bool(action["block_id"])) == ("rate_5", "5", True)
    assert payload["message"]["text"] == "Rate us"
    with pytest.raises(CannotDo):
        await anna.presses(message, "absent")


async def test_an_app_that_fails_or_says_nothing_is_not_asked_again(world: World) -> None:
    slack, _, client, app = world
    anna = slack.person("Anna")
    told = await client.chat_postMessage(channel=anna.id, text="Rate us", blocks=BUTTONS)
    app.answers = [PlainTextResponse("", 500)]
    outcome = await anna.presses(slack.space.message(told["channel"], told["ts"]), "rate")
    assert (outcome.reason, outcome.status) == ("http_error", 500)
    await slack.tick()
    assert len(app.got) == 1


async def test_a_trigger_opens_one_view_within_three_seconds(world: World) -> None:
    slack, clock, client, app = world
    anna = slack.person("Anna")
    await anna.uses_shortcut("ask")
    trigger = app.got[0].payload["trigger_id"]
    assert "response_url" not in app.got[0].payload
    clock.move(seconds=3)
    await client.views_open(trigger_id=trigger, view=modal())
    assert await error_of(client.views_open(trigger_id=trigger, view=modal())) == "exchanged_trigger_id"
    assert await error_of(client.views_open(trigger_id="1.2", view=modal())) == "invalid_trigger_id"
    await anna.uses_shortcut("ask")
    clock.move(seconds=3.1)
    late = app.got[1].payload["trigger_id"]
    assert await error_of(client.views_open(trigger_id=late, view=modal())) == "expired_trigger_id"


async def open_modal(world: World, **changes: Any) -> Any:
    slack, _, client, _ = world
    anna = slack.person("Anna")
    trigger = slack.space.triggers.make(anna.id)
    await client.views_open(trigger_id=trigger, view=modal(**changes))
    return anna


async def test_a_submitted_modal_closes_and_untouched_fields_are_null(world: World) -> None:
    _, _, _, app = world
    anna = await open_modal(world, private_metadata="T-1", callback_id="close")
    with pytest.raises(CannotDo):
        await anna.submits(agent="ewa")
    await anna.submits(reason="done")
    view = app.got[0].payload["view"]
    assert (view["private_metadata"], view["callback_id"]) == ("T-1", "close")
    assert view["state"]["values"] == {
        "why": {"reason": {"type": "plain_text_input", "value": "done"}},
        "who": {"agent": {"type": "static_select", "selected_option": None}},
    }
    with pytest.raises(CannotDo):
        _ = anna.modal


async def test_the_answer_to_a_submission_decides_about_the_modals(world: World) -> None:
    slack, _, _, app = world
    anna = await open_modal(world)
    app.answers = [
        JSONResponse({"response_action": "errors", "errors": {"why": "Too short"}}),
        JSONResponse({"response_action": "update", "view": modal(title=plain("Sure?"))}),
        JSONResponse({"response_action": "push", "view": modal(title=plain("Second"))}),
        JSONResponse({"response_action": "push", "view": modal(title=plain("Third"))}),
        JSONResponse({"response_action": "push", "view": modal(title=plain("Fourth"))}),
        JSONResponse({"response_action": "update", "view": modal(title=plain("x" * 25))}),
        JSONResponse({"response_action": "clear"}),
    ]
    await anna.submits(reason="x")
    assert anna.modal.errors == {"why": "Too short"}
    await anna.submits(reason="x", agent="ewa")
    assert anna.modal.given["title"]["text"] == "Sure?"
    await anna.submits(reason="x")
    await anna.submits(reason="x")
    assert len(slack.space.views.stack(anna.id)) == 3
    assert (await anna.submits(reason="x")).reason == "push_limit_reached"
    assert (await anna.submits(reason="x")).reason == "invalid_arguments"
    assert anna.modal.given["title"]["text"] == "Third"
    await anna.submits(reason="x")
    assert slack.space.views.stack(anna.id) == []


async def test_what_is_offered_for_the_letters_typed_can_be_chosen(world: World) -> None:
    _, _, _, app = world
    element = {"type": "external_select", "action_id": "template", "min_query_length": 2}
    template = {"type": "input", "block_id": "which", "label": plain("Template"), "element": element}
    anna = await open_modal(world, blocks=[template])
    options = [{"text": plain("Zwrot"), "value": "return"}]
    app.answers = [JSONResponse({"options": options}), JSONResponse({"option_groups": [{"options": options}]})]
    offered = await anna.looks_up(anna.modal, "template", "zw")
    payload = app.got[0].payload
    assert [payload[name] for name in ("type", "action_id", "block_id", "value")] == [
        "block_suggestion", "template", "which", "zw",
    ]  # fmt: skip
    assert payload["view"]["id"] == payload["container"]["view_id"] == anna.modal.id
    assert "trigger_id" not in payload
    assert offered == await anna.looks_up(anna.modal, "template", "zwr") == options
    await anna.submits(template=offered[0])
    state = app.got[2].payload["view"]["state"]["values"]["which"]["template"]
    assert state == {"type": "external_select", "selected_option": options[0]}


async def test_an_action_in_a_modal_brings_what_was_filled_in_so_far(world: World) -> None:
    _, _, _, app = world
    preview = {"type": "actions", "block_id": "do", "elements": [BUTTONS[0]["elements"][0]]}
    anna = await open_modal(world, blocks=[*modal()["blocks"], preview])
    anna.fills(anna.modal, "reason", "bo tak", "why")
    await anna.presses(anna.modal, BUTTONS[0]["elements"][0]["action_id"])
    payload = app.got[0].payload
    assert payload["container"]["type"] == "view"
    assert payload["view"]["state"]["values"]["why"]["reason"]["value"] == "bo tak"
    anna.fills(anna.modal, "reason", "")
    with pytest.raises(CannotDo):
        await anna.submits()


async def test_each_person_has_their_own_choice_in_a_message(world: World) -> None:
    slack, _, client, app = world
    anna, tom = slack.person("Anna"), slack.person("Tom")
    desk = slack.channel("desk", anna, tom)
    options = [{"text": plain(one), "value": one} for one in ("high", "low")]
    selects = [
        {
            "type": "actions",
            "block_id": block,
            "elements": [{"type": "static_select", "action_id": "s", "options": options}],
        }
        for block in ("one", "two")
    ]
    told = await client.chat_postMessage(channel=desk.id, text="card", blocks=selects)
    card = slack.space.message(desk.id, told["ts"])
    await anna.presses(card, "s", "low", "two")
    await tom.presses(card, "s", "high", "one")
    hers, his = (got.payload for got in app.got)
    assert (hers["actions"][0]["block_id"], hers["actions"][0]["selected_option"]["value"]) == ("two", "low")
    assert hers["state"]["values"]["one"]["s"]["selected_option"] is None
    assert hers["state"]["values"]["two"]["s"]["selected_option"]["value"] == "low"
    assert his["state"]["values"]["two"]["s"]["selected_option"] is None


async def test_closing_is_told_only_where_asked_for(world: World) -> None:
    _, _, _, app = world
    quiet = await open_modal(world)
    assert await quiet.closes() is None
    loud = await open_modal(world, notify_on_close=True)
    await loud.closes(whole_stack=True)
    assert [(got.payload["type"], got.payload["is_cleared"]) for got in app.got] == [("view_closed", True)]


async def test_a_stale_hash_conflicts_and_typed_text_survives_an_update(world: World) -> None:
    slack, _, client, _ = world
    anna = await open_modal(world, external_id="close-1")
    first = anna.modal.hash
    anna.modal.typed = {"why": {"reason": {"type": "plain_text_input", "value": "typed"}}}
    await client.views_update(external_id="close-1", hash=first, view=modal(external_id="close-1"))
    assert anna.modal.typed["why"]["reason"]["value"] == "typed"
    stale = client.views_update(view_id=anna.modal.id, hash=first, view=modal())
    assert await error_of(stale) == "hash_conflict"
    assert await error_of(client.views_update(view_id="V404", view=modal())) == "not_found"
    trigger = slack.space.triggers.make(anna.id)
    again = client.views_push(trigger_id=trigger, view=modal(external_id="close-1"))
    assert await error_of(again) == "duplicate_external_id"


async def test_the_home_tab_is_each_users_own(world: World) -> None:
    slack, _, client, app = world
    anna, tom = slack.person("Anna"), slack.person("Tom")
    await client.views_publish(user_id=anna.id, view={"type": "home", "blocks": BUTTONS})
    assert tom.home is None
    assert anna.home is not None
    slack.app.events.add("app_home_opened")
    anna.opens_home()
    await slack.tick()
    assert app.events()[0]["view"]["id"] == anna.home.id
    await anna.presses(anna.home, "rate")
    payload = app.got[1].payload
    assert payload["container"] == {"type": "view", "view_id": anna.home.id}
    assert "response_url" not in payload
    stale = client.views_publish(user_id=anna.id, hash="0", view={"type": "home", "blocks": BUTTONS})
    assert await error_of(stale) == "hash_conflict"


async def test_a_response_url_answers_five_times_in_thirty_minutes(world: World) -> None:
    slack, clock, client, app = world
    anna = slack.person("Anna")
    told = await client.chat_postMessage(channel=anna.id, text="Rate us", blocks=BUTTONS)
    message = slack.space.message(told["channel"], told["ts"])
    await anna.presses(message, "rate")
    hook = AsyncWebhookClient(app.got[0].payload["response_url"])
    assert (await hook.send(text="only you")).body == "ok"
    await hook.send(text="everybody", response_type="in_channel")
    await hook.send(text="instead", replace_original=True)
    shown = slack.screen(anna.dm, anna)
    assert [(one.text, one.is_only_for_you) for one in shown] == [
        ("instead", False),
        ("only you", True),
        ("everybody", False),
    ]
    await hook.send(delete_original=True)
    await hook.send(text="fifth")
    sixth = await hook.send(text="sixth")
    assert (sixth.status_code, sixth.body) == (404, '{"ok":false,"error":"used_url"}')
    assert "instead" not in [one.text for one in slack.screen(anna.dm, anna)]
    again = await client.chat_postMessage(channel=anna.id, text="Rate us", blocks=BUTTONS)
    await anna.presses(slack.space.message(again["channel"], again["ts"]), "rate")
    clock.move(minutes=31)
    late = await AsyncWebhookClient(app.got[1].payload["response_url"]).send(text="late")
    assert "expired_url" in late.body
    assert len(slack.journal.of("response_url")) == 7


async def test_a_command_is_plain_form_fields_and_its_answer_is_shown_to_one(world: World) -> None:
    slack, _, _, app = world
    anna, tom = slack.person("Anna"), slack.person("Tom", from_other_company=True)
    channel = slack.channel("help", anna, tom)
    app.answers = [PlainTextResponse("Your tickets: none"), JSONResponse({"response_type": "in_channel", "text": "Hi"})]
    await anna.commands("/support", "tickets", channel)
    await anna.commands("/support", "hi", channel)
    fields = app.got[0].payload
    assert (fields["command"], fields["text"], fields["channel_name"]) == ("/support", "tickets", "help")
    assert "thread_ts" not in fields
    assert [one.text for one in slack.screen(channel, anna)] == ["Your tickets: none", "Hi"]
    assert [one.text for one in slack.screen(channel, tom)] == ["Hi"]
    with pytest.raises(CannotDo):
        await tom.commands("/support")


async def test_a_message_shortcut_brings_the_message(world: World) -> None:
    slack, _, _, app = world
    anna = slack.person("Anna")
    said = anna.says("teach me")
    await anna.uses_shortcut("teach", said)
    payload = app.got[0].payload
    assert (payload["type"], payload["message"]["ts"]) == ("message_action", said.ts)
    assert payload["response_url"].startswith(slack.space.url)
    stranger = slack.person("Tom", from_other_company=True)
    with pytest.raises(CannotDo):
        await stranger.uses_shortcut("teach", said)


async def test_people_of_other_companies_can_press_buttons(world: World) -> None:
    slack, _, client, app = world
    tom = slack.person("Tom", from_other_company=True)
    channel = slack.channel("us-and-them", tom, shared=True)
    told = await client.chat_postMessage(channel=channel.id, text="x", blocks=BUTTONS)
    await tom.presses(slack.space.message(channel.id, told["ts"]), "rate")
    assert app.got[0].payload["user"]["team_id"] == tom.user.team_id != slack.app.team_id


async def test_the_stand_in_knows_no_response_url_it_did_not_make(world: World) -> None:
    slack, _, _, _ = world
    async with httpx.AsyncClient() as http:
        answer = await http.post(f"{slack.space.url}/actions/T0/1/2", json={"text": "x"})
    assert answer.status_code == 404
