from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.read_marks import ReadMarks
from bot.sandbox.sample_files import picture
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.person import Person
from bot.sandbox.slack_blocks import parts_of
from bot.sandbox.slack_controls import Confirm, Option
from bot.sandbox.slack_reader import Reader, reader
from bot.sandbox.slack_view import FileChip, Look, Post, Thread, find, posts, said_to, thread_posts
from bot.sandbox.world import DemoWorld
from tests.bot_under_test import CATALOGUES, MONDAY_NOON


def client_of(world: DemoWorld) -> AsyncWebClient:
    return AsyncWebClient(token=world.slack.app.bot_token, base_url=world.slack.api_url, retry_handlers=[])


def look_of(world: DemoWorld, viewer: Person, **how: Any) -> Look:
    space = world.slack.space
    marks = how.pop("marks", None) or ReadMarks()
    return Look(space, viewer, reader(space, viewer, CATALOGUES["ty"]["pl"], world.clock()), marks, **how)


def seen(world: DemoWorld, channel: Channel, viewer: Person) -> list[Post]:
    return posts(look_of(world, viewer), channel)


def words(post: Post) -> str:
    return "|".join(part.html for part in post.parts)


def text(words: str, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": kind, "text": words}


def button(label: str, action: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": text(label, "plain_text"), "action_id": action, **more}


READER = Reader(
    lambda one: {"U1": "Ola"}.get(one, one),
    CATALOGUES["ty"]["pl"],
    MONDAY_NOON,
    people=(("U1", "Ola"), ("U2", "Piotr")),
)


@pytest.fixture
def acme(world: DemoWorld) -> Channel:
    return next(one for one in world.slack.space.channels.values() if one.name == "acme-support")


async def test_what_people_typed_is_shown_as_they_typed_it(world: DemoWorld) -> None:
    zofia = world.slack_customers[0]
    zofia.says("1 < 2 & <b> *ważne*")
    (post,) = seen(world, zofia.dm, zofia)
    assert words(post) == "1 &lt; 2 &amp; &lt;b&gt; <strong>ważne</strong>"
    assert (post.author, post.is_mine, post.time, post.day) == ("Zofia", True, "12:00", "Dziś")
    assert post.written == "1 < 2 & <b> *ważne*"


async def test_of_the_apps_posts_the_blocks_are_shown(world: DemoWorld) -> None:
    zofia = world.slack_customers[0]
    blocks = [{"type": "section", "text": text("*Jutro*"), "accessory": button("Tak", "go", value="1")}]
    await client_of(world).chat_postMessage(channel=zofia.dm.id, text="zapas", blocks=blocks)
    (post,) = seen(world, zofia.dm, zofia)
    assert (post.author, post.is_bot, words(post)) == ("Support", True, "<strong>Jutro</strong>")
    assert [one.label for one in post.parts[0].controls] == ["Tak"]


async def test_a_thread_opens_from_its_parent(world: DemoWorld, acme: Channel) -> None:
    dave, ola = world.slack_customers[1], world.agents[0]
    first = dave.says("first", acme, mention=True)
    dave.says("second", acme)
    await client_of(world).chat_postMessage(channel=acme.id, text=f"on it, <@{dave.id}>", thread_ts=first.ts)
    shown = seen(world, acme, ola)
    assert [words(post) for post in shown] == ['<span class="named">@Support</span> first', "second"]
    assert [post.thread for post in shown] == [Thread(1, ("Support",), "12:00", is_new=True), None]
    thread = thread_posts(look_of(world, ola), acme, first.ts)
    assert [words(post) for post in thread] == [words(shown[0]), 'on it, <span class="named">@Dave</span>']
    assert shown[0].written == "@Support first"
    assert said_to(world.slack.space, acme, ola) == 3
    assert said_to(world.slack.space, acme, ola, first.ts) == 1
    assert said_to(world.slack.space, acme, dave) == 1


async def test_what_is_new_in_a_thread_is_so_until_it_was_read(world: DemoWorld, acme: Channel) -> None:
    dave, ola = world.slack_customers[1], world.agents[0]
    first = ola.says("first", acme)
    dave.says("second", acme, thread=first)
    look = look_of(world, ola)
    look.marks.mark(ola.id, (acme.id, first.ts), 1)
    assert [post.thread.is_new for post in posts(look, acme) if post.thread] == [False]
    dave.says("third", acme, thread=first)
    assert [post.thread.is_new for post in posts(look, acme) if post.thread] == [True]


async def test_each_reads_times_in_their_own_zone(world: DemoWorld, acme: Channel) -> None:
    dave, ola = world.slack_customers[1], world.agents[0]
    dave.says("hello", acme)
    assert [seen(world, acme, one)[0].time for one in (ola, dave)] == ["12:00", "11:00"]


async def test_a_thread_whose_parent_is_gone_is_gone(world: DemoWorld, acme: Channel) -> None:
    dave = world.slack_customers[1]
    parent = dave.says("parent", acme)
    dave.deletes(parent)
    assert thread_posts(look_of(world, dave), acme, parent.ts) == []


async def test_messages_that_follow_each_other_soon_share_one_heading(world: DemoWorld) -> None:
    zofia = world.slack_customers[0]
    zofia.says("jeden")
    await world.move_on(timedelta(minutes=2))
    zofia.says("dwa")
    await world.move_on(timedelta(minutes=10))
    zofia.says("trzy")
    assert [post.heading for post in seen(world, zofia.dm, zofia)] == [True, False, True]


async def test_the_apps_posts_never_run_into_each_other(world: DemoWorld) -> None:
    zofia = world.slack_customers[0]
    for words_said in ("jeden", "dwa"):
        await client_of(world).chat_postMessage(channel=zofia.dm.id, text=words_said)
    assert [post.heading for post in seen(world, zofia.dm, zofia)] == [True, True]


async def test_edits_deletes_and_reactions_show(world: DemoWorld, acme: Channel) -> None:
    dave, ola = world.slack_customers[1], world.agents[0]
    kept, gone, parent = (dave.says(one, acme) for one in ("kept", "gone", "parent"))
    ola.says("answer", acme, thread=parent)
    dave.edits(kept, "changed")
    ola.reacts(kept, "+1")
    dave.deletes(gone)
    dave.deletes(parent)
    changed, tombstone = seen(world, acme, ola)
    assert (words(changed), changed.is_edited) == ("changed", True)
    assert [(one.glyph, one.count, one.is_mine) for one in changed.reactions] == [("👍", 1, True)]
    assert (tombstone.is_gone, tombstone.parts, tombstone.is_mine) == (True, (), False)
    assert tombstone.thread == Thread(1, ("Ola",), "12:00", is_new=False)


async def test_only_who_is_meant_sees_an_ephemeral_message_and_can_press_in_it(world: DemoWorld, acme: Channel) -> None:
    dave, ola = world.slack_customers[1], world.agents[0]
    await client_of(world).chat_postEphemeral(channel=acme.id, user=dave.id, text="psst")
    (post,) = seen(world, acme, dave)
    assert post.is_only_for_you
    assert find(world.slack.space, acme, dave, post.ts).text == "psst"
    assert seen(world, acme, ola) == []
    assert posts(look_of(world, dave, dismissed=frozenset({(acme.id, post.ts)})), acme) == []
    with pytest.raises(LookupError):
        find(world.slack.space, acme, ola, post.ts)


async def test_files_are_named_also_where_slack_only_hints_at_them(world: DemoWorld, acme: Channel) -> None:
    dave = world.slack_customers[1]
    dave.uploads("receipt.pdf", b"%PDF", channel=acme)
    (post,) = seen(world, acme, dave)
    assert (post.files, post.parts) == ((FileChip("receipt.pdf"),), ())
    dave.uploads("parcel.png", picture(), "image/png", channel=acme)
    assert [chip.picture != "" for chip in seen(world, acme, dave)[1].files] == [True]


@pytest.mark.parametrize(
    ("block", "kind", "html"),
    [
        ({"type": "header", "text": text("A & B :tada:", "plain_text")}, "header", "A &amp; B 🎉"),
        ({"type": "context", "elements": [text("_a_"), text("b")]}, "context", "<em>a</em>&ensp;b"),
        ({"type": "divider"}, "divider", ""),
        ({"type": "image", "image_url": "https://a.example/x", "alt_text": "a <cat>"}, "image", "a &lt;cat&gt;"),
        ({"type": "input", "label": text("Ile?", "plain_text"), "element": {}}, "input", "Ile?"),
        ({"type": "table"}, "context", "table"),
        (
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_list",
                        "style": "bullet",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [
                                    {"type": "text", "text": "<x>", "style": {"bold": True}},
                                    {"type": "link", "url": "javascript:alert(1)", "text": "y"},
                                    {"type": "emoji", "name": "+1"},
                                    {"type": "user", "user_id": "U1"},
                                ],
                            }
                        ],
                    }
                ],
            },
            "words",
            '<ul><li><strong>&lt;x&gt;</strong>y👍<span class="named">@Ola</span></li></ul>',
        ),
    ],
)
def test_blocks_become_parts(block: dict[str, Any], kind: str, html: str) -> None:
    (part,) = parts_of([block], READER)
    assert (part.kind, part.html) == (kind, html)


