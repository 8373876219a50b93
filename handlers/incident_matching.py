"""Whom an incident concerns: by what they asked about and, where it is not all of that, by their words. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from handlers.plain_text import fold

SHORTEST_STEM = 4
ENDING = 2  # letters of a longer word that Polish changes: Gdańsk, Gdańska, Gdańsku


@dataclass(frozen=True)
class Scope:
    """`intents`: topics, which are tickets' categories, too; `words`: one of them has to occur; none: any words do."""

    intents: frozenset[str]
    words: tuple[str, ...] = ()

    def concerns(self, intent: str, text: str) -> bool:
        """Whether somebody who asked about `intent` in these words is affected."""
        if intent not in self.intents:
            return False
        if not self.words:
            return True
        said = fold(text).split()
        return any(_occurs(fold(word).split(), said) for word in self.words)

    def to_payload(self) -> dict[str, Any]:
        return {"intents": sorted(self.intents), "words": list(self.words)}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Scope:
        return cls(frozenset(payload.get("intents", ())), tuple(payload.get("words", ())))


def words_in(text: str) -> tuple[str, ...]:
    """What was typed as words, parted by commas or lines."""
    found = (word.strip() for line in text.split("\n") for word in line.split(","))
    return tuple(dict.fromkeys(word for word in found if fold(word)))


def _occurs(wanted: list[str], said: list[str]) -> bool:
    """Whether the words stand there one after the other, in whatever form."""
    spots = range(len(said) - len(wanted) + 1)
    return bool(wanted) and any(_alike(wanted, said[at : at + len(wanted)]) for at in spots)


def _alike(wanted: Iterable[str], said: Iterable[str]) -> bool:
    return all(there.startswith(_stem(word)) for word, there in zip(wanted, said, strict=True))


def _stem(word: str) -> str:
    return word if not word.isalpha() else word[: max(SHORTEST_STEM, len(word) - ENDING)]
