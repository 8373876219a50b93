"""The limits of what can be pressed, chosen or filled in."""

from __future__ import annotations

from collections.abc import Iterator, Set

from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.text_faults import at, missing, text_faults, too_long, too_many

STATIC_SELECTS = frozenset({"static_select", "multi_static_select"})
CHOICES = {"checkboxes": 10, "radio_buttons": 10, "overflow": 5}
SELECTS = frozenset(
    f"{many}{what}_select"
    for many in ("", "multi_")
    for what in ("static", "external", "users", "conversations", "channels")
)
PICKERS = frozenset({"datepicker", "timepicker", "datetimepicker"})
INPUTS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"})
ELEMENTS = frozenset({"button", "image", "file_input", "workflow_button", *CHOICES, *SELECTS, *PICKERS, *INPUTS})
MOST_OPTIONS = 100


def element_faults(element: object, pointer: str, allowed: Set[str]) -> Iterator[str]:
    if not isinstance(element, dict):
        yield at("must provide an object", pointer)
        return
    kind = element.get("type")
    if kind not in allowed:
        yield at(f"unsupported type: {kind}", f"{pointer}/type")
        return
    yield from too_long(element, "action_id", 255, pointer)
    if "placeholder" in element:
        yield from text_faults(element["placeholder"], f"{pointer}/placeholder", 150, plain_only=True)
    if "confirm" in element:
        yield from _confirm_faults(element["confirm"], f"{pointer}/confirm")
    if kind == "button":
        yield from _button_faults(element, pointer)
    elif kind in STATIC_SELECTS and "option_groups" in element:
        yield from _group_faults(element, pointer)
    elif kind in STATIC_SELECTS or kind in CHOICES:
        yield from _options_faults(element, pointer, CHOICES.get(str(kind), MOST_OPTIONS))
    elif kind == "plain_text_input":
        yield from _input_faults(element, pointer)


def _button_faults(button: Json, pointer: str) -> Iterator[str]:
    yield from text_faults(button.get("text"), f"{pointer}/text", 75, plain_only=True)
    yield from too_long(button, "value", 2000, pointer)
    yield from too_long(button, "url", 3000, pointer)
    yield from too_long(button, "accessibility_label", 75, pointer)
    if button.get("style") not in {None, "primary", "danger"}:
        yield at("must be a valid enum value", f"{pointer}/style")


def _options_faults(element: Json, pointer: str, most: int) -> Iterator[str]:
    yield from too_many(element, "options", most, pointer)
    options = element.get("options")
    for number, option in enumerate(options if isinstance(options, list) else []):
        where = f"{pointer}/options/{number}"
        yield from text_faults(option.get("text"), f"{where}/text", 75)
        if not option.get("value"):
            yield missing("value", where)
        yield from too_long(option, "value", 150, where)
        if "description" in option:
            yield from text_faults(option["description"], f"{where}/description", 75)


def _group_faults(element: Json, pointer: str) -> Iterator[str]:
    yield from too_many(element, "option_groups", MOST_OPTIONS, pointer)
    for number, group in enumerate(element["option_groups"]):
        where = f"{pointer}/option_groups/{number}"
        yield from text_faults(group.get("label"), f"{where}/label", 75, plain_only=True)
        yield from _options_faults(group, where, MOST_OPTIONS)


def _input_faults(element: Json, pointer: str) -> Iterator[str]:
    yield from too_long(element, "initial_value", 3000, pointer)
    for bound in ("min_length", "max_length"):
        if int(element.get(bound) or 0) > 3000:
            yield at("must be less than or equal to 3000", f"{pointer}/{bound}")


def _confirm_faults(confirm: object, pointer: str) -> Iterator[str]:
    if not isinstance(confirm, dict):
        yield at("must provide an object", pointer)
        return
    yield from text_faults(confirm.get("title"), f"{pointer}/title", 100, plain_only=True)
    yield from text_faults(confirm.get("text"), f"{pointer}/text", 300)
    for name in ("confirm", "deny"):
        if name in confirm:
            yield from text_faults(confirm[name], f"{pointer}/{name}", 30, plain_only=True)
