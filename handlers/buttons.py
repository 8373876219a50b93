"""A choice under a reply."""

from __future__ import annotations

from dataclasses import dataclass

ACTION_BYTES = 64  # Telegram's limit for callback_data


@dataclass(frozen=True)
class Button:
    """`action` comes back when it is pressed: at most `ACTION_BYTES` bytes."""

    label: str
    action: str
