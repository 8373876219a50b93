from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.person import Person
from bot.sandbox.slack_blocks import parts_of
from bot.sandbox.slack_view import Post, find, posts, said_to
from bot.sandbox.world import DemoWorld
from tests.bot_under_test import CATALOGUES


def client_of(world: DemoWorld) -> AsyncWebClient:
    return AsyncWebClient(token=world.slack.app.bot_token, base_url=world.slack.api_url, retry_handlers=[])


def seen(world: DemoWorld, channel: Channel, viewer: Person, language: str = "pl") -> list[Post]:
    texts = CATALOGUES["ty"][language]
    return posts(world.slack.space, channel, viewer, texts, world.clock(), world.clock.zone)


def words(post: Post) -> str:
    return "|".join(part.html for part in post.parts)


def text(words: str, kind: str = "mrkdwn") -> dict[str, Any]:
    return {"type": kind, "text": words}


def button(label: str, action: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "text": text(label, "plain_text"), "action_id": action, **more}


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
    assert [one.label for one in post.parts[0].pressable] == ["Tak"]


async def test_replies_stand_under_their_parent(world: DemoWorld, acme: Channel) -> None:
    dave, ola = world.slack_customers[1], world.agents[0]
    first = dave.says("first", acme, mention=True)
    dave.says("second", acme)
    await client_of(world).chat_postMessage(channel=acme.id, text=f"on it, <@{dave.id}>", thread_ts=first.ts)
    shown = seen(world, acme, ola)
    assert [(post.is_reply, words(post)) for post in shown] == [
        (False, '<span class="named">@Support</span> first'),
        (True, 'on it, <span class="named">@Dave</span>'),
        (False, "second"),
    ]
    assert shown[0].written == "@Support first"
    assert said_to(world.slack.space, acme, ola) == 3
    assert said_to(world.slack.space, acme, dave) == 1


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
    changed, tombstone, answer = seen(world, acme, ola)
    assert (words(changed), changed.is_edited) == ("changed", True)
    assert [(one.glyph, one.count, one.is_mine) for one in changed.reactions] == [("👍", 1, True)]
    assert (tombstone.is_gone, tombstone.parts, tombstone.is_mine) == (True, (), False)
    assert answer.is_reply


async def test_only_who_is_meant_sees_an_ephemeral_message_and_can_press_in_it(world: DemoWorld, acme: Channel) -> None:
    dave, ola = world.slack_customers[1], world.agents[0]
    await client_of(world).chat_postEphemeral(channel=acme.id, user=dave.id, text="psst")
    (post,) = seen(world, acme, dave)
    assert post.is_only_for_you
    assert find(world.slack.space, acme, dave, post.ts).text == "psst"
    assert seen(world, acme, ola) == []
    with pytest.raises(LookupError):
        find(world.slack.space, acme, ola, post.ts)


async def test_files_are_named_also_where_slack_only_hints_at_them(world: DemoWorld, acme: Channel) -> None:
    dave = world.slack_customers[1]
    dave.uploads("receipt.pdf", b"%PDF", channel=acme)
    (post,) = seen(world, acme, dave)
    assert (post.files, post.parts) == (("receipt.pdf",), ())


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
    (part,) = parts_of([block], lambda one: {"U1": "Ola"}.get(one, one))
    assert (part.kind, part.html) == (kind, html)


def test_fields_and_choices_are_kept() -> None:
    options = [{"text": text("Polski", "plain_text"), "value": "pl"}]
    select = {"type": "static_select", "action_id": "s", "placeholder": text("Język", "plain_text"), "options": options}
    blocks = [
        {"type": "section", "fields": [text("*a*"), text("b", "plain_text")]},
        {"type": "actions", "elements": [select]},
    ]
    fields, actions = parts_of(blocks, str)
    assert fields.fields == ("<strong>a</strong>", "b")
    assert [(one.label, one.options) for one in actions.pressable] == [("Język", (("Polski", "pl"),))]
