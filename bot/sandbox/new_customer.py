"""Asking who a new customer in Telegram is."""

from __future__ import annotations

from collections.abc import Callable

from nicegui import ui

from bot.sandbox.elements import PressButton, Words, box
from bot.sandbox.world import MOST_NAME_CHARACTERS
from handlers.texts import Texts


class NewCustomerDialog:
    """Calls `on_new(name, language)`."""

    def __init__(self, texts: Texts, on_new: Callable[[str, str], None]) -> None:
        self._texts = texts
        self._on_new = on_new
        with ui.dialog() as self._dialog, box("form", "dialog", aria_label=texts("demo.new_customer")) as form:
            Words("h2", texts("demo.new_customer"))
            Words("p", texts("demo.new_customer_hint"), "hint")
            self._name = ui.input(texts("demo.name")).props("outlined dense autofocus")
            self._name.props["maxlength"] = MOST_NAME_CHARACTERS
            self._language = ui.radio({"pl": "Polski", "en": "English"}, value=texts.language).props("inline dense")
            self._language.props["aria-label"] = texts("demo.language")
            with box("div", "row end"):
                PressButton(texts("demo.cancel"), self._dialog.close)
                Words("button", texts("demo.add"), "button primary", type="submit")
        form.on("submit.prevent", self._add)

    def ask(self) -> None:
        self._name.value = ""
        self._name.error = None
        self._dialog.open()

    def _add(self) -> None:
        name = " ".join((self._name.value or "").split())
        if not name:
            self._name.error = self._texts("demo.name_missing")
            return
        self._dialog.close()
        self._on_new(name, str(self._language.value))
