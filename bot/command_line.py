"""What every command of `supportbot` shares: where it writes to people, and how its work ends."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop
from rich.console import Console

console = Console(stderr=True)


def run_to_end(start: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs it; Ctrl+C ends it without a traceback."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(start())
    except KeyboardInterrupt:
        sys.exit(130)
