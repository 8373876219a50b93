"""What is wrong with what was typed into a form, by the name of the field: it stays open, and says so there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.desk import template_form, typed
from bot.desk.events import DeskEvent
from bot.desk.forms import Opening
from bot.desk.refusals import refusal
from handlers.agent_actions import NothingToSay, as_words
from handlers.casework import NotSensible, Why, check_snooze
from handlers.errors import SupportError
from handlers.tickets import TicketNotFound
from storage.tickets import ticket_numbered

Check = Callable[[Opening, str], Awaitable[None]]


async def _words(opening: Opening, text: str) -> None:
    as_words(text, opening.desk.content)


async def _some_words(opening: Opening, text: str) -> None:
    if not as_words(text, opening.desk.content):
        raise NothingToSay


async def _note(opening: Opening, text: str) -> None:  # noqa: ARG001 - as all checks
    if not text.strip():
        raise NothingToSay


async def _until(opening: Opening, text: str) -> None:
    check_snooze(typed.moment(text), opening.now)


async def _other_ticket(opening: Opening, text: str) -> None:
    number = typed.number(text)
    if number == opening.ticket.number:
        raise NotSensible(Why.ITSELF)
    if await ticket_numbered(opening.session, number) is None:
        raise TicketNotFound(f"#{number}")


FIELDS: Mapping[str, Mapping[str, Check]] = {
    "reply": {"words": _some_words},
    "draft_edit": {"words": _some_words},
    "note": {"words": _note},
    "resolve": {"words": _words},
    "wait": {"words": _some_words},
    "risk": {"words": _words},
    "snooze": {"until": _until},
    "promise_time": {"until": _until},
    "later": {"words": _some_words, "until": _until},
    "merge": {"into": _other_ticket},
    "link": {"other": _other_ticket},
}
"""The fields to be looked at, by the action of their form."""


async def wrong(opening: Opening, event: DeskEvent) -> Mapping[str, str]:
    """Empty where it can be done like that."""
    if event.action == template_form.ACTION:
        return await template_form.check(opening, event)
    found = {}
    for name, check in FIELDS.get(event.action, {}).items():
        try:
            await check(opening, event.values.get(name, ""))
        except SupportError as error:
            notice = refusal(error)
            if notice is None:
                raise
            found[name] = opening.wording.texts(notice.key, **dict(notice.values or {}))
    return found
