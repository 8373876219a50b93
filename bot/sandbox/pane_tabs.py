"""Which of several panes is shown where there is room for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from nicegui import ui

from bot.sandbox.elements import PressButton, box
from bot.sandbox.people_bar import badge
from handlers.texts import Texts


class PaneTabs:
    """Calls `on_pane(name)`; the names are also those of the texts."""

    def __init__(self, names: Sequence[str], texts: Texts, on_pane: Callable[[str], None]) -> None:
        self._texts = texts
        self._tabs: dict[str, PressButton] = {}
        self._badges: dict[str, ui.element] = {}
        with box("nav", "tabs", aria_label=texts("demo.panes")):
            for name in names:
                self._tabs[name] = PressButton(texts(f"demo.pane.{name}"), partial(on_pane, name), "tab")
                with self._tabs[name]:
                    self._badges[name] = box("span", "waiting")
        self._counts = dict.fromkeys(names, 0)

    def show(self, name: str) -> None:
        for other, tab in self._tabs.items():
            tab.props["aria-pressed"] = "true" if other == name else "false"

    def count(self, name: str, number: int) -> None:
        """How much there is to look at."""
        if number == self._counts[name]:
            return
        self._counts[name] = number
        self._badges[name].clear()
        if number:
            with self._badges[name]:
                badge(number, self._texts, "demo.tickets_waiting")
