"""METHODS: the Bot API methods this stand-in knows, by their name in lower case."""

from __future__ import annotations

from bot.sandbox.telegram.methods import deleting, delivering, editing, files, presses, profile, reading, sending
from bot.sandbox.telegram.methods.call import Call, Method

METHODS: dict[str, Method] = {
    **delivering.METHODS,
    **sending.METHODS,
    **files.METHODS,
    **editing.METHODS,
    **deleting.METHODS,
    **presses.METHODS,
    **reading.METHODS,
    **profile.METHODS,
}

__all__ = ["METHODS", "Call", "Method"]
