"""Commands a customer can type (`/status`), the same in every messenger: each is a button without a button."""

from __future__ import annotations

COMMANDS = {
    "start": "start",
    "help": "do:help",
    "status": "do:ticket_status",
    "human": "human",
    "language": "do:change_language",
    "link": "link",
    "unlink": "unlink",
}
"""Name → action. Its description is the text `command.<name>`."""


def action_of(name: str, argument: str = "") -> str | None:
    """The action behind a command, with what was typed after it; None for a command we do not have."""
    action = COMMANDS.get(name.lower())
    if action is None or not argument:
        return action
    return f"{action}:{argument}" if ":" not in action else action
