"""Wanting a person."""

from __future__ import annotations

from handlers import handoff
from handlers.messages import Reply, Turn


async def human_handoff(turn: Turn) -> Reply:
    return await handoff.to_queue(turn, "asked")


async def escalate(turn: Turn) -> Reply:
    """Out of patience: no question, no summary, a person, with high priority."""
    return await handoff.to_queue(turn, "escalated", category="escalate", text="handoff.escalated")
