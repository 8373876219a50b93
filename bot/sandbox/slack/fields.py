"""What a person can press, choose and fill in, found in blocks, and what it sends."""

from __future__ import annotations

from collections.abc import Iterator

from bot.sandbox.slack.json_types import Json

VALUES = {
    "plain_text_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "overflow": ("selected_option", ""),
    "multi_static_select": ("selected_options", "initial_options"),
    "checkboxes": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "channels_select": ("selected_channel", "initial_channel"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
MANY = frozenset({"selected_options", "selected_users"})


class CannotDo(Exception):
    """Something the person sees no way to do: no such button, a required field left empty."""


def elements(owner: Json) -> Iterator[tuple[Json, Json]]:
    """Every block with each of its elements that has an `action_id`."""
    for block in owner.get("blocks") or []:
        of_block = block.get("elements") if block.get("type") == "actions" else []
        for element in [block.get("element"), block.get("accessory"), *(of_block or [])]:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def find_element(owner: Json, action_id: str, value: str | None = None) -> tuple[Json, Json]:
    """By `action_id`, and by `value` where several share it. Raises CannotDo."""
    for block, element in elements(owner):
        if element["action_id"] != action_id:
            continue
        if value is None or element.get("value") == value or element.get("type") != "button":
            return block, element
    raise CannotDo(f"there is no {action_id} to press")


def filled(element: Json, given: object) -> Json:
    """The state of a field: what was typed or chosen (by its value), else its initial value, else null."""
    kind = str(element["type"])
    name, initial = VALUES.get(kind, ("value", "initial_value"))
    if given is None:
        empty: object = [] if name in MANY else None
        return {"type": kind, name: element.get(initial, empty)}
    if name == "selected_option":
        return {"type": kind, name: _option(element, str(given))}
    if name == "selected_options":
        chosen = given if isinstance(given, list | tuple) else [given]
        return {"type": kind, name: [_option(element, str(one)) for one in chosen]}
    return {"type": kind, name: given}


def is_empty(state: Json) -> bool:
    return all(value in (None, "", []) for name, value in state.items() if name != "type")


def state_of(view: Json, typed: dict[str, object]) -> dict[str, dict[str, Json]]:
    """`state.values` of a view, by `block_id` and `action_id`. Raises CannotDo for an empty required input."""
    values: dict[str, dict[str, Json]] = {}
    for block, element in elements(view):
        if element["type"] == "button":
            continue
        state = filled(element, typed.get(element["action_id"]))
        if block["type"] == "input" and not block.get("optional") and is_empty(state):
            raise CannotDo(f"{element['action_id']} has to be filled in")
        values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def _option(element: Json, value: str) -> Json:
    groups = [group.get("options") or [] for group in element.get("option_groups") or []]
    for option in [*(element.get("options") or []), *(option for group in groups for option in group)]:
        if option.get("value") == value:
            return dict(option)
    if element["type"] == "external_select":
        return {"text": {"type": "plain_text", "text": value}, "value": value}
    raise CannotDo(f"{value} is not one of the options")
