"""Which of several panes is shown where there is room for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from bot.sandbox.elements import PressButton, box
from handlers.texts import Texts


class PaneTabs:
    """Calls `on_pane(name)`; the names are also those of the texts."""

    def __init__(self, names: Sequence[str], texts: Texts, on_pane: Callable[[str], None]) -> None:
        self._tabs: dict[str, PressButton] = {}
        with box("nav", "tabs", aria_label=texts("demo.panes")):
            for name in names:
                self._tabs[name] = PressButton(texts(f"demo.pane.{name}"), partial(on_pane, name), "tab")

    def show(self, name: str) -> None:
        for other, tab in self._tabs.items():
            tab.props["aria-pressed"] = "true" if other == name else "false"
