"""The few native elements that the demo page is made of. Text goes in as text, never as HTML."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

from handlers.texts import Texts

Sent = Callable[[str], Awaitable[bool]]

ENTER_SENDS = """(event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    emit(event.target.value);
}"""


def box(tag: str, classes: str = "", **attributes: str) -> ui.element:
    """An element for others; `aria_label="…"` becomes `aria-label`."""
    element = ui.element(tag).classes(classes)
    return _with_attributes(element, attributes)


class Words(TextElement):
    """An element with text."""

    def __init__(self, tag: str, text: str, classes: str = "", **attributes: str) -> None:
        super().__init__(tag=tag, text=text)
        self.classes(classes)
        _with_attributes(self, attributes)


class PressButton(Words):
    """A real button."""

    def __init__(self, text: str, on_press: Callable[[], Any], classes: str = "button", **attributes: str) -> None:
        super().__init__("button", text, classes, type="button", **attributes)
        self.on("click", on_press)

    @property
    def is_enabled(self) -> bool:
        return "disabled" not in self.props

    def enable(self, enabled: bool) -> None:
        if enabled == ("disabled" in self.props):
            self.props.set_bool("disabled", not enabled)

    def focus(self) -> None:
        self.run_method("focus")


class IconButton(PressButton):
    """A button with a picture; `name` says what it does."""

    def __init__(self, icon: str, name: str, on_press: Callable[[], Any], classes: str = "icon-button") -> None:
        super().__init__("", on_press, classes, aria_label=name, title=name)
        with self:
            ui.icon(icon)


class MenuButton(PressButton):
    """A button that opens a menu of deeds: (icon, label, what is done)."""

    def __init__(
        self, icon: str, name: str, deeds: Sequence[tuple[str, str, Callable[[], Any]]], classes: str = "icon-button"
    ) -> None:
        super().__init__("", lambda: None, classes, aria_label=name, title=name, aria_haspopup="menu")
        with self:
            ui.icon(icon)
            with ui.menu().classes("menu"):
                for picture, label, deed in deeds:
                    with ui.menu_item(on_click=deed).classes("menu-item"):
                        ui.icon(picture)
                        Words("span", label)


class MessageBox:
    """Where one writes: Enter sends, Shift+Enter begins a new line. What is typed stays until it was taken.

    `before` draws what stands left of the words.
    """

    def __init__(
        self,
        name: str,
        texts: Texts,
        draft: str,
        on_draft: Callable[[str], None],
        on_send: Sent,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_send = on_send
        self._sending = False
        with box("div", "message-box") as self.element:
            before()
            self._input = ui.textarea(
                value=draft, placeholder=texts("demo.write"), on_change=lambda event: on_draft(event.value or "")
            )
            self._input.props("autogrow borderless dense rows=1 maxlength=4000").classes("message-input")
            self._input.props["aria-label"] = name
            self._input.on("keydown", self._entered, js_handler=ENTER_SENDS)
            IconButton("send", texts("demo.send"), self._pressed, "icon-button send")

    def show(self, draft: str) -> None:
        self._input.value = draft

    def name(self, name: str, placeholder: str) -> None:
        """For whom the words are, once that changes."""
        self._input.props["aria-label"] = name
        self._input.props["placeholder"] = placeholder

    def focus(self) -> None:
        self._input.run_method("focus")

    async def _entered(self, event: GenericEventArguments) -> None:
        await self._send(str(event.args))

    async def _pressed(self) -> None:
        await self._send(self._input.value or "")

    async def _send(self, text: str) -> None:
        if self._sending or not text.strip():
            return
        self._sending = True
        try:
            taken = await self._on_send(text.strip())
        finally:
            self._sending = False
        if taken:
            now = self._input.value or ""
            self._input.value = now[len(text) :].lstrip("\n") if now.startswith(text) else now


def scroll_down(scroller: ui.element) -> None:
    """To the newest in what is laid out from its bottom."""
    with scroller:
        ui.run_javascript(f"const log = getHtmlElement({scroller.id}); if (log) log.scrollTop = 0")


def _with_attributes(element: ui.element, attributes: dict[str, str]) -> ui.element:
    for name, value in attributes.items():
        element.props[name.replace("_", "-")] = value
    return element
