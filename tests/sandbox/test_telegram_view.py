from __future__ import annotations

from typing import Any

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram import ReplyKeyboardMarkup as Keyboard
from telegram.request import HTTPXRequest

from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.world import Press
from bot.sandbox.telegram_view import PhoneButton, PhoneView, commands_for, phone_view, said_to
from bot.sandbox.world import DemoWorld
from tests.bot_under_test import CATALOGUES
from tests.sandbox.telegram_scene import NO_CERTIFICATES

BUTTONS = InlineKeyboardMarkup(
    [[InlineKeyboardButton("Tak", callback_data="y")], [InlineKeyboardButton("Sklep", url="https://a.example/")]]
)


def the_bot(world: DemoWorld) -> Bot:
    requests = [HTTPXRequest(httpx_kwargs=NO_CERTIFICATES) for _ in range(2)]
    url = world.telegram.url
    return Bot(
        world.telegram.token, f"{url}/bot", f"{url}/file/bot", request=requests[0], get_updates_request=requests[1]
    )


def view(world: DemoWorld, person: Person, language: str = "pl", pressed: dict[Any, Press] | None = None) -> PhoneView:
    return phone_view(person, pressed or {}, CATALOGUES["ty"][language], world.clock(), world.clock.zone)


def anna_of(world: DemoWorld) -> Person:
    return world.customers[0]


async def test_a_chat_is_shown_as_the_customer_sees_it(world: DemoWorld) -> None:
    anna = anna_of(world)
    asked = anna.types("Gdzie jest <moja> paczka?")
    async with the_bot(world) as bot:
        await bot.send_message(
            anna.id, "<b>Jutro</b>", "HTML", reply_markup=BUTTONS, reply_parameters=ReplyParameters(asked.id)
        )
    mine, theirs = view(world, anna).messages
    assert (mine.is_mine, mine.html, mine.time, mine.day) == (True, "Gdzie jest &lt;moja&gt; paczka?", "12:00", "Dziś")
    assert (theirs.is_mine, theirs.html, theirs.day) == (False, "<strong>Jutro</strong>", "")
    assert theirs.quote == "Gdzie jest <moja> paczka?"
    assert theirs.buttons == ((PhoneButton("Tak", "y"),), (PhoneButton("Sklep", url="https://a.example/"),))
    assert said_to(anna) == 1


async def test_a_pressed_button_waits_for_the_bots_answer(world: DemoWorld) -> None:
    anna = anna_of(world)
    anna.types("hej")
    async with the_bot(world) as bot:
        sent = await bot.send_message(anna.id, "Wysłać?", reply_markup=BUTTONS)
        message = anna.world.message(anna.chat, sent.message_id)
        assert message is not None
        pressed = {(sent.message_id, "y"): anna.presses_data(message, "y")}
        assert view(world, anna, pressed=pressed).messages[-1].buttons[0][0].is_waiting
        await bot.answer_callback_query(pressed[sent.message_id, "y"].id)
    assert not view(world, anna, pressed=pressed).messages[-1].buttons[0][0].is_waiting


async def test_edited_and_removed_messages_are_marked(world: DemoWorld) -> None:
    anna = anna_of(world)
    first, second = anna.types("jeden"), anna.types("dwa")
    anna.edits(first, "trzy")
    anna.removes(second)
    one, two = view(world, anna).messages
    assert (one.is_edited, one.html) == (True, "trzy")
    assert (two.is_removed, two.html) == (True, "")


async def test_attachments_are_told_in_words(world: DemoWorld) -> None:
    anna = anna_of(world)
    anna.sends_file("photo", "p.jpg", caption="Taka paczka")
    anna.sends_file("document", "faktura.pdf")
    anna.sends_file("voice", "v.ogg")
    anna.shares_location(52.2297, 21.0122)
    anna.shares_contact("+48500100200", "Anna")
    anna.sends_file("video_note", "v.mp4")
    shown = [(one.file_kind, one.file, one.html) for one in view(world, anna, "en").messages]
    assert shown == [
        ("photo", "Photo", "Taka paczka"),
        ("document", "faktura.pdf", ""),
        ("voice", "Voice message", ""),
        ("location", "52.2297, 21.0122", ""),
        ("contact", "Anna +48500100200", ""),
        ("video_note", "File", ""),
    ]


async def test_messages_of_one_side_stand_together_until_the_day_ends(world: DemoWorld) -> None:
    anna = anna_of(world)
    anna.types("jeden")
    anna.types("dwa")
    await world.move_to_next(8)
    anna.types("trzy")
    assert [(one.begins_run, one.day) for one in view(world, anna).messages] == [
        (True, "Wczoraj"),
        (False, ""),
        (True, "Dziś"),
    ]


async def test_a_reply_keyboard_stays_until_it_is_taken_away(world: DemoWorld) -> None:
    anna = anna_of(world)
    anna.types("hej")
    async with the_bot(world) as bot:
        await bot.send_message(anna.id, "Ile gwiazdek?", reply_markup=Keyboard([["1", "2"]]))
        await bot.send_message(anna.id, "?")
        assert view(world, anna).keys == (("1", "2"),)
        await bot.send_message(anna.id, "Dziękuję", reply_markup=ReplyKeyboardRemove())
    assert view(world, anna).keys == ()


async def test_typing_blocking_and_reactions_show(world: DemoWorld) -> None:
    anna = anna_of(world)
    anna.types("hej")
    async with the_bot(world) as bot:
        await bot.send_chat_action(anna.id, "typing")
        assert view(world, anna).is_typing
        sent = await bot.send_message(anna.id, "Cześć")
    anna.reacts(sent.message_id, "👍")
    anna.blocks()
    seen = view(world, anna)
    assert (seen.is_typing, seen.is_blocked) == (False, True)
    assert (seen.messages[-1].reactions, seen.messages[-1].my_reaction) == (("👍",), "👍")


async def test_the_bots_menu_is_the_one_for_the_customers_language(world: DemoWorld) -> None:
    anna, _, tom = world.customers
    assert commands_for(anna) == []
    async with the_bot(world) as bot:
        await bot.set_my_commands([BotCommand("help", "Help")])
        await bot.set_my_commands([BotCommand("help", "Pomoc")], language_code="pl")
        assert (commands_for(anna), commands_for(tom)) == ([("help", "Pomoc")], [("help", "Help")])
        everywhere = [BotCommand("status", "Tickets")]
        await bot.set_my_commands(everywhere, scope=BotCommandScopeAllPrivateChats())
    assert commands_for(tom) == [("status", "Tickets")]
