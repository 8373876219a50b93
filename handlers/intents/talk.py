"""Conversation control: hello, thanks, yes and no without a question, what can you do."""

from __future__ import annotations

from handlers import language
from handlers.awaiting import button
from handlers.buttons import Button
from handlers.messages import Reply, Turn
from handlers.names import address
from storage.inbound import Outcome

MENU = ("track_order", "report_problem", "return_policy", "ticket_status")


async def greet(turn: Turn) -> Reply:
    if turn.first:
        return Reply(turn.texts("talk.greet_first"), _menu(turn))
    name = address(turn.customer.name, turn.texts, turn.desk.content.names)
    if name is None:
        return Reply(turn.texts("talk.greet"), _menu(turn))
    return Reply(turn.texts("talk.greet_name", name=name), _menu(turn))


async def goodbye(turn: Turn) -> Reply:
    return Reply(turn.texts("talk.goodbye"))


async def thank_you(turn: Turn) -> Reply:
    return Reply(turn.texts("talk.thank_you"))


async def praise(turn: Turn) -> Reply:
    return Reply(turn.texts("talk.praise"))


async def affirm(turn: Turn) -> Reply:
    """A yes to nothing we asked."""
    return Reply(turn.texts("talk.affirm"), _menu(turn))


async def deny(turn: Turn) -> Reply:
    """A no to nothing we asked."""
    return Reply(turn.texts("talk.deny"), (_human(turn),))


async def bot_challenge(turn: Turn) -> Reply:
    company = turn.desk.content.company.name
    return Reply(turn.texts("talk.bot_challenge", company=company), (_human(turn),))


async def help_(turn: Turn) -> Reply:
    return Reply(turn.texts("talk.help"), (*_menu(turn), _human(turn)))


async def stop(turn: Turn) -> Reply:
    return Reply(turn.texts("talk.stop"), outcome=Outcome.IGNORED)


async def out_of_scope(turn: Turn) -> Reply:
    return Reply(turn.texts("unsure.out_of_scope"), (*_menu(turn), _human(turn)))


async def change_language(turn: Turn) -> Reply:
    """The other language, or the one they named, from now on; a button takes it back."""
    return set_language(turn, language.asked_for(turn.words, turn.language))


def set_language(turn: Turn, wanted: str) -> Reply:
    """The customer's own choice: kept until they choose again."""
    turn.customer.language = wanted
    turn.customer.language_chosen = True
    turn.texts = turn.desk.catalogue[wanted]
    other = "en" if wanted == "pl" else "pl"
    return Reply(turn.texts("language.set"), (button(turn.texts("button.other_language"), "lang", other),))


def _menu(turn: Turn) -> tuple[Button, ...]:
    return tuple(button(turn.desk.content.topic(name, turn.language), "do", name) for name in MENU)


def _human(turn: Turn) -> Button:
    return button(turn.texts("button.human"), "human")
