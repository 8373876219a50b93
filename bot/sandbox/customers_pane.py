"""Left: the customers one can switch between, and making a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import ui

from bot.sandbox.customers import MOST_NAME_CHARACTERS, CustomerEntry
from bot.sandbox.elements import PressButton, Words, box
from handlers.texts import Texts


class CustomersPane:
    """Draws entries; a click calls `on_choose(chat_id)`, a new customer `on_new(name, language)`."""

    def __init__(
        self, texts: Texts, on_choose: Callable[[str], None], on_new: Callable[[str, str], None]
    ) -> None:  # fmt: skip
        self._texts = texts
        self._on_choose = on_choose
        self._on_new = on_new
        self._shown: dict[str, tuple[CustomerEntry, ui.element]] = {}
        with box("section", "pane customers", aria_label=texts("demo.customers")):
            with box("header", "pane-head"):
                Words("h2", texts("demo.customers"))
                Words("span", texts("demo.badge"), "badge")
            self._list = box("div", "customer-list")
            with box("div", "pane-foot"):
                PressButton(texts("demo.new_customer"), self._ask, "button wide")
        self._dialog = self._make_dialog()

    def draw(self, entries: Sequence[CustomerEntry]) -> None:
        for entry in entries:
            shown, element = self._shown.get(entry.chat_id, (None, None))
            if element is None:
                with self._list:
                    element = box("button", "customer", type="button")
                    element.on("click", lambda chat_id=entry.chat_id: self._on_choose(chat_id))
            if shown != entry:
                self._fill(element, entry)
                self._shown[entry.chat_id] = entry, element

    def _fill(self, element: ui.element, entry: CustomerEntry) -> None:
        element.clear()
        element.props["aria-pressed"] = "true" if entry.chosen else "false"
        with element:
            Words("span", entry.initial, "avatar", aria_hidden="true")
            with box("span", "customer-words"):
                with box("span", "customer-name"):
                    Words("span", entry.name, "name")
                    Words("span", entry.language.upper(), "tag")
                Words("span", entry.last_line, "last-line")
            if entry.unread:
                unread = self._texts.plural("demo.unread", entry.unread)
                Words("span", str(entry.unread), "count", role="img", aria_label=unread)

    def _make_dialog(self) -> ui.dialog:
        texts = self._texts
        with ui.dialog() as dialog, box("form", "dialog", aria_label=texts("demo.new_customer")) as form:
            Words("h2", texts("demo.new_customer"))
            Words("p", texts("demo.new_customer_hint"), "hint")
            self._name = ui.input(texts("demo.name")).props("outlined dense autofocus")
            self._name.props["maxlength"] = MOST_NAME_CHARACTERS
            self._language = ui.radio({"pl": "Polski", "en": "English"}, value=texts.language).props("inline dense")
            self._language.props["aria-label"] = texts("demo.language")
            with box("div", "row end"):
                PressButton(texts("demo.cancel"), dialog.close)
                Words("button", texts("demo.add"), "button primary", type="submit")
        form.on("submit.prevent", self._add)
        return dialog

    def _ask(self) -> None:
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
