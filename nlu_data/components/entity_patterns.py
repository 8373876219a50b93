"""Finds entities by pattern and look-up list; one stretch of text is at most one entity.

Patterns are matched against the text in lower case and without diacritics, so they are written that way. Where a
pattern has a group called `value`, that group is the entity and the rest is the context that makes it one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from components.entity_values import NAMED_NORMALISERS, NORMALISERS

VALUE_GROUP = "value"
_SINGLE = {"ł": "l", "ø": "o", "đ": "d", "ß": "s", "æ": "a", "œ": "o", "\u00a0": " ", "\u2011": "-", "–": "-", "—": "-"}


@dataclass(frozen=True)
class FoundEntity:
    """`start` and `end` are offsets into the text that was searched."""

    name: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Pattern:
    """A regular expression for the entity `name`."""

    name: str
    expression: str

    @property
    def has_context(self) -> bool:
        return f"(?P<{VALUE_GROUP}>" in self.expression


def fold_in_place(text: str) -> str:
    """Lower case without diacritics, exactly as long as `text`, so that offsets hold."""
    folded = []
    for char in text:
        plain = _SINGLE.get(char.lower()) or unicodedata.normalize("NFKD", char.lower())[:1]
        folded.append(_SINGLE.get(plain, plain) or char)
    return "".join(folded)


class EntityPatterns:
    """Compiled patterns and look-up forms."""

    def __init__(self, patterns: Sequence[Pattern], forms: Mapping[str, Mapping[str, str]]) -> None:
        """`forms`: entity → written form → value. Raises re.error for a broken pattern.

        Of overlapping finds one with context wins over one without, then the one whose pattern comes first.
        """
        self.patterns = sorted(patterns, key=lambda pattern: not pattern.has_context)
        self.forms = {name: dict(table) for name, table in forms.items()}
        self._compiled = [(pattern.name, re.compile(pattern.expression)) for pattern in self.patterns]
        self._values = {
            name: {fold_in_place(form): value for form, value in table.items()} for name, table in forms.items()
        }
        self._lookups = [(name, self._alternatives(table)) for name, table in self._values.items() if table]

    @staticmethod
    def _alternatives(table: Iterable[str]) -> re.Pattern[str]:
        longest_first = sorted(table, key=lambda form: (-len(form), form))
        return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(form) for form in longest_first) + r")(?!\w)")

    def find(self, text: str) -> list[FoundEntity]:
        """Entities in the order of the text."""
        folded = fold_in_place(text)
        taken: list[FoundEntity] = []
        for found in self._candidates(text, folded):
            if all(found.end <= other.start or found.start >= other.end for other in taken):
                taken.append(found)
        return sorted(taken, key=lambda entity: entity.start)

    def _candidates(self, text: str, folded: str) -> Iterable[FoundEntity]:
        """All finds, those that win an overlap first."""
        for name, expression in self._compiled:
            for match in expression.finditer(folded):
                named = VALUE_GROUP in expression.groupindex
                start, end = match.span(VALUE_GROUP if named else 0)
                normalise = (NAMED_NORMALISERS.get(name) if named else None) or NORMALISERS.get(name)
                value = normalise(folded[start:end]) if normalise else text[start:end]
                if value:
                    yield FoundEntity(name, value, start, end)
        for name, expression in self._lookups:
            for match in expression.finditer(folded):
                yield FoundEntity(name, self._values[name][match.group()], *match.span())
