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
    "multi_external_select": ("selected_options", "initial_options"),
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
WITHOUT_STATE = frozenset({"button", "overflow", "workflow_button"})

Typed = dict[str, dict[str, Json]]
"""What somebody has filled in, by `block_id` and `action_id`."""


class CannotDo(Exception):
    """Something the person sees no way to do: no such button, a required field left empty."""


def elements(owner: Json) -> Iterator[tuple[Json, Json]]:
    """Every block with each of its elements that has an `action_id`."""
    for block in owner.get("blocks") or []:
        of_block = block.get("elements") if block.get("type") == "actions" else []
        for element in [block.get("element"), block.get("accessory"), *(of_block or [])]:
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def find_element(owner: Json, action_id: str, value: str | None = None, block_id: str = "") -> tuple[Json, Json]:
    """By `action_id`, and by `value` or `block_id` where several share it. Raises CannotDo."""
    for block, element in elements(owner):
        if element["action_id"] != action_id or block_id not in {"", block["block_id"]}:
            continue
        if value is None or element.get("value") == value or element.get("type") != "button":
            return block, element
    raise CannotDo(f"there is no {action_id} to press")


def filled(element: Json, given: object) -> Json:
    """The state of a field: what was typed or chosen (by its value, or the whole option), else its initial value, else
    null. An empty text or list: emptied by hand."""
    kind = str(element["type"])
    name, initial = VALUES.get(kind, ("value", "initial_value"))
    empty: object = [] if name in MANY else None
    if given is None:
        return {"type": kind, name: element.get(initial, empty)}
    if given in ("", []):
        return {"type": kind, name: empty}
    if name == "selected_option":
        return {"type": kind, name: _option(element, given)}
    if name == "selected_options":
        chosen = given if isinstance(given, list | tuple) else [given]
        return {"type": kind, name: [_option(element, one) for one in chosen]}
    return {"type": kind, name: given}


def is_empty(state: Json) -> bool:
    return all(value in (None, "", []) for name, value in state.items() if name != "type")


def state_of(owner: Json, typed: Typed) -> Typed:
    """`state.values` of a view or message, by `block_id` and `action_id`: what was `typed`, else what stood there."""
    values: Typed = {}
    for block, element in elements(owner):
        if element["type"] in WITHOUT_STATE:
            continue
        named = values.setdefault(block["block_id"], {})
        named[element["action_id"]] = typed.get(block["block_id"], {}).get(element["action_id"]) or filled(
            element, None
        )
    return values


def missing(view: Json, typed: Typed) -> list[str]:
    """The `block_id` of each required input that is still empty: Slack does not let such a view go."""
    state = state_of(view, typed)
    required = [one for one in elements(view) if one[0]["type"] == "input" and not one[0].get("optional")]
    return [block["block_id"] for block, one in required if is_empty(state[block["block_id"]][one["action_id"]])]


def _option(element: Json, given: object) -> Json:
    if isinstance(given, dict):
        return dict(given)
    groups = [group.get("options") or [] for group in element.get("option_groups") or []]
    for option in [*(element.get("options") or []), *(option for group in groups for option in group)]:
        if option.get("value") == given:
            return dict(option)
    if "external" in element["type"]:
        return {"text": {"type": "plain_text", "text": str(given)}, "value": given}
    raise CannotDo(f"{given} is not one of the options")
