"""The top of the page: what this is, the time in the demo, the sides of a narrow screen, the language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from bot.sandbox.deeds import Deeds
from bot.sandbox.elements import PressButton, Words, box
from bot.sandbox.moments import day_and_time
from bot.sandbox.pane_tabs import PaneTabs
from bot.sandbox.world import DemoWorld
from handlers.texts import LANGUAGES, Texts

TITLE = "supportbot"
SIDES = ("customers", "agents")
MORNING = 8


class PageHeader:
    def __init__(
        self,
        world: DemoWorld,
        texts: Texts,
        deeds: Deeds,
        on_side: Callable[[str], None],
        on_language: Callable[[str], None],
    ) -> None:
        self._world = world
        self._texts = texts
        self._deeds = deeds
        with box("header", "top"):
            with box("div", "what"):
                Words("h1", TITLE)
                Words("p", texts("demo.what"))
            self._draw_clock()
            self._tabs = PaneTabs(SIDES, texts, on_side)
            Words("a", texts("demo.console"), "button small", href="/console", target="_blank")
            self._draw_languages(on_language)

    def _draw_clock(self) -> None:
        texts, world = self._texts, self._world
        with box("div", "clock", role="group", aria_label=texts("demo.time.title")):
            self._time = Words("time", "", "clock-time", title=texts("demo.time.title"))
            moves = [
                (texts("demo.time.minutes"), partial(world.move_on, timedelta(minutes=15))),
                (texts("demo.time.hour"), partial(world.move_on, timedelta(hours=1))),
                (texts("demo.time.morning"), partial(world.move_to_next, MORNING)),
            ]
            for label, move in moves:
                button = PressButton(label, partial(self._deeds.do, move), "button small")
                button.props["aria-label"] = texts("demo.time.move", by=label)

    def _draw_languages(self, on_language: Callable[[str], None]) -> None:
        with box("div", "languages", role="group", aria_label=self._texts("demo.page_language")):
            for name in LANGUAGES:
                button = PressButton(name.upper(), partial(on_language, name), "language")
                button.props["aria-pressed"] = "true" if name == self._texts.language else "false"
                if name == self._texts.language:
                    self.language = button

    def show_side(self, name: str) -> None:
        self._tabs.show(name)

    def draw(self) -> None:
        clock = self._world.clock
        self._time.text = day_and_time(clock(), clock.zone, self._texts)
