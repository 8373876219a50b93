"""A short notice over the chat that goes by itself."""

from __future__ import annotations

from nicegui import ui

from bot.sandbox.elements import Words, box

SHOWN_SECONDS = 3.0


class Toast:
    def __init__(self) -> None:
        with box("div") as self._place:
            self._words = Words("p", "", "toast", role="status")
        self._words.set_visibility(False)
        self._latest = 0

    def show(self, words: str) -> None:
        """Instead of the one before."""
        self._latest += 1
        self._words.text = words
        self._words.set_visibility(True)
        with self._place:
            ui.timer(SHOWN_SECONDS, lambda this=self._latest: self._hide(this), once=True)

    def _hide(self, notice: int) -> None:
        if notice == self._latest:
            self._words.set_visibility(False)
