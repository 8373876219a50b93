"""Where a person can be in Slack: channels, and the app."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from bot.sandbox.elements import Words, box
from bot.sandbox.keyed_list import KeyedList
from bot.sandbox.people_bar import badge
from handlers.texts import Texts


@dataclass(frozen=True)
class PlaceEntry:
    """`icon`: a channel, one behind a lock, one shared with another company, or the app."""

    id: str
    name: str
    icon: str
    unread: int
    is_chosen: bool


class SlackSidebar:
    """Draws places; a click calls `on_go(id)`."""

    def __init__(self, workspace: str, texts: Texts, on_go: Callable[[str], object]) -> None:
        self._texts = texts
        self._on_go = on_go
        with box("nav", "sidebar", aria_label=texts("demo.slack.places")):
            Words("p", workspace, "workspace-name")
            self._channels_title = Words("p", texts("demo.slack.channels"), "sidebar-title")
            self._channels = self._list("places")
            Words("p", texts("demo.slack.apps"), "sidebar-title")
            self._apps = self._list("places")

    def draw(self, channels: Sequence[PlaceEntry], apps: Sequence[PlaceEntry]) -> None:
        self._channels_title.set_visibility(bool(channels))
        self._channels.draw([(entry.id, entry) for entry in channels])
        self._apps.draw([(entry.id, entry) for entry in apps])

    def _list(self, classes: str) -> KeyedList[str, PlaceEntry]:
        return KeyedList(box("div", classes), self._make, self._fill)

    def _make(self, place: str) -> ui.element:
        element = box("button", "place", type="button")
        element.on("click", lambda: self._on_go(place))
        return element

    def _fill(self, element: ui.element, entry: PlaceEntry) -> None:
        element.classes(replace="place has-unread" if entry.unread else "place")
        element.props["aria-current"] = "true" if entry.is_chosen else "false"
        ui.icon(entry.icon).props("aria-hidden=true")
        Words("span", entry.name, "name")
        if entry.unread:
            badge(entry.unread, self._texts)
