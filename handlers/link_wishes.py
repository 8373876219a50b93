"""What a message wants done about linked accounts, read without the model: a pure function of the message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from handlers import link_codes, phrases
from handlers.awaiting import parse_action
from handlers.messages import IncomingMessage, Kind

DEEP_LINK = "link-"


class What(StrEnum):
    ASK = "ask"
    REDEEM = "redeem"
    UNLINK = "unlink"


class How(StrEnum):
    """How sure it is that this is meant: by a command or button, in plain words, or a code without a word."""

    COMMAND = "command"
    WORDS = "words"
    BARE = "bare"


@dataclass(frozen=True)
class Wish:
    """`code` is what is to be redeemed, empty where what was given cannot be a code."""

    what: What
    how: How
    code: str = ""


def wish_of(messages: Sequence[IncomingMessage]) -> Wish | None:
    """The last wish in these messages; None: they are about something else."""
    return next((wish for message in reversed(messages) if (wish := _wish_in(message)) is not None), None)


def beside(messages: Sequence[IncomingMessage]) -> tuple[IncomingMessage, ...]:
    """The messages of a burst that are about something else."""
    return tuple(message for message in messages if _wish_in(message) is None)


def _wish_in(message: IncomingMessage) -> Wish | None:
    if message.kind not in {Kind.SAID, Kind.EDITED}:
        return None
    return _in_action(message.action) if message.action else _in_words(message.text)


def _in_action(action: str) -> Wish | None:
    pressed = parse_action(action)
    match pressed.verb:
        case "unlink":
            return Wish(What.UNLINK, How.COMMAND)
        case "link" if not pressed.argument:
            return Wish(What.ASK, How.COMMAND)
        case "link":
            return _redeem(pressed.argument)
        case "start" if pressed.argument.lower().startswith(DEEP_LINK):
            return _redeem(pressed.argument[len(DEEP_LINK) :])
    return None


def _redeem(argument: str) -> Wish:
    typed = link_codes.typed(argument)
    return Wish(What.REDEEM, How.COMMAND, typed.code if typed else "")


def _in_words(text: str) -> Wish | None:
    typed = link_codes.typed(text)
    if typed is not None:
        return Wish(What.REDEEM, How.WORDS if typed.has_link_word else How.BARE, typed.code)
    if phrases.asks_to_link(text):
        return Wish(What.ASK, How.WORDS)
    return Wish(What.UNLINK, How.WORDS) if phrases.asks_to_unlink(text) else None
