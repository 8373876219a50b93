from __future__ import annotations

import asyncio
from typing import Any

import pytest
from nicegui.testing import User, UserInteraction

from bot.sandbox.telegram.chats import Standing
from bot.sandbox.telegram.people import Person
from bot.sandbox.world import DemoWorld
from tests.sandbox.page_scene import (
    all_named,
    choose,
    choose_item,
    client_of,
    counts,
    elements_of,
    go,
    named,
    not_see,
    press,
    press_named,
    see,
    slack_bot,
    write,
)
from tests.sandbox.telegram_scene import until
from tests.sandbox.test_telegram_view import BUTTONS, the_bot

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # nothing of it is in the database


async def bot_answers(world: DemoWorld, anna: Person, **how: Any) -> int:
    async with the_bot(world) as bot:
        return (await bot.send_message(anna.id, "Wysłać?", **how)).message_id


# Telegram


async def test_a_customer_writes_and_reads_the_answer(user: User, world: DemoWorld) -> None:
    anna = world.customers[0]
    press(user, "gdzie jest moja paczka ZAM-20481")
    await see(user, "gdzie jest moja paczka ZAM-20481")
    await bot_answers(world, anna)
    await see(user, "Wysłać?")
    write(user, "Message", "dzięki <b>")
    await see(user, "dzięki &lt;b&gt;")
    assert [one.text for one in anna.sees()] == ["gdzie jest moja paczka ZAM-20481", "Wysłać?", "dzięki <b>"]


async def test_a_button_is_pressed_once_until_the_bot_answers_and_its_notice_is_shown(
    user: User, world: DemoWorld
) -> None:
    anna = world.customers[0]
    press(user, "START")
    await bot_answers(world, anna, reply_markup=BUTTONS)
    await see(user, "Tak")
    press(user, "Tak")
    press(user, "Tak")
    await until(lambda: bool(anna.presses_made))
    await asyncio.sleep(0.1)
    assert len(anna.presses_made) == 1
    async with the_bot(world) as bot:
        await bot.answer_callback_query(anna.presses_made[0].id, "Zapisane")
    await see(user, "Zapisane")
    press(user, "Tak")
    await until(lambda: len(anna.presses_made) == 2)


async def test_a_message_is_edited_in_the_box_and_removed(user: User, world: DemoWorld) -> None:
    anna = world.customers[0]
    write(user, "Message", "jeden")
    await until(lambda: bool(anna.sees()))
    await see(user, "12:00")
    press_named(user, "Edit")
    await see(user, "Editing a message")
    assert named(user, "Message").value == "jeden"
    write(user, "Message", "dwa")
    await see(user, "edited")
    press_named(user, "Delete")
    await see(user, "message deleted")
    assert [(one.text, one.is_removed) for one in anna.sees()] == [("dwa", True)]


async def test_samples_of_everything_are_sent_from_the_menu(user: User, world: DemoWorld) -> None:
    for label in ("Photo", "Album of three photos", "Receipt (PDF)", "Voice message", "Sticker", "Location"):
        choose_item(user, label)
    await until(lambda: len(world.customers[0].sees()) == 8)
    choose_item(user, "My phone number")
    await see(user, "Anna +48 500 100 200")


async def test_the_bots_menu_sends_its_commands(user: User, world: DemoWorld) -> None:
    async with the_bot(world) as bot:
        await bot.set_my_commands([("status", "Zgłoszenia")], language_code="pl")
    await see(user, "/status")
    choose_item(user, "/status")
    await until(lambda: [one.text for one in world.customers[0].sees()] == ["/status"])


async def test_a_customer_who_blocked_the_bot_cannot_write_until_they_unblock_it(user: User, world: DemoWorld) -> None:
    anna = world.customers[0]
    choose_item(user, "Block the bot")
    await see(user, "Unblock")
    assert all_named(user, "Message") == []
    assert anna.chat.standing is Standing.KICKED
    press(user, "Unblock")
    await not_see(user, "Unblock")
    assert anna.chat.standing is Standing.MEMBER


async def test_a_reaction_is_given_and_taken_back(user: User, world: DemoWorld) -> None:
    anna = world.customers[0]
    press(user, "START")
    await bot_answers(world, anna)
    await see(user, "👎")
    press(user, "👎")
    await until(lambda: anna.sees()[-1].reactions == ("👎",))
    press_named(user, "React with 👎")
    await until(lambda: anna.sees()[-1].reactions == ())


async def test_what_another_customer_got_is_unread_until_one_is_them(user: User, world: DemoWorld) -> None:
    marek = world.customers[1]
    marek.types("hej")
    await bot_answers(world, marek)
    await until(lambda: counts(user) == ["1"])
    choose(user, "Marek")
    await see(user, "Wysłać?")
    assert counts(user) == []


