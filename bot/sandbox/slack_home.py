"""The app's Home tab as it was published for one person."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.elements import Words, box
from bot.sandbox.slack.views import View
from bot.sandbox.slack_blocks import parts_of
from bot.sandbox.slack_deeds import On, SlackDeeds
from bot.sandbox.slack_hands import Hands
from bot.sandbox.slack_parts import draw_parts
from handlers.texts import Texts


class SlackHome:
    def __init__(self, texts: Texts, deeds: SlackDeeds, hands: Callable[[On], Hands]) -> None:
        self._texts = texts
        self._deeds = deeds
        self._hands = hands
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
                return
            blocks = view.given.get("blocks") or []
            draw_parts(parts_of(blocks, self._deeds.reader, view.typed), self._hands(self._deeds.home))