def test_fields_and_choices_are_kept() -> None:
    options = [{"text": text("Polski", "plain_text"), "value": "pl"}]
    select = {"type": "static_select", "action_id": "s", "placeholder": text("Język", "plain_text"), "options": options}
    blocks = [
        {"type": "section", "fields": [text("*a*"), text("b", "plain_text")]},
        {"type": "actions", "elements": [select]},
    ]
    fields, actions = parts_of(blocks, READER)
    assert fields.fields == ("<strong>a</strong>", "b")
    assert [(one.label, one.options) for one in actions.controls] == [("Język", (Option("pl", "Polski"),))]


def option(label: str, value: str) -> dict[str, Any]:
    return {"text": text(label, "plain_text"), "value": value}


@pytest.mark.parametrize(
    ("element", "typed", "chosen"),
    [
        ({"type": "plain_text_input", "initial_value": "a"}, None, ("a",)),
        ({"type": "plain_text_input", "initial_value": "a"}, {"value": "b"}, ("b",)),
        ({"type": "plain_text_input", "initial_value": "a"}, {"value": None}, ()),
        ({"type": "static_select", "options": [option("A", "a")], "initial_option": option("A", "a")}, None, ("a",)),
        ({"type": "checkboxes", "options": []}, {"selected_options": [option("A", "a"), option("B", "b")]}, ("a", "b")),
        ({"type": "external_select"}, {"selected_option": option("A", "a")}, ("a",)),
        ({"type": "users_select", "initial_user": "U2"}, None, ("U2",)),
        ({"type": "multi_users_select"}, {"selected_users": ["U1", "U2"]}, ("U1", "U2")),
        ({"type": "datepicker"}, {"selected_date": "2026-11-24"}, ("2026-11-24",)),
        ({"type": "datetimepicker", "initial_date_time": 1795561200}, None, ("2026-11-25T00:00",)),
        ({"type": "static_select", "options": []}, None, ()),
    ],
)
def test_what_stands_in_a_field(element: dict[str, Any], typed: dict[str, Any] | None, chosen: tuple[str, ...]) -> None:
    block = {
        "type": "input",
        "block_id": "b",
        "label": text("x", "plain_text"),
        "element": {"action_id": "a", **element},
    }
    (part,) = parts_of([block], READER, {"b": {"a": typed}} if typed else None)
    assert [one.chosen for one in part.controls] == [chosen]


def test_whom_one_can_pick_and_what_was_looked_up() -> None:
    elements = [
        {"type": "users_select", "action_id": "u"},
        {
            "type": "external_select",
            "action_id": "e",
            "initial_option": option("Zwrot", "return"),
            "min_query_length": 0,
        },
    ]
    (part,) = parts_of([{"type": "actions", "block_id": "b", "elements": elements}], READER)
    people, template = part.controls
    assert people.options == (Option("U1", "Ola"), Option("U2", "Piotr"))
    assert (template.options, template.least_letters) == ((Option("return", "Zwrot"),), 0)


def test_a_question_before_a_press_is_kept() -> None:
    asked = {"title": text("Spam?", "plain_text"), "text": text("*Bez* odpowiedzi"), "style": "danger"}
    block = {"type": "actions", "block_id": "b", "elements": [button("Spam", "spam", confirm=asked)]}
    (part,) = parts_of([block], READER)
    assert part.controls[0].confirm == Confirm("Spam?", "<strong>Bez</strong> odpowiedzi", "Tak", "Anuluj", True)