async def test_drafts_stay_with_their_customer_and_survive_a_change_of_language(user: User, world: DemoWorld) -> None:
    with client_of(user):
        named(user, "Message").value = "niedokończone"
    choose(user, "Marek")
    assert named(user, "Message").value == ""
    choose(user, "Anna")
    press(user, "PL")
    await see(user, "Tu pojawią się sprawy")
    assert named(user, "Wiadomość").value == "niedokończone"


async def test_a_link_to_our_bot_is_followed_on_the_phone(user: User, world: DemoWorld) -> None:
    root = next(one for one in client_of(user).elements.values() if "demo" in one.classes)
    UserInteraction(user, {root}, None).trigger("click", "code-1")
    await until(lambda: [one.text for one in world.customers[0].sees()] == ["/start code-1"])


# Slack


async def test_a_customer_writes_to_the_app_and_presses_in_its_answer(user: User, world: DemoWorld) -> None:
    zofia = world.slack_customers[0]
    write(user, "Message Support", "gdzie jest *paczka*?")
    await see(user, "gdzie jest <strong>paczka</strong>?")
    button = {"type": "button", "text": {"type": "plain_text", "text": "Tak, wyślij"}, "action_id": "go", "value": "1"}
    await slack_bot(world).chat_postMessage(
        channel=zofia.dm.id, text="Wysłać?", blocks=[{"type": "actions", "elements": [button]}]
    )
    await see(user, "Tak, wyślij")
    press(user, "Tak, wyślij")
    await see(user, "The bot did not answer in time.")  # no bot listens here
    (sent,) = [one for one in world.slack.journal.deliveries if one.payload["type"] == "block_actions"]
    assert (sent.payload["user"]["id"], sent.payload["actions"][0]["value"]) == (zofia.id, "1")


async def test_in_a_channel_the_bot_is_mentioned_and_threads_are_answered(user: User, world: DemoWorld) -> None:
    dave = world.slack_customers[1]
    choose(user, "Dave")
    await see(user, "acme-support")
    go(user, "acme-support")
    await see(user, "shared with Acme")
    press_named(user, "Mention @Support")
    write(user, "Message #acme-support", "@Support late again")
    await see(user, '<span class="named">@Support</span> late again')
    press_named(user, "Reply in thread", "slack")
    await until(lambda: bool(all_named(user, "Reply in the thread", "slack")))
    write(user, "Reply in the thread", "any news?")
    talk, acme = world.slack.space.talk, world.places_of(dave)[0].id
    await until(lambda: len(talk.of(acme)) == 2)
    root, reply = talk.of(acme)
    assert root.text == f"<@{world.slack.app.bot_user}> late again"
    assert reply.thread_ts == root.ts
    await see(user, "1 reply")
    press_named(user, "Close thread", "slack")
    await until(lambda: not all_named(user, "Reply in the thread", "slack"))


async def test_ones_own_message_is_edited_and_deleted(user: User, world: DemoWorld) -> None:
    write(user, "Message Support", "jeden & pół")
    await see(user, "jeden &amp; pół")
    press_named(user, "More", "slack")
    choose_item(user, "Edit", "slack")
    await until(lambda: named(user, "Message Support").value == "jeden & pół")
    write(user, "Message Support", "dwa")
    await see(user, "(edited)")
    press_named(user, "More", "slack")
    choose_item(user, "Delete", "slack")
    await not_see(user, "(edited)")


async def test_people_of_other_companies_are_told_that_they_have_no_commands(user: User) -> None:
    choose(user, "Dave")
    await until(lambda: named(user, "Message Support") is not None)
    write(user, "Message Support", "/support")
    await see(user, "cannot use our commands")


async def test_a_file_is_shared(user: User, world: DemoWorld) -> None:
    choose_item(user, "Receipt (PDF)", "slack")
    await see(user, "receipt.pdf")
    choose_item(user, "Photo", "slack")
    await until(lambda: len(world.slack.space.talk.of(world.slack_customers[0].dm.id)) == 2)
    await until(lambda: any(one.props.get("src", "").startswith("data:image/png") for one in elements_of(user)))


async def test_the_home_tab_shows_what_the_app_published(user: User, world: DemoWorld) -> None:
    press(user, "Home")
    await see(user, "has not published anything")
    assert {one.payload["event"]["type"] for one in world.slack.journal.deliveries} == {"app_home_opened"}
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Moje* zgłoszenia"}}]
    await slack_bot(world).views_publish(user_id=world.slack_customers[0].id, view={"type": "home", "blocks": blocks})
    await see(user, "<strong>Moje</strong> zgłoszenia")


# The clock


async def test_the_clock_is_moved_on_for_everybody(user: User, world: DemoWorld) -> None:
    await see(user, "Mon, 23 Nov · 12:00")
    press(user, "+15 min")
    await see(user, "Mon, 23 Nov · 12:15")
    press(user, "to 8:00 am")
    await see(user, "Tue, 24 Nov · 8:00")
    assert world.telegram.clock() == world.slack.clock() == world.clock()


async def test_a_page_that_is_closed_leaves_nothing_behind(user: User) -> None:
    client_of(user).delete()
    await asyncio.sleep(0.5)
