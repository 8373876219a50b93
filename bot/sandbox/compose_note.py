"""A line above the box that says what the words in it are for, with a way out."""

from __future__ import annotations

from collections.abc import Callable

from bot.sandbox.elements import IconButton, Words, box
from handlers.texts import Texts


class ComposeNote:
    def __init__(self, texts: Texts, on_leave: Callable[[], None]) -> None:
        with box("div", "compose-note") as self._element:
            self._words = Words("span", "")
            IconButton("close", texts("demo.cancel"), on_leave)
        self._element.set_visibility(False)

    def show(self, words: str) -> None:
        """Nothing to say: not there."""
        self._words.text = words
        self._element.set_visibility(bool(words))
