"""Runs that end properly: also when they are told to stop, so that no process of theirs is left behind."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any

import uvloop


def run_to_end(work: Coroutine[Any, Any, int]) -> None:
    """Exits with what `work` returns. Ctrl+C and SIGTERM cancel it: what it opened is closed before the end."""

    async def watched() -> int:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        return await work

    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the product runs
            sys.exit(runner.run(watched()))
    except asyncio.CancelledError:
        sys.exit(130)
