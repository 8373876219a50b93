"""Who one is: a row of people to switch between."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from bot.sandbox.elements import Words, box
from bot.sandbox.keyed_list import KeyedList
from handlers.texts import Texts

COLOURS = 6


@dataclass(frozen=True)
class PersonEntry:
    """`about` tells more in a word or two; `colour` picks the ground of the initial."""

    key: str
    name: str
    about: str
    unread: int
    is_chosen: bool
    colour: int


class PeopleBar:
    """Draws entries; a click calls `on_choose(key)`. `place` is where they are; `end` draws what stands after them."""

    def __init__(
        self, place: str, texts: Texts, on_choose: Callable[[str], object], end: Callable[[], object] = lambda: None
    ) -> None:
        self._texts = texts
        self._on_choose = on_choose
        with box("div", "people-bar"):
            with box("div", "people", role="group", aria_label=texts("demo.who", place=place)) as people:
                self._list = KeyedList[str, PersonEntry](people, self._make, self._fill)
            end()

    def draw(self, entries: Sequence[PersonEntry]) -> None:
        self._list.draw([(entry.key, entry) for entry in entries])

    def _make(self, key: str) -> ui.element:
        element = box("button", "person", type="button")
        element.on("click", lambda: self._on_choose(key))
        return element

    def _fill(self, element: ui.element, entry: PersonEntry) -> None:
        element.props["aria-pressed"] = "true" if entry.is_chosen else "false"
        avatar(entry.name, entry.colour)
        with box("span", "person-words"):
            Words("span", entry.name, "name")
            Words("span", entry.about, "about")
        if entry.unread:
            badge(entry.unread, self._texts)


def avatar(name: str, colour: int) -> None:
    Words("span", name[:1].upper(), f"avatar colour-{colour % COLOURS}", aria_hidden="true")


def badge(count: int, texts: Texts, words: str = "demo.unread") -> None:
    """A number with what it counts, for those who hear the page."""
    Words("span", str(count), "count", role="img", aria_label=texts.plural(words, count))
