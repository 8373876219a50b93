"""How long to wait before asking Telegram again; a wait ends at once when the process is to stop."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True)
class Patience:
    """Seconds. `first` doubles up to `longest`; `token`: Telegram refused ours, a person has to act; `leader`: another
    process polls; `look`: between two looks at the webhook, and more often than a channel counts as silent; `silence`:
    then connections count as dead; `hasty`: the server does not wait, so we do."""

    first: float = 1.0
    longest: float = 30.0
    conflict: float = 5.0
    token: float = 60.0
    leader: float = 5.0
    look: float = 60.0
    silence: float = 90.0
    hasty: float = 0.3

    def after(self, failures: int) -> float:
        return float(min(self.first * 2.0 ** min(failures - 1, 20), self.longest))


async def pause(seconds: float, stopping: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
