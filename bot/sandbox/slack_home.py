"""The app's Home tab as it was published for one person."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.sandbox.elements import Words, box
from bot.sandbox.slack.screen import Pressable
from bot.sandbox.slack.views import View
from bot.sandbox.slack_blocks import parts_of
from bot.sandbox.slack_parts import draw_parts
from handlers.texts import Texts


class SlackHome:
    def __init__(
        self, texts: Texts, press: Callable[[Pressable, str | None], Awaitable[None]], name: Callable[[str], str]
    ) -> None:
        self._texts = texts
        self._press = press
        self._name = name
        self._shown: tuple[str, str] | None = ("", "")
        self.element = box("div", "home-tab", tabindex="0", role="region", aria_label=texts("demo.slack.home"))

    def draw(self, view: View | None) -> None:
        """Anew after each publication only."""
        shown = (view.id, view.hash) if view else None
        if shown == self._shown:
            return
        self._shown = shown
        self.element.clear()
        with self.element:
            if view is None:
                Words("p", self._texts("demo.slack.no_home"), "hint")
            else:
                draw_parts(parts_of(view.given.get("blocks") or [], self._name), self._press)
