from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from nicegui import ui
from nicegui.testing import User
from nicegui.testing.user_simulation import user_simulation

from bot.app import App
from bot.intake import Intake
from bot.sandbox.agent import refusal_text
from bot.sandbox.elements import PressButton
from bot.sandbox.page import add_demo_page
from bot.settings import Settings
from bot.worker import Worker
from handlers.handoff import AlreadyTaken
from handlers.tickets import IllegalTransition, TicketNotFound
from storage.database import Database
from storage.lanes import Gathering
from tests.sandbox.conftest import Demo

PATIENCE = 40  # looks of a tenth of a second each


async def nothing(_held: object) -> None:
    """The tests work the queues themselves."""


def app_of(demo: Demo, inbox: Database | None = None) -> App:
    """`inbox`: where messages are accepted, when that is not the bot's own database."""
    bot = demo.bot
    intake = bot.intake
    if inbox is not None:
        intake = Intake(inbox, lambda: bot.desk, bot.nlu, None, lambda: bot.now, Gathering())
    return App(
        settings=Settings(_env_file=None),
        database=bot.database,
        channels={"local": demo.channel},
        desk=lambda: bot.desk,
        intake=intake,
        worker=Worker(bot.database, nothing, nothing),
        clock=lambda: bot.now,
    )


@pytest.fixture
async def user(demo: Demo, caplog: pytest.LogCaptureFixture) -> AsyncIterator[User]:
    async with user_simulation() as user:
        add_demo_page(app_of(demo))
        await user.open("/?lang=en")
        await see(user, "no messages yet")
        yield user
    assert [record.message for record in caplog.get_records("call") if record.levelname == "ERROR"] == []


async def see(user: User, text: str) -> None:
    await user.should_see(text, retries=PATIENCE)


async def not_see(user: User, text: str) -> None:
    await user.should_not_see(text, retries=PATIENCE)


def press(user: User, label: str) -> None:
    user.find(kind=PressButton, content=label).click()


def write(user: User, text: str) -> None:
    """Into the first box, which is the customer's."""
    box = min(user.find(kind=ui.textarea).elements, key=lambda one: one.id)
    with box.client:
        box.value = text


async def test_an_example_gets_an_answer_in_the_chat(user: User, demo: Demo) -> None:
    demo.bot.nlu.teach("o której otwieracie w sobotę?", "opening_hours")
    press(user, "o której otwieracie w sobotę?")
    await see(user, "<p>o której otwieracie w sobotę?</p>")
    await demo.bot.work()
    await demo.deliver()
    await see(user, "9:00–14:00")


async def test_a_button_under_the_reply_is_an_action_of_the_customer(user: User, demo: Demo) -> None:
    press(user, "konsultant")
    await see(user, "<p>konsultant</p>")
    await demo.bot.work()
    await demo.deliver()
    await see(user, "Wróć do bota")
    press(user, "Wróć do bota")
    await see(user, "<p>Wróć do bota</p>")
    await demo.bot.work()
    assert (await demo.bot.conversation("demo-anna")).owner == "bot"


async def test_a_double_click_is_one_message_and_one_takeover(user: User, demo: Demo) -> None:
    press(user, "konsultant")
    press(user, "konsultant")
    await see(user, "<p>konsultant</p>")
    await demo.bot.work()
    await demo.deliver()
    await see(user, "Take over")
    press(user, "Take over")
    press(user, "Take over")
    await see(user, "Hand back to bot")
    await demo.deliver()
    assert [bubble.by for bubble in (await demo.view("demo-anna")).bubbles] == ["", "Bot", "Agent 1"]


async def test_an_agent_takes_over_answers_and_settles_on_the_desk(user: User, demo: Demo) -> None:
    press(user, "konsultant")
    await see(user, "<p>konsultant</p>")
    await demo.bot.work()
    await see(user, "Take over")
    press(user, "Take over")
    await see(user, "Hand back to bot")
    await demo.deliver()
    await see(user, "tu Agent 1 z obsługi klienta")
    press(user, "Resolve")
    await not_see(user, "Hand back to bot")
    await demo.deliver()
    await see(user, "Problem wrócił")


async def test_what_is_typed_stays_with_its_customer_and_survives_the_language_switch(user: User) -> None:
    write(user, "niedokończone")
    press(user, "PL")
    await see(user, "Nowy klient")
    boxes = [one.value for one in user.find(kind=ui.textarea).elements]
    assert boxes == ["niedokończone"]


async def test_a_refused_message_stays_in_the_box_with_an_error(demo: Demo, tmp_path: Path) -> None:
    not_migrated = Database(f"sqlite:///{tmp_path / 'not_migrated.db'}")
    async with user_simulation() as user:
        add_demo_page(app_of(demo, not_migrated))
        await user.open("/?lang=en")
        await see(user, "no messages yet")
        write(user, "dzień dobry")
        press(user, "Send")
        await see(user, "the database refused it")
        assert [one.value for one in user.find(kind=ui.textarea).elements] == ["dzień dobry"]
    await not_migrated.dispose()


async def test_a_page_that_is_closed_stops_listening(demo: Demo) -> None:
    async with user_simulation() as user:
        add_demo_page(app_of(demo))
        await user.open("/")
        await see(user, "brak wiadomości")
        assert len(demo.channel._listeners) == 1
        assert user.client is not None
        user.client.delete()
        assert demo.channel._listeners == []


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (TicketNotFound("#7"), "no longer exists"),
        (AlreadyTaken("Agent 2"), "Agent 2 has this chat already"),
        (IllegalTransition("#7: closed → resolved"), "does not allow"),
    ],
)
def test_a_refusal_is_told_in_plain_words(demo: Demo, refusal: Exception, words: str) -> None:
    assert words in refusal_text(refusal, demo.bot.texts("en"))  # type: ignore[arg-type]
