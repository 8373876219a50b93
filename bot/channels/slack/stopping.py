"""Waiting that ends when a process is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def rest(stopping: asyncio.Event, seconds: float) -> None:
    """For so long, or until told to stop."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()


async def unless(stopping: asyncio.Event, work: Coroutine[Any, Any, T], seconds: float | None = None) -> T | None:
    """What comes of `work`; None, and it is broken off, when told to stop or after `seconds`."""
    working, told = asyncio.create_task(work), asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({working, told}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, told):
            task.cancel()
        await asyncio.gather(working, told, return_exceptions=True)
