"""Draws the blocks of a message or of the Home tab."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from nicegui import ui

from bot.sandbox.elements import PressButton, Words, box
from bot.sandbox.safe_html import is_web
from bot.sandbox.slack.screen import Pressable
from bot.sandbox.slack_blocks import Part

Press = Callable[[Pressable, str | None], Awaitable[None]]


def draw_parts(parts: Sequence[Part], press: Press) -> None:
    for part in parts:
        with box("div", f"part {part.kind}"):
            _draw(part, press)


def _draw(part: Part, press: Press) -> None:
    if part.html:
        # Made by mrkdwn_html and slack_blocks, which escape every word.
        ui.html(part.html, sanitize=False).classes("words")
    if part.fields:
        with box("div", "fields"):
            for field in part.fields:
                ui.html(field, sanitize=False).classes("words")
    if part.pressable:
        with box("div", "part-buttons"):
            for one in part.pressable:
                _draw_pressable(one, press)


def _draw_pressable(one: Pressable, press: Press) -> None:
    if one.options and one.kind.endswith("select"):
        _draw_choice(one, press)
    elif one.options:
        for label, value in one.options:
            _draw_button(label, one, value, press)
    elif one.url and is_web(one.url):
        element = Words("a", f"{one.label} ↗", "slack-button", href=one.url, target="_blank", rel="noopener noreferrer")
        element.on("click", lambda: press(one, None))
    elif one.kind == "button":
        _draw_button(one.label, one, None, press)
    else:
        Words("span", one.label or one.kind, "hint")


def _draw_button(label: str, one: Pressable, given: str | None, press: Press) -> None:
    """Pressed once until the app has answered."""

    async def pressed() -> None:
        if not button.is_enabled:
            return
        button.enable(False)
        try:
            await press(one, given)
        finally:
            if not button.is_deleted:
                button.enable(True)

    button = PressButton(label, pressed, f"slack-button {one.style}")


def _draw_choice(one: Pressable, press: Press) -> None:
    async def chosen(event: Any) -> None:
        if event.args:
            await press(one, str(event.args))

    with box("select", "slack-select", aria_label=one.label) as select:
        Words("option", one.label, value="")
        for label, value in one.options:
            Words("option", label, value=value)
    select.on("change", chosen, js_handler="(event) => emit(event.target.value)")
