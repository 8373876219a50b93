"""The few native elements the console is made of. Text goes in as text, never as HTML; the browser's own fields and
forms work with a keyboard and a screen reader as they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from nicegui.elements.mixins.text_element import TextElement

SENT = """(event) => {
    event.preventDefault();
    const fields = {};
    new FormData(event.target, event.submitter).forEach((value, name) => (fields[name] ??= []).push(value));
    emit(fields);
}"""
Fields = Mapping[str, Sequence[str]]


def box(tag: str, classes: str = "", **attributes: str) -> ui.element:
    """An element for others; `aria_label="…"` becomes `aria-label`, `class_` and `for_` lose their underscore."""
    element = ui.element(tag).classes(classes)
    _with_attributes(element, attributes)
    return element


class Words(TextElement):
    """An element with text."""

    def __init__(self, tag: str, text: str, classes: str = "", **attributes: str) -> None:
        super().__init__(tag=tag, text=text)
        self.classes(classes)
        _with_attributes(self, attributes)


class Press(Words):
    """A real button; `on_press` is a handler that was made with `guard.may`."""

    def __init__(self, text: str, on_press: Callable[..., Any], classes: str = "button", **attributes: str) -> None:
        super().__init__("button", text, classes, type="button", **attributes)
        self.on("click", on_press)


def link(text: str, href: str, classes: str = "", **attributes: str) -> Words:
    return Words("a", text, classes, href=href, **attributes)


def sending(on_sent: Callable[..., Any], classes: str = "form", **attributes: str) -> ui.element:
    """A form for `on_sent`, a handler that was made with `guard.may`: it gets what stands in the fields, by name."""
    form = box("form", classes, **attributes)
    form.on("submit", on_sent, js_handler=SENT)
    return form


def asking(path: str, classes: str = "filter", **attributes: str) -> ui.element:
    """A form that leads to `path` with what stands in its fields: a list that can be bookmarked."""
    return box("form", classes, method="get", action=path, **attributes)


def field(name: str, label: str, value: str = "", *, kind: str = "text", hint: str = "", **more: str) -> ui.element:
    """A labelled field. What is typed stays when the page is drawn anew: the value is only where it begins."""
    with box("label", "field"):
        Words("span", label, "label")
        drawn = box("input", "", name=name, type=kind, **more)
        if value:
            drawn.props["^value"] = value
        _hint(hint)
    return drawn


def area(name: str, label: str, value: str = "", *, rows: int = 6, hint: str = "", **more: str) -> ui.element:
    with box("label", "field"):
        Words("span", label, "label")
        drawn = Words("textarea", value, "", name=name, rows=str(rows), **more)
        _hint(hint)
    return drawn


def choice(
    name: str, label: str, options: Mapping[str, str], value: str = "", *, hint: str = "", **more: str
) -> ui.element:
    """`options`: what is sent → what is shown."""
    with box("label", "field"):
        Words("span", label, "label")
        with box("select", "", name=name, **more) as drawn:
            for sent, shown in options.items():
                option = Words("option", shown, value=sent)
                if sent == value:
                    option.props["^selected"] = "selected"
        _hint(hint)
    return drawn


def tick(name: str, label: str, value: str = "yes", *, ticked: bool = False) -> ui.element:
    with box("label", "tick"):
        drawn = box("input", "", name=name, type="checkbox", value=value)
        if ticked:
            drawn.props["^checked"] = "checked"
        Words("span", label)
    return drawn


def submit(label: str, classes: str = "button main", **more: str) -> Words:
    return Words("button", label, classes, type="submit", **more)


def head(title: str, intro: str = "") -> None:
    with box("div", "head"):
        Words("h1", title)
        if intro:
            Words("p", intro, "intro")


def table(caption: str, columns: Sequence[str], classes: str = "") -> ui.element:
    """A table's body, to be filled inside `with`. `caption` is for those who hear the page; with the class `small` it
    fits a narrow screen as it is."""
    with box("div", f"table {classes}".strip(), tabindex="0", role="region", aria_label=caption), box("table"):
        with box("thead"), box("tr"):
            for column in columns:
                Words("th", column, scope="col")
        return box("tbody")


@dataclass(frozen=True)
class Cell:
    """A cell with a text and a look of its own."""

    text: str
    classes: str = ""
    style: str = ""


def row(*cells: str | Cell | Callable[[], Any], classes: str = "") -> ui.element:
    """A cell is a text, or what draws it."""
    with box("tr", classes) as drawn:
        for cell in cells:
            if isinstance(cell, str):
                Words("td", cell)
            elif isinstance(cell, Cell):
                Words("td", cell.text, cell.classes, **({"style": cell.style} if cell.style else {}))
            else:
                with box("td"):
                    cell()
    return drawn


def bar(count: int, most: int, unit: str = "") -> Cell:
    """A number with its length beside it."""
    return Cell(f"{count}{unit}", "bar", f"--part: {min(count / max(most, 1), 1):.2f}")


def first(fields: Fields, name: str) -> str:
    """What stands in a field that is there once."""
    return str(next(iter(fields.get(name, ())), "")).strip()


def _hint(text: str) -> None:
    if text:
        Words("span", text, "hint")


def _with_attributes(element: ui.element, attributes: Mapping[str, str]) -> None:
    for name, value in attributes.items():
        element.props[name.rstrip("_").replace("_", "-")] = value
