"""What the desk knows of language understanding: text in, ranked intents and entities out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from handlers.errors import SupportError


class NLUUnavailable(SupportError):
    """No usable reading could be had: the server is down, slow, or answered nonsense.

    It is never the same as "no intent": the customer is told so and offered a ticket.
    """


@dataclass(frozen=True)
class Intent:
    """One reading. `confidence` is the measured chance (0…1) that acting on it is right, not a raw score."""

    name: str
    confidence: float


@dataclass(frozen=True)
class Entity:
    """A fact found in the text. `start` and `end` are offsets into `ParsedMessage.text`; `value` is normalised."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class ParsedMessage:
    """A message as it was understood. `intents` are best first; empty when the model has no idea at all.

    `language` ("pl" or "en") is the tagger's reading of this one text with its confidence, or None.
    `model` names the model that read it, so that each automatic answer can be explained later.
    """

    text: str
    intents: tuple[Intent, ...] = ()
    entities: tuple[Entity, ...] = ()
    language: str | None = None
    language_confidence: float = 0.0
    model: str = ""

    @property
    def best(self) -> Intent | None:
        return self.intents[0] if self.intents else None


class NLU(Protocol):
    """Anything that can read a customer's text."""

    async def parse(self, text: str, message_id: str) -> ParsedMessage:
        """Read `text`. Raises `NLUUnavailable`; takes at most a few seconds."""
        ...


@runtime_checkable
class NLUPerChat(NLU, Protocol):
    """One that reads some chats with one model and some with another."""

    def of(self, chat: str) -> NLU:
        """What reads this chat, named as its lane of the inbox is."""
        ...


def reader_of(nlu: NLU, chat: str) -> NLU:
    return nlu.of(chat) if isinstance(nlu, NLUPerChat) else nlu
