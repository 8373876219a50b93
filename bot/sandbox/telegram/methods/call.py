"""One call of a method, with everything a method may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.courier import Courier
from bot.sandbox.telegram.pace import Pace
from bot.sandbox.telegram.polling import Polling
from bot.sandbox.telegram.world import World


@dataclass
class Call:
    """`remark` goes beside the result as `description`."""

    arguments: Arguments
    world: World
    pace: Pace
    polling: Polling
    courier: Courier
    remark: str = ""


Method = Callable[[Call], Awaitable[Any]]
"""Gives the `result` of the answer. Raises Refused."""
