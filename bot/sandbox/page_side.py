"""One half of the page: several panes, one of them shown."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from bot.sandbox.elements import box
from bot.sandbox.pane_tabs import PaneTabs
from handlers.texts import Texts


class PageSide:
    """The panes are drawn inside `with`; `shown` remembers, by side, which one is looked at."""

    def __init__(self, name: str, panes: Sequence[str], texts: Texts, shown: dict[str, str]) -> None:
        self._name = name
        self._shown = shown
        self._element = box("div", f"side {name}")
        with self._element:
            self._tabs = PaneTabs(panes, texts, self.show)
        self.show(shown[name])

    def __enter__(self) -> PageSide:
        self._element.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._element.__exit__(kind, error, trace)

    def show(self, pane: str) -> None:
        self._shown[self._name] = pane
        self._element.props["data-pane"] = pane
        self._tabs.show(pane)

    def count(self, pane: str, number: int) -> None:
        self._tabs.count(pane, number)
