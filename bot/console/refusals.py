"""Expected refusals in the words of the console."""

from __future__ import annotations

from handlers.admins import BadLogin, LastAdmin, LoginTaken, WeakPassword
from handlers.agents import AlreadyOnTheList
from handlers.duty import BadSchedule
from handlers.errors import SupportError
from handlers.releases import AlreadyTraining, BadShare, Blocked, NoLivingData, NothingToRollBack, NotReady
from handlers.resending import NothingToSendAgain
from handlers.texts import Texts

REFUSALS: dict[type[SupportError], str] = {
    AlreadyOnTheList: "console.refused.agent_taken",
    BadSchedule: "console.refused.schedule",
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


def refusal(error: SupportError, texts: Texts) -> str:
    """What we have no words for is told by its own."""
    key = REFUSALS.get(type(error))
    return texts(key) if key else texts("console.refused.other", reason=str(error))
