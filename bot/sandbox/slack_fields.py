"""Draws what can be pressed, chosen or filled in, with the browser's own fields."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from nicegui import ui

from bot.sandbox.elements import PressButton, Words, box
from bot.sandbox.safe_html import is_web
from bot.sandbox.slack_controls import Control, Option
from bot.sandbox.slack_hands import Hands
from bot.sandbox.slack_lookup import Lookup

VALUE = "(event) => emit(event.target.value)"
CHECKED = "(event) => emit(event.target.checked)"
ENTERED = """(event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    emit(event.target.value);
}"""
PICKERS = {"datepicker": "date", "timepicker": "time", "datetimepicker": "datetime-local"}
TYPED = {"plain_text_input": "text", "email_text_input": "email", "url_text_input": "url", "number_input": "number"}
MENUS = {"static_select", "users_select"}
MANY = {"multi_static_select", "multi_users_select", "checkboxes"}


def draw_control(one: Control, hands: Hands, name: str = "") -> ui.element:
    """`name`: what the field is called by those who hear the page, where no label belongs to it."""
    drawn = _draw(one, hands, one.name or name or one.label)
    drawn.props["data-key"] = one.key
    if one.has_focus:
        drawn.props["data-focus"] = "true"
    return drawn


def _draw(one: Control, hands: Hands, name: str) -> ui.element:
    if one.kind == "button":
        return _link(one, hands) if one.url and is_web(one.url) else _button(one, hands)
    if one.kind == "overflow":
        return _overflow(one, hands)
    if one.kind in MENUS:
        return _menu(one, hands, name)
    if one.kind in MANY or one.kind == "radio_buttons":
        return _choices(one, hands, name)
    if one.kind in {"external_select", "multi_external_select"}:
        return Lookup(one, hands, name).element
    if one.kind in PICKERS:
        return _picker(one, hands, name)
    if one.kind in TYPED:
        return _text(one, hands, name)
    return Words("span", one.label or one.kind, "hint")


def _link(one: Control, hands: Hands) -> ui.element:
    element = Words("a", f"{one.label} ↗", f"slack-button {one.style}", href=one.url, target="_blank")
    element.props["rel"] = "noopener noreferrer"
    element.on("click", lambda: hands.use(one, None))
    return element


def _button(one: Control, hands: Hands) -> ui.element:
    """Pressed once until the app has answered. It is not disabled for that: the keyboard would lose its place."""

    async def pressed() -> None:
        if "aria-disabled" in button.props:
            return
        button.props["aria-disabled"] = "true"
        try:
            await hands.use(one, None)
        finally:
            if not button.is_deleted:
                del button.props["aria-disabled"]

    button = PressButton(one.label, pressed, f"slack-button {one.style}")
    if one.name:
        button.props["aria-label"] = one.name
    return button


def _overflow(one: Control, hands: Hands) -> ui.element:
    label = one.name or hands.texts("demo.slack.more")
    button = PressButton("", lambda: None, "slack-button more", aria_label=label, title=label, aria_haspopup="menu")
    with button:
        ui.icon("more_horiz")
        with ui.menu().classes("menu"):
            for option in one.options:
                with ui.menu_item(on_click=lambda option=option: hands.use(one, option.value)).classes("menu-item"):
                    _option_words(option)
    return button


def _menu(one: Control, hands: Hands, name: str) -> ui.element:
    async def chosen(event: Any) -> None:
        if event.args:
            await hands.take(one, str(event.args))
        else:
            hands.fill(one, "")

    with box("select", "slack-select", aria_label=name) as select:
        Words("option", one.label or hands.texts("demo.slack.choose"), value="")
        _draw_options(one)
    select.on("change", chosen, js_handler=VALUE)
    return select


def _draw_options(one: Control) -> None:
    group, frame = "", None
    for option in one.options:
        if option.group and option.group != group:
            group, frame = option.group, box("optgroup", label=option.group)
        if frame is None:
            _draw_option(option, one.chosen)
            continue
        with frame:
            _draw_option(option, one.chosen)


def _draw_option(option: Option, chosen: Sequence[str]) -> None:
    label = f"{option.label} – {option.about}" if option.about else option.label
    drawn = Words("option", label, value=option.value)
    if option.value in chosen:
        drawn.props["selected"] = "true"


def _choices(one: Control, hands: Hands, name: str) -> ui.element:
    is_many = one.kind in MANY
    picked = list(one.chosen)

    async def changed(value: str, event: Any) -> None:
        kept = [each for each in picked if each != value] if is_many else []
        picked[:] = [*kept, value] if event.args else kept
        await hands.take(one, [*picked] if is_many else value)

    role = "group" if is_many else "radiogroup"
    with box("div", f"choices {one.kind}", role=role, aria_label=name) as group:
        for option in one.options:
            with box("label", "choice"):
                field = box("input", type="checkbox" if is_many else "radio", value=option.value)
                field.props["name"] = f"{one.block_id}-{one.action_id}"
                if option.value in picked:
                    field.props["checked"] = "true"
                field.on("change", partial(changed, option.value), js_handler=CHECKED)
                _option_words(option)
    return group


def _option_words(option: Option) -> None:
    with box("span", "option-words"):
        Words("span", option.label)
        if option.about:
            Words("span", option.about, "about")


def _picker(one: Control, hands: Hands, name: str) -> ui.element:
    field = box("input", "slack-field", type=PICKERS[one.kind], aria_label=name)
    _fill_in(field, one)
    field.on("change", lambda event: hands.take(one, str(event.args)), js_handler=VALUE)
    return field


def _text(one: Control, hands: Hands, name: str) -> ui.element:
    """In one line, Enter tells the app where it wants to know; else it sends the whole form."""
    if one.is_multiline:
        field: ui.element = Words("textarea", "".join(one.chosen), "slack-field", rows="5", aria_label=name)
    else:
        field = box("input", "slack-field", type=TYPED[one.kind], aria_label=name, autocomplete="off")
        _fill_in(field, one)
    field.props["maxlength"] = one.most_characters
    field.props["placeholder"] = one.label
    field.on("input", lambda event: hands.fill(one, str(event.args)), js_handler=VALUE)
    if hands.is_telling and not one.is_multiline:
        field.on("keydown", lambda event: hands.use(one, str(event.args)), js_handler=ENTERED)
    return field


def _fill_in(field: ui.element, one: Control) -> None:
    """As an attribute: as a property it would be put back into what somebody is typing, at each change of the page."""
    if one.chosen:
        field.props["^value"] = one.chosen[0]
