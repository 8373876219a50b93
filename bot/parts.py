"""What a process is made of: parts that run side by side until they are told to stop."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Part:
    """Something that runs until it is told to stop, and then ends by itself within `bot.serve.GRACE_SECONDS`.

    A part that ends or raises ends the process, so a provider's trouble has to be waited out inside.
    """

    name: str
    run: Callable[[], Coroutine[Any, Any, None]]
    stop: Callable[[], None]
