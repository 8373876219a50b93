"""What an agent is told when they may not, or it cannot be."""

from __future__ import annotations

from collections.abc import Mapping

from bot.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from bot.desk.actions import Notice
from handlers.agent_actions import AlreadySo, NothingToSay, NotYours
from handlers.agents import NotAnAgent
from handlers.casework import NotSensible
from handlers.duplicates import CannotMerge
from handlers.errors import SupportError
from handlers.handoff import AlreadyTaken
from handlers.incidents import AdminsOnly, IncidentNotFound, LeadsOnly, TextMissing, TimePassed
from handlers.notices import NobodyThere, NoticeNotFound
from handlers.template_rendering import TemplateNotFound, UnresolvedVariables
from handlers.tickets import IllegalTransition, TicketNotFound

PLAIN: Mapping[type[SupportError], str] = {
    IllegalTransition: "desk.refused.transition",
    NothingToSay: "desk.refused.nothing_to_say",
    AlreadySo: "desk.refused.already_so",
    CannotMerge: "desk.refused.merge",
    TemplateNotFound: "desk.refused.no_template",
    LeadsOnly: "desk.refused.leads_only",
    AdminsOnly: "desk.refused.admins_only",
    IncidentNotFound: "desk.refused.no_incident",
    NoticeNotFound: "desk.refused.no_notice",
    NobodyThere: "desk.refused.nobody_there",
    TextMissing: "desk.refused.text_missing",
    TimePassed: "desk.refused.time_passed",
}


def refusal(error: SupportError) -> Notice | None:
    """None: it is no refusal but a fault, and is to be tried again."""
    match error:
        case TemporaryDeliveryError() | PermanentDeliveryError() | UnknownOutcome():
            return None
        case NotAnAgent() | NotSensible():
            return Notice(f"desk.refused.{error.why}")
        case AlreadyTaken():
            return Notice("desk.refused.taken", {"agent": str(error)})
        case NotYours():
            return Notice("desk.refused.not_yours", {"agent": str(error)})
        case TicketNotFound():
            number = str(error)
            return Notice("desk.refused.no_ticket", {"number": number}) if number else Notice("desk.refused.no_case")
        case UnresolvedVariables():
            return Notice("desk.refused.unresolved", {"names": " ".join(f"{{{name}}}" for name in error.names)})
        case _ if type(error) in PLAIN:
            return Notice(PLAIN[type(error)])
        case _:
            return Notice("desk.refused.other", {"what": str(error)[:200]})
