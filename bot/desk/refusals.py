"""What an agent is told when they may not, or it cannot be."""

from __future__ import annotations

from bot.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from bot.desk.actions import Notice
from handlers.agent_actions import NothingToSay, NotYours
from handlers.agents import NotAnAgent
from handlers.casework import NotSensible
from handlers.duplicates import CannotMerge
from handlers.errors import SupportError
from handlers.handoff import AlreadyTaken
from handlers.tickets import IllegalTransition, TicketNotFound


def refusal(error: SupportError) -> Notice | None:
    """None: it is no refusal but a fault, and is to be tried again."""
    match error:
        case TemporaryDeliveryError() | PermanentDeliveryError() | UnknownOutcome():
            return None
        case NotAnAgent():
            return Notice(f"desk.refused.{error.why}")
        case AlreadyTaken():
            return Notice("desk.refused.taken", {"agent": str(error)})
        case NotYours():
            return Notice("desk.refused.not_yours", {"agent": str(error)})
        case TicketNotFound():
            return Notice("desk.refused.no_ticket", {"number": str(error)})
        case IllegalTransition():
            return Notice("desk.refused.transition")
        case NothingToSay():
            return Notice("desk.refused.nothing_to_say")
        case CannotMerge():
            return Notice("desk.refused.merge")
        case NotSensible():
            return Notice("desk.refused.not_sensible", {"what": str(error)})
        case _:
            return Notice("desk.refused.other", {"what": str(error)[:200]})
