"""One half of the page: a pane, or several of which one is shown."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from bot.sandbox.elements import Words, box
from bot.sandbox.pane_tabs import PaneTabs
from handlers.texts import Texts


class PageSide:
    """The panes are drawn inside `with`; `shown` remembers, by side, which one is looked at."""

    def __init__(self, name: str, panes: Sequence[str], texts: Texts, shown: dict[str, str]) -> None:
        self._name = name
        self._shown = shown
        self._element = box("div", f"side {name}")
        with self._element:
            if len(panes) == 1:
                Words("h2", texts(f"demo.pane.{panes[0]}"), "side-title")
            self._tabs = PaneTabs(panes, texts, self.show) if len(panes) > 1 else None
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
        if self._tabs is not None:
            self._tabs.show(pane)
