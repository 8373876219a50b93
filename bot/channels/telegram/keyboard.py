"""Our buttons → an inline keyboard. https://core.telegram.org/bots/api#inlinekeyboardmarkup"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from math import ceil

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.base import PermanentDeliveryError
from handlers.buttons import ACTION_BYTES, Button

SHORT_LABEL = 16
"""Two labels of so many characters stand side by side on a narrow phone without being cut off."""
TINY_LABEL = 4
TINY_IN_A_ROW = 7
"""And so many of a few characters, such as scores."""


def keyboard(buttons: tuple[Button, ...]) -> InlineKeyboardMarkup | None:
    """Scores and the like in rows of equal length, short labels in pairs, longer ones in a row of their own. Raises
    `PermanentDeliveryError`."""
    rows: list[list[Button]] = []
    for is_tiny, found in groupby(buttons, lambda button: len(button.label) <= TINY_LABEL):
        group = list(found)
        rows += _even(group) if is_tiny else _pairs(group)
    for button in buttons:
        _check(button)
    if not rows:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(b.label, callback_data=b.action) for b in row] for row in rows])


def _even(buttons: list[Button]) -> list[list[Button]]:
    rows = ceil(len(buttons) / TINY_IN_A_ROW)
    length = ceil(len(buttons) / rows)
    return [buttons[start : start + length] for start in range(0, len(buttons), length)]


def _pairs(buttons: Iterable[Button]) -> list[list[Button]]:
    rows: list[list[Button]] = []
    for button in buttons:
        last = rows[-1] if rows else []
        if len(last) == 1 and _is_short(last[0]) and _is_short(button):
            last.append(button)
        else:
            rows.append([button])
    return rows


def _is_short(button: Button) -> bool:
    return len(button.label) <= SHORT_LABEL


def _check(button: Button) -> None:
    size = len(button.action.encode())
    if not 1 <= size <= ACTION_BYTES:
        raise PermanentDeliveryError(f"a button's action has {size} bytes, Telegram takes 1 to {ACTION_BYTES}")
