"""Phrases that say nothing: kept out of our own texts, and pointed out to an agent in a draft, which they may send."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from handlers.plain_text import fold

_WORD = re.compile(r"\w+")


def _has_words(phrase: str) -> str:
    if not _pattern(phrase):
        raise ValueError("a phrase without words")
    return phrase


def _pattern(phrase: str) -> list[str]:
    return [fold(word) + ("*" if "*" in word else "") for word in re.findall(r"\w+\*?", phrase)]


Phrase = Annotated[str, AfterValidator(_has_words)]


class Cliches(BaseModel):
    """The phrases of each language, as `cliches.yml` has them; `*` at the end of a word stands for any ending."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pl: tuple[Phrase, ...]
    en: tuple[Phrase, ...]

    def hints(self, text: str, language: str) -> tuple[str, ...]:
        """The empty phrases in a draft, as they are written there, in their order; with or without diacritics."""
        words = list(_WORD.finditer(text))
        folded = [fold(word[0]) for word in words]
        found: dict[int, int] = {}
        for pattern in map(_pattern, self.pl if language == "pl" else self.en):
            for at in range(len(words) - len(pattern) + 1):
                if all(map(fnmatchcase, folded[at:], pattern)):
                    found[at] = max(found.get(at, 0), at + len(pattern))
        return tuple(text[words[first].start() : words[last - 1].end()] for first, last in sorted(found.items()))
