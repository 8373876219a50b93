"""The messages of a chat in Telegram."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from nicegui import ui

from bot.sandbox.elements import IconButton, PressButton, Words, box
from bot.sandbox.keyed_list import KeyedList
from bot.sandbox.safe_html import is_web
from bot.sandbox.telegram_deeds import PhoneDeeds
from bot.sandbox.telegram_view import PhoneButton, PhoneMessage
from handlers.texts import Texts

ICONS = {
    "photo": "image",
    "voice": "mic",
    "video": "movie",
    "sticker": "emoji_emotions",
    "location": "location_on",
    "contact": "person",
}
REACTIONS = ("👍", "👎", "❤")


class PhoneLog:
    """Draws messages; `on_edit(message_id)` begins to edit one."""

    def __init__(self, texts: Texts, deeds: PhoneDeeds, on_edit: Callable[[int], None]) -> None:
        self._texts = texts
        self._deeds = deeds
        self._on_edit = on_edit
        log = box("div", "log", role="log", aria_live="polite", aria_label=texts("demo.log"))
        self._list = KeyedList[int, PhoneMessage](log, self._make, self._fill)

    def draw(self, messages: Sequence[PhoneMessage]) -> None:
        self._list.draw([(message.id, message) for message in messages])

    def clear(self) -> None:
        self._list.clear()

    def _make(self, _: int) -> ui.element:
        return box("div")

    def _fill(self, element: ui.element, message: PhoneMessage) -> None:
        side = "mine" if message.is_mine else "theirs"
        element.classes(replace=f"bubble-row {side}" + (" begins" if message.begins_run else ""))
        if message.day:
            Words("p", message.day, "day")
        with box("div", "bubble-line"), box("div", "bubble-block"):
            with box("div", "bubble removed" if message.is_removed else "bubble"):
                self._draw_inside(message)
            self._draw_buttons(message)
            self._draw_reactions(message)
            if not message.is_removed:
                self._draw_tools(message)

    def _draw_inside(self, message: PhoneMessage) -> None:
        texts = self._texts
        if message.is_removed:
            Words("span", texts("demo.telegram.removed"), "gone")
        if message.quote:
            Words("span", message.quote, "quoted")
        if message.file_kind:
            with box("span", "file-chip"):
                ui.icon(ICONS.get(message.file_kind, "description"))
                Words("span", message.file)
        if message.html:
            # Made by telegram_html, which escapes every word.
            ui.html(message.html, sanitize=False, tag="span").classes("words")
        with box("span", "stamp"):
            if message.is_edited and not message.is_removed:
                Words("span", texts("demo.edited"))
            Words("time", message.time)
            if message.is_mine:
                ui.icon("done_all").props("aria-hidden=true")

    def _draw_buttons(self, message: PhoneMessage) -> None:
        for row in message.buttons:
            with box("div", "key-row"):
                for button in row:
                    self._draw_button(message.id, button)

    def _draw_button(self, message_id: int, button: PhoneButton) -> None:
        if button.url:
            if is_web(button.url):
                Words("a", f"{button.label} ↗", "key", href=button.url, target="_blank", rel="noopener noreferrer")
            else:
                Words("span", button.label, "key")
            return
        classes = "key is-waiting" if button.is_waiting else "key"
        PressButton(button.label, partial(self._deeds.press, message_id, button.data), classes)

    def _draw_reactions(self, message: PhoneMessage) -> None:
        if not message.reactions:
            return
        with box("div", "reactions"):
            for emoji in dict.fromkeys(message.reactions):
                count = message.reactions.count(emoji)
                Words("span", emoji if count == 1 else f"{emoji} {count}", "reaction")

    def _draw_tools(self, message: PhoneMessage) -> None:
        """Small deeds beside a message, shown where the pointer or the focus is."""
        texts = self._texts
        with box("div", "tools"):
            if message.is_mine:
                IconButton("edit", texts("demo.edit"), partial(self._on_edit, message.id))
                IconButton("delete", texts("demo.delete"), partial(self._deeds.remove, message.id))
                return
            for emoji in REACTIONS:
                button = PressButton(emoji, partial(self._deeds.react, message, emoji), "icon-button")
                button.props["aria-label"] = texts("demo.react", emoji=emoji)
                button.props["aria-pressed"] = "true" if message.my_reaction == emoji else "false"
