"""The words a customer's tone is known by, as an admin lists them in `tone.yml`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from handlers.plain_text import fold


def words_of(phrase: str) -> list[str]:
    """The folded words of a phrase; one that ends in `*` stands for any ending."""
    return [fold(word) + ("*" if word.endswith("*") else "") for word in re.findall(r"\w+\*?", phrase)]


def _has_words(phrase: str) -> str:
    if not all(word.removesuffix("*") for word in words_of(phrase)) or not words_of(phrase):
        raise ValueError("a phrase without words")
    return phrase


Phrase = Annotated[str, AfterValidator(_has_words)]
Phrases = tuple[Phrase, ...]


class ToneWords(BaseModel):
    """One language's. `negations` take a phrase back (not angry), also with `fillers` in between (not at all angry)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frustration: Annotated[Phrases, Field(min_length=1)]
    urgency: Annotated[Phrases, Field(min_length=1)]
    negations: Annotated[Phrases, Field(min_length=1)]
    fillers: Annotated[Phrases, Field(min_length=1)]

    def of(self, kind: str) -> Phrases:
        return {"frustration": self.frustration, "urgency": self.urgency}[kind]


class ToneRules(BaseModel):
    """`names`: of products and the like, and turns of phrase, in which such words are no sign. `abbreviations` are
    written in capital letters by people who do not shout; a few words with one of the `courtesies` ask for nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pl: ToneWords
    en: ToneWords
    names: Phrases = ()
    abbreviations: Phrases = ()
    courtesies: Phrases = ()
