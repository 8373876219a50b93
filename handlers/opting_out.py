"""Buttons and words by which a customer says what they do not want to be written about, whoever answers in the chat."""

from __future__ import annotations

from handlers import incident_overlay, notices, phrases
from handlers.awaiting import Action
from handlers.messages import Reply, Turn
from storage.conversations import Owner


async def answer(turn: Turn, action: Action | None) -> Reply | None:
    """None: it is about something else."""
    if action is None:
        is_meant = turn.conversation.owner != Owner.AGENT and phrases.refuses_notices(turn.words)
        return notices.refuse(turn) if is_meant else None
    match action.verb:
        case "incident_off":
            return await incident_overlay.no_more(turn, action.argument)
        case "notices_off":
            return notices.refuse(turn)
        case "notices_on":
            return notices.want(turn)
    return None
