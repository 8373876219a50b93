"""What a bot is told when it may not send, in Telegram's own words: PLATFORM.md 11 and 12."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter

from bot.sandbox.telegram.groups import Group
from bot.sandbox.telegram.people import Person
from tests.sandbox.telegram_scene import Scene, open_scene


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with open_scene() as scene:
        yield scene


@pytest.fixture
def anna(scene: Scene) -> Person:
    anna = scene.api.person("Anna", language="pl")
    anna.types("Dzień dobry")
    return anna


async def test_a_message_arrives_as_the_person_sees_it(scene: Scene, anna: Person) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Tak", callback_data="y")]])
    sent = await scene.bot.send_message(anna.id, "<b>Witaj</b> &amp; do dzieła", "HTML", reply_markup=keyboard)
    seen = anna.sees()[-1]
    assert (seen.message_id, seen.by, seen.is_bot, seen.text) == (sent.message_id, "Support", True, "Witaj & do dzieła")
    assert seen.entities == ({"type": "bold", "offset": 0, "length": 5},)
    assert seen.buttons == (("Tak",),)
    assert sent.text_html == "<b>Witaj</b> &amp; do dzieła"
    assert sent.date == scene.now[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "ż" * 4097}, "message is too long"),
        ({"text": "<p>x</p>", "parse_mode": "HTML"},
         'can\'t parse entities: Unsupported start tag "p" at byte offset 0'),
        ({"text": "a.b", "parse_mode": "MarkdownV2"},
         "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'"),
        ({"text": "x", "parse_mode": "rich"}, "unsupported parse_mode"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "chat_id": 12345}, "chat not found"),
        ({"text": "x", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
        ({"text": "x", "message_thread_id": 999}, "message thread not found"),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "A"}]]}},
         "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "A", "url": "nowhere"}]]}},
         "inline keyboard button URL 'nowhere' is invalid: Wrong HTTP URL"),
    ],
)  # fmt: skip
async def test_what_is_refused_with_400(scene: Scene, anna: Person, arguments: dict[str, object], words: str) -> None:
    assert await scene.refused("sendMessage", **({"chat_id": anna.id} | arguments)) == f"Bad Request: {words}"
    assert len(anna.sees()) == 1


async def test_4096_characters_count_after_parsing_and_in_code_points(scene: Scene, anna: Person) -> None:
    await scene.bot.send_message(anna.id, "<b>" + "🏟" * 4096 + "</b>", "HTML")
    with pytest.raises(BadRequest, match="Message is too long"):
        await scene.bot.send_message(anna.id, "🏟" * 4097)
    await scene.bot.send_photo(anna.id, b"jpeg", caption="ż" * 1024)
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await scene.bot.send_photo(anna.id, b"jpeg", caption="ż" * 1025)


async def test_button_data_holds_64_bytes_not_characters(scene: Scene, anna: Person) -> None:
    for data, fits in (("a" * 64, True), ("ż" * 32, True), ("ż" * 33, False), ("", False)):
        markup = {"inline_keyboard": [[{"text": "A", "callback_data": data}]]}
        answer = await scene.raw("sendMessage", chat_id=anna.id, text="x", reply_markup=markup)
        assert answer.json()["ok"] is fits
        assert fits or answer.json()["description"] == "Bad Request: BUTTON_DATA_INVALID"


async def test_a_person_who_never_wrote_cannot_be_written_to(scene: Scene) -> None:
    stranger = scene.api.person("Ewa")
    words = "Bad Request: chat not found"
    assert await scene.refused("sendMessage", chat_id=stranger.id, text="never met") == words
    group = scene.api.group("Team", stranger)
    stranger.types("hello", group)
    words = "Forbidden: bot can't initiate conversation with a user"
    assert await scene.refused("sendMessage", chat_id=stranger.id, text="x") == words


async def test_blocked_unblocked_and_gone(scene: Scene, anna: Person) -> None:
    anna.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await scene.bot.send_message(anna.id, "x")
    with pytest.raises(ValueError, match="cannot write"):
        anna.types("blocked, so the app does not let me")
    assert await scene.refused("sendChatAction", chat_id=anna.id, action="typing") == (
        "Forbidden: bot was blocked by the user"
    )
    anna.unblocks()
    await scene.bot.send_message(anna.id, "welcome back")
    anna.deactivates()
    assert await scene.refused("sendMessage", chat_id=anna.id, text="x") == "Forbidden: user is deactivated"

    updates = [update.my_chat_member for update in await scene.bot.get_updates()]
    changes = [(one.old_chat_member.status, one.new_chat_member.status) for one in updates if one]
    assert changes == [("member", "kicked"), ("kicked", "member")]


@pytest.mark.parametrize(
    ("change", "is_supergroup", "words"),
    [
        (Group.kicks_bot, False, "Forbidden: bot was kicked from the group chat"),
        (Group.kicks_bot, True, "Forbidden: bot was kicked from the supergroup chat"),
        (Group.removes_bot, True, "Forbidden: bot is not a member of the supergroup chat"),
        (Group.vanishes, False, "Forbidden: the group chat was deleted"),
        (Group.restricts_bot, True, "Bad Request: not enough rights to send text messages to the chat"),
    ],
)
async def test_groups_that_do_not_want_the_bot(
    scene: Scene, anna: Person, change: Callable[[Group], None], is_supergroup: bool, words: str
) -> None:
    group = scene.api.group("Team", anna, is_supergroup=is_supergroup)
    await scene.call("sendMessage", chat_id=group.id, text="hello")
    change(group)
    assert await scene.refused("sendMessage", chat_id=group.id, text="x") == words
    assert all(update.my_chat_member or update.message for update in await scene.bot.get_updates())


async def test_an_upgraded_group_has_a_new_id_of_more_than_32_bits(scene: Scene, anna: Person) -> None:
    group = scene.api.group("Team", anna)
    anna.types("before", group)
    new = group.upgrades()
    anna.types("after", new)

    answer = (await scene.raw("sendMessage", chat_id=group.id, text="x")).json()
    assert answer == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": new.id},
    }
    with pytest.raises(ChatMigrated) as migrated:
        await scene.bot.send_message(group.id, "x")
    assert migrated.value.new_chat_id == new.id < -(2**32)
    await scene.bot.send_message(new.id, "here")
    messages = [update.message for update in await scene.bot.get_updates()]
    assert [(one.chat.id, one.migrate_to_chat_id, one.migrate_from_chat_id) for one in messages if one][-3:] == [
        (group.id, new.id, None),
        (new.id, None, group.id),
        (new.id, None, None),
    ]


async def test_topics_of_a_forum_and_the_general_one(scene: Scene, anna: Person) -> None:
    forum = scene.api.group("Forum", anna, is_forum=True)
    forum.chat.topics.add(17)
    anna.types("in a topic", forum, topic=17)
    sent = await scene.bot.send_message(forum.id, "here", message_thread_id=17)
    assert (sent.message_thread_id, sent.is_topic_message) == (17, True)
    for number in (1, 18):
        with pytest.raises(BadRequest, match="Message thread not found"):
            await scene.bot.send_message(forum.id, "x", message_thread_id=number)
    await scene.bot.send_message(forum.id, "in General, not named")


async def test_a_chat_takes_about_one_message_a_second(
    scene: Scene, anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    for _ in range(scene.api.pace.burst):
        await scene.bot.send_message(anna.id, "x")
    answer = await scene.raw("sendMessage", chat_id=anna.id, text="x")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert answer.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    with pytest.raises(RetryAfter) as refused:
        await scene.bot.send_message(anna.id, "x")
    assert refused.value.retry_after == timedelta(seconds=1)
    jan = scene.api.person("Jan")
    jan.types("hello")
    await scene.bot.send_message(jan.id, "another chat is not held up")
    scene.later(1)
    await scene.bot.send_message(anna.id, "x")


async def test_a_group_takes_twenty_a_minute(scene: Scene, anna: Person) -> None:
    group = scene.api.group("Team", anna)
    for _ in range(20):
        await scene.call("sendMessage", chat_id=group.id, text="x")
        scene.later(1)
    refused = "Too Many Requests: retry after 40"
    assert await scene.refused("sendMessage", chat_id=group.id, text="x") == refused
    scene.later(40)
    await scene.call("sendMessage", chat_id=group.id, text="x")


async def test_all_chats_together_take_thirty_a_second(scene: Scene) -> None:
    people = [scene.api.person(f"P{number}") for number in range(31)]
    for person in people:
        person.types("hello")
    for person in people[:30]:
        await scene.call("sendMessage", chat_id=person.id, text="x")
    refused = "Too Many Requests: retry after 1"
    assert await scene.refused("sendMessage", chat_id=people[30].id, text="x") == refused
    scene.later(1)
    await scene.call("sendMessage", chat_id=people[30].id, text="x")


async def test_methods_in_any_case_and_arguments_in_any_dress(scene: Scene, anna: Person) -> None:
    token = scene.api.token
    await scene.http.get(f"/bot{token}/SENDMESSAGE", params={"chat_id": anna.id, "text": "query"})
    await scene.http.post(f"/bot{token}/sendmessage", data={"chat_id": anna.id, "text": "form"})
    await scene.http.post(f"/bot{token}/sendMessage", files={"chat_id": (None, str(anna.id)), "text": (None, "parts")})
    await scene.http.post(f"/bot{token}/sendMessage", json={"chat_id": anna.id, "text": "json"})
    assert scene.api.journal.sent_texts(anna.id) == ["query", "form", "parts", "json"]
    answer = await scene.raw("sendMassage", chat_id=anna.id)
    assert (answer.status_code, answer.json()["description"]) == (404, "Not Found: method not found")
    broken = await scene.http.post(
        f"/bot{token}/sendMessage", content="{", headers={"Content-Type": "application/json"}
    )
    assert broken.status_code == 400


async def test_the_bot_is_seen_typing_for_five_seconds_or_until_it_writes(scene: Scene, anna: Person) -> None:
    await scene.bot.send_chat_action(anna.id, "typing")
    assert anna.sees_typing()
    scene.later(5)
    assert not anna.sees_typing()
    await scene.bot.send_chat_action(anna.id, "typing")
    await scene.bot.send_message(anna.id, "done")
    assert not anna.sees_typing()
    words = "Bad Request: wrong parameter action in request"
    assert await scene.refused("sendChatAction", chat_id=anna.id, action="dancing") == words


async def test_commands_per_language_and_their_limits(scene: Scene) -> None:
    await scene.bot.set_my_commands([("help", "Pomoc")], language_code="pl")
    await scene.bot.set_my_commands([("help", "Help")])
    assert [one.description for one in await scene.bot.get_my_commands(language_code="pl")] == ["Pomoc"]
    assert [one.description for one in await scene.bot.get_my_commands()] == ["Help"]
    one = {"command": "help", "description": "x"}
    for commands, words in (
        ([one] * 101, "BOT_COMMANDS_TOO_MUCH"),
        ([one | {"command": "pomoc-ą"}], "BOT_COMMAND_INVALID"),
        ([one | {"description": "x" * 257}], "BOT_COMMAND_DESCRIPTION_INVALID"),
    ):
        assert await scene.refused("setMyCommands", commands=commands) == f"Bad Request: {words}"
