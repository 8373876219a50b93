"""Expected refusals in the words of the console."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.admins import BadLogin, LastAdmin, LoginTaken, WeakPassword
from handlers.agents import AlreadyOnTheList
from handlers.content_history import CannotUndo
from handlers.duty import BadSchedule
from handlers.errors import SupportError
from handlers.releases import AlreadyTraining, BadShare, Blocked, NoLivingData, NothingToRollBack, NotReady
from handlers.resending import NothingToSendAgain
from handlers.texts import Texts
from handlers.training import ExampleGone, IntentRefused
from handlers.training_markup import BadExample

REFUSALS: dict[type[SupportError], str] = {
    AlreadyOnTheList: "console.refused.agent_taken",
    BadSchedule: "console.refused.schedule",
    CannotUndo: "console.refused.undo",
    ExampleGone: "console.refused.example_gone",
    BadLogin: "console.refused.login",
    LoginTaken: "console.refused.login_taken",
    LastAdmin: "console.refused.last_admin",
    WeakPassword: "console.refused.password",
    NothingToSendAgain: "console.refused.sent_again",
    AlreadyTraining: "console.refused.already_training",
    BadShare: "console.refused.share",
    Blocked: "console.refused.blocked",
    NoLivingData: "console.refused.no_living_data",
    NothingToRollBack: "console.refused.nothing_to_roll_back",
    NotReady: "console.refused.release_not_ready",
}


INTENT: Mapping[str, str] = {
    "name": "console.refused.intent_name",
    "exists": "console.refused.intent_exists",
    "unknown": "console.refused.intent_unknown",
    "code": "console.refused.intent_code",
    "used": "console.refused.intent_used",
    "title": "console.refused.intent_title",
}
EXAMPLE: Mapping[str, str] = {
    "empty": "console.refused.example_empty",
    "too_long": "console.refused.example_too_long",
    "entity": "console.refused.example_entity",
}
"""By the reason that the error gives."""


def refusal(error: SupportError, texts: Texts) -> str:
    """What we have no words for is told by its own."""
    match error:
        case IntentRefused() if error.reason in INTENT:
            return texts(INTENT[error.reason], name=error.name)
        case BadExample() if error.reason in EXAMPLE:
            return texts(EXAMPLE[error.reason], words=error.words)
    key = REFUSALS.get(type(error))
    return texts(key) if key else texts("console.refused.other", reason=str(error))
