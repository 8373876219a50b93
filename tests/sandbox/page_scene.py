"""The demo's page in the hands of a test: what is seen on it, and who presses what."""

from __future__ import annotations

from typing import Any

from nicegui import ui
from nicegui.testing import User, UserInteraction
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import App
from bot.sandbox.elements import IconButton, PressButton, Words
from bot.sandbox.world import DemoWorld
from bot.scheduler import Scheduler
from bot.settings import Settings
from bot.worker import Worker
from storage.leadership import Leadership, Office
from tests.bot_under_test import BotUnderTest

PATIENCE = 40  # looks of a tenth of a second each


async def nothing(_held: object) -> None:
    """The tests work the queues themselves."""


def app_of(bot: BotUnderTest) -> App:
    return App(
        settings=Settings(_env_file=None),
        database=bot.database,
        channels={},
        gates={},
        desk=lambda: bot.desk,
        intake=bot.intake,
        worker=Worker(bot.database, nothing, nothing),
        scheduler=Scheduler(bot.database, lambda: bot.desk, lambda: bot.now, Leadership(bot.database, Office.JOBS)),
        clock=lambda: bot.now,
        nlu=bot.nlu,
    )


async def see(user: User, text: str) -> None:
    await user.should_see(text, retries=PATIENCE)


async def not_see(user: User, text: str) -> None:
    await user.should_not_see(text, retries=PATIENCE)


def press(user: User, label: str) -> None:
    user.find(kind=PressButton, content=label).click()


def named(user: User, name: str, pane: str = "") -> Any:
    """The visible control with this name for those who hear the page, in that pane if told; of several the last."""
    return all_named(user, name, pane)[-1]


def all_named(user: User, name: str, pane: str = "") -> list[Any]:
    controls = [one for one in elements_of(user) if one.props.get("aria-label") == name]
    return [one for one in controls if is_visible(one) and is_in(one, pane)]


def is_visible(element: Any) -> bool:
    return bool(element.visible) and all(above.visible for above in element.ancestors())


def is_in(element: Any, pane: str) -> bool:
    """`telegram`, `slack` of the customers, `slack desk` of the agents."""
    wanted = {"pane", *pane.split()}
    return not pane or any(set(above.classes) == wanted for above in element.ancestors())


def client_of(user: User) -> Any:
    assert user.client is not None
    return user.client


def press_named(user: User, name: str, pane: str = "") -> None:
    UserInteraction(user, {named(user, name, pane)}, None).click()


def choose(user: User, person: str, pane: str = "") -> None:
    """Becomes somebody, in the pane if told."""
    found = user.find(kind=Words, content=person).elements
    names = [one for one in found if "name" in one.classes and is_in(one, pane)]
    words = min(names, key=lambda one: one.id)
    element: Any = words.parent_slot.parent.parent_slot.parent  # type: ignore[union-attr]
    UserInteraction(user, {element}, None).click()


def choose_item(user: User, label: str, pane: str = "") -> None:
    """In a menu, whether it is open or not."""
    labels = [one for one in client_of(user).elements.values() if getattr(one, "text", "").startswith(label)]
    labels = [one for one in labels if is_in(one, pane) and is_visible(one)]
    words = next(one for one in labels if any(isinstance(above, ui.menu_item) for above in one.ancestors()))
    item = next(one for one in words.ancestors() if isinstance(one, ui.menu_item))
    UserInteraction(user, {item}, None).click()


def write(user: User, box: str, text: str) -> None:
    """Into the box of that name, and sends it."""
    area = named(user, box)
    with client_of(user):
        area.value = text
    frame = area.parent_slot.parent
    send = [one for one in frame.descendants() if type(one) is IconButton][-1]
    UserInteraction(user, {send}, None).click()


def counts(user: User) -> list[str]:
    return [one.text for one in client_of(user).elements.values() if "count" in one.classes]


def slack_bot(world: DemoWorld) -> AsyncWebClient:
    return AsyncWebClient(token=world.slack.app.bot_token, base_url=world.slack.api_url, retry_handlers=[])


def go(user: User, place: str, pane: str = "slack") -> None:
    found = user.find(kind=Words, content=place).elements
    words = next(one for one in found if "name" in one.classes and is_in(one, pane))
    assert words.parent_slot is not None
    UserInteraction(user, {words.parent_slot.parent}, None).click()


def elements_of(user: User) -> list[Any]:
    return list(client_of(user).elements.values())
