"""The agents' Slack on the demo's page: cards, threads, modals, menus, what only one person sees."""

from __future__ import annotations

from typing import Any

import pytest
from nicegui.testing import User, UserInteraction

from bot.sandbox.slack.apps import Shortcut
from bot.sandbox.slack.fields import CannotDo
from bot.sandbox.world import DemoWorld
from tests.sandbox.page_scene import (
    all_named,
    choose,
    choose_item,
    elements_of,
    is_in,
    is_visible,
    named,
    not_see,
    press_named,
    see,
    write,
)
from tests.sandbox.scripted_app import Json, ScriptedApp, answers, scripted
from tests.sandbox.telegram_scene import until

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # nothing of it is in the database
DESK = "slack desk"


def text(words: str, kind: str = "plain_text") -> Json:
    return {"type": kind, "text": words}


def button(label: str, action: str, **more: Any) -> Json:
    return {"type": "button", "text": text(label), "action_id": action, **more}


def options(*names: str) -> list[Json]:
    return [{"text": text(name), "value": name.lower()} for name in names]


def field(name: str, kind: str, **more: Any) -> Json:
    element = {"type": kind, "action_id": name, **more.pop("element", {})}
    return {"type": "input", "block_id": name, "label": text(name.title()), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    shown = {"type": "modal", "title": text("Resolve it"), "submit": text("Send it"), "callback_id": "sent"}
    return {**shown, "blocks": list(blocks), **more}


CARD = [
    {"type": "header", "text": text("1042: broken parcel")},
    {"type": "section", "fields": [text("*Owner*\nnobody", "mrkdwn"), text("*Channel*\nTelegram", "mrkdwn")]},
    {
        "type": "actions",
        "elements": [
            button("Take it", "take", value="1042"),
            button("Resolve", "resolve", value="1042"),
            button("Spam it", "spam", confirm={"title": text("Is it spam?"), "text": text("They hear nothing.")}),
            {"type": "static_select", "action_id": "priority", "options": options("High", "Low")},
            {"type": "overflow", "action_id": "more", "options": options("Snooze", "Merge")},
        ],
    },
]


@pytest.fixture
def app(world: DemoWorld) -> ScriptedApp:
    return scripted(world)


@pytest.fixture
async def card(app: ScriptedApp, world: DemoWorld, user: User) -> str:
    """The `ts` of a card on the desk, which Ola sees."""
    ts = await app.posts(world.desk_channel.id, text="1042", blocks=CARD)
    await see(user, "1042: broken parcel")
    return ts


def shown(user: User, words: str) -> list[Any]:
    found = [one for one in elements_of(user) if getattr(one, "text", None) == words]
    return [one for one in found if is_visible(one) and is_in(one, DESK)]


async def press(user: User, label: str) -> None:
    await until(lambda: bool(shown(user, label)))
    UserInteraction(user, {shown(user, label)[-1]}, None).click()


def give(user: User, name: str, value: object, event: str = "input") -> None:
    UserInteraction(user, {named(user, name, DESK)}, None).trigger(event, value)


def open_modals(user: User) -> list[str]:
    dialogs = (one for one in elements_of(user) if one.props.get("role") == "dialog" and is_visible(one))
    return [str(one.props["aria-label"]) for one in dialogs]


def the_modal(user: User) -> Any:
    return next(one for one in elements_of(user) if one.props.get("role") == "dialog" and is_in(one, DESK))


def submit(user: User) -> None:
    UserInteraction(user, {the_modal(user)}, None).trigger("submit.prevent")


# Cards and threads


async def test_a_card_is_taken_and_its_thread_answered(
    user: User, app: ScriptedApp, world: DemoWorld, card: str
) -> None:
    async def take(payload: Json) -> None:
        where = payload["container"]["channel_id"]
        mine = {"type": "section", "text": text(f"Owner: <@{payload['user']['id']}>", "mrkdwn")}
        await app.client.chat_update(channel=where, ts=payload["container"]["message_ts"], text="1042", blocks=[mine])
        await app.posts(where, text="taken", thread_ts=card)

    app.does["take"] = take
    await press(user, "Take it")
    await see(user, 'Owner: <span class="named">@Ola</span>')
    await see(user, "1 reply")
    (payload,) = app.got
    assert (payload["user"]["id"], payload["actions"][0]["value"]) == (world.agents[0].id, "1042")
    UserInteraction(user, {shown(user, "1 reply")[0].parent_slot.parent}, None).click()
    await until(lambda: bool(all_named(user, "Reply in the thread", DESK)))
    write(user, "Reply in the thread", "We send a new one")
    await see(user, "2 replies")
    said = world.slack.space.talk.replies(world.desk_channel.id, card)[-1]
    assert (said.text, said.author) == ("We send a new one", world.agents[0].id)


async def test_a_thread_is_each_persons_own_to_open(user: User, world: DemoWorld, card: str) -> None:
    press_named(user, "Reply in thread", DESK)
    await until(lambda: bool(all_named(user, "Reply in the thread", DESK)))
    choose(user, "Piotr", DESK)
    await until(lambda: not all_named(user, "Reply in the thread", DESK))
    choose(user, "Ola", DESK)
    await until(lambda: bool(all_named(user, "Reply in the thread", DESK)))
    world.agents[0].deletes(world.slack.space.message(world.desk_channel.id, card))
    await until(lambda: not all_named(user, "Reply in the thread", DESK))


async def test_slack_takes_no_commands_in_a_thread(user: User, app: ScriptedApp, card: str) -> None:
    press_named(user, "Reply in thread", DESK)
    await until(lambda: bool(all_named(user, "Reply in the thread", DESK)))
    write(user, "Reply in the thread", "/support status")
    await see(user, "Slack takes no commands in threads")


async def test_a_question_is_asked_before_a_press(user: User, app: ScriptedApp, card: str) -> None:
    await press(user, "Spam it")
    await see(user, "They hear nothing.")
    await press(user, "Cancel")
    await not_see(user, "They hear nothing.")
    assert app.got == []
    await press(user, "Spam it")
    await press(user, "Yes")
    await until(lambda: [one["actions"][0]["action_id"] for one in app.got] == ["spam"])


async def test_choices_on_a_card_are_told_at_once_and_stay(user: User, app: ScriptedApp, card: str) -> None:
    select = next(one for one in elements_of(user) if one.tag == "select" and is_in(one, DESK))
    UserInteraction(user, {select}, None).trigger("change", "low")
    choose_item(user, "Merge", DESK)
    await until(lambda: len(app.got) == 2)
    chosen = {one["actions"][0]["action_id"]: one["actions"][0]["selected_option"]["value"] for one in app.got}
    assert chosen == {"priority": "low", "more": "merge"}
    await until(lambda: [one.props["value"] for one in elements_of(user) if one.props.get("selected")] == ["low"])


# Modals


async def test_a_modal_is_filled_in_and_sent(user: User, app: ScriptedApp, card: str) -> None:
    app.does["resolve"] = app.opens(
        modal(
            field("note", "plain_text_input", element={"multiline": True}),
            field("cause", "radio_buttons", element={"options": options("Solved", "Refused")}),
            field("extras", "checkboxes", element={"options": options("Survey", "Copy")}, optional=True),
            field("until", "datetimepicker", optional=True),
            field("who", "users_select", optional=True),
        )
    )
    await press(user, "Resolve")
    await until(lambda: open_modals(user) == ["Resolve it"])
    submit(user)
    await until(lambda: len(shown(user, "This is needed.")) == 2)
    give(user, "Note", "all well")
    give(user, "Until", "2026-11-24T09:30", "change")
    for value in ("solved", "survey", "copy"):
        choice = next(one for one in elements_of(user) if one.props.get("value") == value and one.tag == "input")
        UserInteraction(user, {choice}, None).trigger("change", True)
    submit(user)
    await until(lambda: open_modals(user) == [])
    sent = app.got[-1]
    values = sent["view"]["state"]["values"]
    assert (sent["type"], values["note"]["note"]["value"]) == ("view_submission", "all well")
    assert values["cause"]["cause"]["selected_option"]["value"] == "solved"
    assert [one["value"] for one in values["extras"]["extras"]["selected_options"]] == ["survey", "copy"]
    assert values["until"]["until"]["selected_date_time"] == 1795509000  # 9:30 in Warsaw
    assert values["who"]["who"]["selected_user"] is None


async def test_what_the_app_has_against_it_stands_at_the_field(user: User, app: ScriptedApp, card: str) -> None:
    app.does["resolve"] = app.opens(modal(field("note", "plain_text_input", element={"initial_value": "x"})))
    app.does["sent"] = answers({"response_action": "errors", "errors": {"note": "One sentence at least."}})
    await press(user, "Resolve")
    await until(lambda: open_modals(user) == ["Resolve it"])
    submit(user)
    await see(user, "One sentence at least.")
    app.does["sent"] = answers({"response_action": "update", "view": modal(title=text("Really?"))})
    submit(user)
    await until(lambda: open_modals(user) == ["Really?"])
    app.does["sent"] = answers({"response_action": "clear"})
    submit(user)
    await until(lambda: open_modals(user) == [])


async def test_a_field_that_tells_at_once_redraws_the_modal_and_keeps_what_was_typed(
    user: User, app: ScriptedApp, card: str
) -> None:
    blocks = [
        field("note", "plain_text_input"),
        field("cause", "static_select", element={"options": options("Solved", "Refused")}, dispatch_action=True),
    ]

    async def redraw(payload: Json) -> None:
        more = {"type": "section", "text": text("Why is it refused?")}
        await app.client.views_update(
            view_id=payload["view"]["id"], hash=payload["view"]["hash"], view=modal(*blocks, more)
        )

    app.does |= {"resolve": app.opens(modal(*blocks)), "cause": redraw}
    await press(user, "Resolve")
    await until(lambda: open_modals(user) == ["Resolve it"])
    give(user, "Note", "half a")
    give(user, "Cause", "refused", "change")
    await see(user, "Why is it refused?")
    assert app.got[-1]["container"]["type"] == "view"
    assert app.got[-1]["view"]["state"]["values"]["note"]["note"]["value"] == "half a"
    assert named(user, "Note", DESK).props["^value"] == "half a"


async def test_a_modal_over_a_modal_is_closed_one_by_one(user: User, app: ScriptedApp, card: str) -> None:
    async def push(payload: Json) -> None:
        preview = modal(title=text("Preview"), callback_id="preview", notify_on_close=True)
        await app.client.views_push(trigger_id=payload["trigger_id"], view=preview)

    look = {"type": "section", "text": text("See it first"), "accessory": button("Preview it", "look")}
    app.does |= {"resolve": app.opens(modal(look)), "look": push}
    await press(user, "Resolve")
    await press(user, "Preview it")
    await until(lambda: open_modals(user) == ["Preview"])
    UserInteraction(user, {the_modal(user)}, None).trigger("keydown.escape")
    await until(lambda: open_modals(user) == ["Resolve it"])
    assert (app.got[-1]["type"], app.got[-1]["is_cleared"]) == ("view_closed", False)
    await press(user, "Preview it")
    await until(lambda: open_modals(user) == ["Preview"])
    press_named(user, "Close", DESK)
    await until(lambda: open_modals(user) == [])


async def test_a_modal_is_seen_by_the_one_it_was_opened_for(user: User, app: ScriptedApp, card: str) -> None:
    app.does["resolve"] = app.opens(modal())
    await press(user, "Resolve")
    await until(lambda: open_modals(user) == ["Resolve it"])
    choose(user, "Piotr", DESK)
    await until(lambda: open_modals(user) == [])
    choose(user, "Ola", DESK)
    await until(lambda: open_modals(user) == ["Resolve it"])
    await user.open("/?lang=en")  # a reload closes it
    await see(user, "1042: broken parcel")
    assert open_modals(user) == []


async def test_templates_are_looked_up_while_one_types(user: User, app: ScriptedApp, card: str) -> None:
    template = field("template", "external_select", element={"min_query_length": 2})
    app.does |= {"resolve": app.opens(modal(template)), "options": answers({"options": options("Refund", "Return")})}
    await press(user, "Resolve")
    await until(lambda: open_modals(user) == ["Resolve it"])
    lookup = next(one for one in elements_of(user) if "lookup" in one.classes)
    entry = next(one for one in lookup.descendants() if one.props.get("role") == "combobox")
    for typed in ("r", "re"):
        UserInteraction(user, {entry}, None).trigger("input", typed)
    await until(lambda: bool(shown(user, "Return")))
    UserInteraction(user, {shown(user, "Return")[0].parent_slot.parent}, None).click()
    assert [one["value"] for one in app.got if one["type"] == "block_suggestion"] == ["re"]
    await until(lambda: bool(all_named(user, "Delete: Return", DESK)))
    submit(user)
    await until(lambda: open_modals(user) == [])
    assert app.got[-1]["view"]["state"]["values"]["template"]["template"]["selected_option"]["value"] == "return"


# Menus, what one person sees, the Home tab


async def test_a_message_has_the_shortcuts_of_the_manifest(
    user: User, app: ScriptedApp, world: DemoWorld, card: str
) -> None:
    world.slack.app.shortcuts = (Shortcut("Note on the ticket", "note_on_ticket"),)
    app.does["note_on_ticket"] = app.opens(modal())
    await app.posts(world.desk_channel.id, text="another")
    await see(user, "another")
    press_named(user, "More", DESK)
    choose_item(user, "Note on the ticket", DESK)
    await until(lambda: open_modals(user) == ["Resolve it"])
    (payload,) = app.got
    assert (payload["type"], payload["message"]["text"]) == ("message_action", "another")


async def test_a_reaction_is_added_from_the_menu_and_taken_back(
    user: User, app: ScriptedApp, world: DemoWorld, card: str
) -> None:
    await app.client.reactions_add(channel=world.desk_channel.id, timestamp=card, name="eyes")
    await see(user, "👀 1")
    press_named(user, "Add a reaction", DESK)
    await until(lambda: bool(all_named(user, "React with 👀", DESK)))
    press_named(user, "React with 👀", DESK)
    await see(user, "👀 2")
    await press(user, "👀 2")
    await see(user, "👀 1")


async def test_what_only_one_person_sees_is_gone_after_a_reload(
    user: User, app: ScriptedApp, world: DemoWorld, card: str
) -> None:
    iga, leon = world.colleagues
    for person, words in ((iga, "Agents only"), (leon, "No guests")):
        await app.client.chat_postEphemeral(channel=world.desk_channel.id, user=person.id, text=words)
    choose(user, "Iga", DESK)
    await see(user, "Agents only")
    await see(user, "Only visible to you")
    await not_see(user, "No guests")
    choose(user, "Leon", DESK)
    await see(user, "No guests")
    await press(user, "Dismiss")
    await not_see(user, "No guests")
    await user.open("/?lang=en")
    choose(user, "Iga", DESK)
    await see(user, "1042: broken parcel")
    await not_see(user, "Agents only")


async def test_an_agents_home_tab_can_be_used(user: User, app: ScriptedApp, world: DemoWorld) -> None:
    ola = world.agents[0]
    choice = {"type": "static_select", "action_id": "queue", "options": options("Mine", "All")}
    blocks = [{"type": "actions", "elements": [button("Go off duty", "duty"), choice]}]
    await app.client.views_publish(user_id=ola.id, view={"type": "home", "blocks": blocks})
    place = next(
        one
        for one in elements_of(user)
        if "place" in one.classes
        and is_in(one, DESK)
        and "Support" in str([getattr(inside, "text", "") for inside in one.descendants()])
    )
    UserInteraction(user, {place}, None).click()
    await press(user, "Home")
    await press(user, "Go off duty")
    select = next(one for one in elements_of(user) if one.tag == "select" and is_in(one, DESK))
    UserInteraction(user, {select}, None).trigger("change", "all")
    await until(lambda: [one["actions"][0]["action_id"] for one in app.got] == ["duty", "queue"])
    assert {one["container"]["view_id"] for one in app.got} == {ola.home.id if ola.home else ""}
    with pytest.raises(CannotDo):
        _ = ola.modal
