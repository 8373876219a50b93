"""`reply_markup`: https://core.telegram.org/bots/api#inlinekeyboardmarkup"""

from __future__ import annotations

from typing import Any

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.entities import checked_link
from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.refusal import bad_request

MOST_DATA_BYTES = 64
ACTIONS = frozenset(
    {
        "url", "login_url", "callback_data", "callback_game", "switch_inline_query", "switch_inline_query_chosen_chat",
        "switch_inline_query_current_chat", "pay", "web_app", "copy_text",
    }
)  # fmt: skip
REPLY_KEYBOARDS = ("keyboard", "remove_keyboard", "force_reply")


def read_markup(arguments: Arguments) -> Json | None:
    """The checked markup of a request; None when there is none. An empty inline keyboard is none."""
    loaded = arguments.loaded("reply_markup", "reply keyboard markup")
    if loaded is None:
        return None
    if not isinstance(loaded, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in loaded:
        rows = _rows(loaded["inline_keyboard"])
        checked = [[_inline_button(button) for button in row] for row in rows if row]
        return {"inline_keyboard": checked} if checked else None
    if "keyboard" in loaded:
        rows = [[_key(button) for button in row] for row in _rows(loaded["keyboard"])]
        return loaded | {"keyboard": rows}
    return loaded if any(name in loaded for name in REPLY_KEYBOARDS) else None


def _rows(given: Any) -> list[list[Any]]:
    if not isinstance(given, list):
        raise bad_request("can't parse inline keyboard: expected an Array of Arrays")
    if not all(isinstance(row, list) for row in given):
        raise bad_request("can't parse inline keyboard: expected an Array of Arrays")
    return given


def _inline_button(given: Any) -> Json:
    if not isinstance(given, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if not isinstance(given.get("text"), str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    button: Json = {name: value for name, value in given.items() if value is not None}
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if not ACTIONS & button.keys():
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        )
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= MOST_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not checked_link(str(url)):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return button


def _key(given: Any) -> Json:
    button = {"text": given} if isinstance(given, str) else given
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object")
    return button
