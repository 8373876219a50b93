"""Slack's question before a button does what cannot easily be undone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nicegui import ui

from bot.sandbox.elements import PressButton, Words, box
from bot.sandbox.slack_controls import Confirm
from bot.sandbox.slack_focus import Focus


class ConfirmDialog:
    """`on_change` is called when it has opened or closed."""

    def __init__(self, focus: Focus, on_change: Callable[[], None]) -> None:
        self._focus = focus
        self._on_change = on_change
        self._answer: asyncio.Future[bool] | None = None
        self.element = box("div", "slack-layer confirm")
        self.element.set_visibility(False)

    @property
    def is_open(self) -> bool:
        return self._answer is not None

    async def ask(self, what: Confirm) -> bool:
        """Whether somebody said yes; a question that is still open is answered no."""
        self.settle(False)
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self.element.clear()
        with self.element:
            self._draw(what)
        self.element.set_visibility(True)
        self._on_change()
        return await answer

    def settle(self, said: bool) -> None:
        answer, self._answer = self._answer, None
        if answer is None:
            return
        self.element.set_visibility(False)
        self.element.clear()
        self._on_change()
        self._focus.go_back()
        if not answer.done():
            answer.set_result(said)

    def _draw(self, what: Confirm) -> None:
        with box("div", "slack-modal small", role="alertdialog", aria_modal="true", aria_label=what.title) as dialog:
            with box("div", "modal-head"):
                Words("h2", what.title)
            with box("div", "modal-text"):
                ui.html(what.html, sanitize=False).classes("words")  # escaped where it was made
            with box("div", "modal-foot"):
                PressButton(what.no, lambda: self.settle(False), "slack-button")
                yes = PressButton(what.yes, lambda: self.settle(True), "slack-button primary")
                yes.props["data-focus"] = "true"
                if what.is_dangerous:
                    yes.classes(replace="slack-button danger solid")
        dialog.on("keydown.escape", lambda: self.settle(False))
        self._focus.go_in(dialog, stays=False)
