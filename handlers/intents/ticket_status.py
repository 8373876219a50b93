"""What is going on with my case."""

from __future__ import annotations

from handlers import status
from handlers.messages import Reply, Turn


async def ticket_status(turn: Turn) -> Reply:
    return await status.tell(turn)
