"""Concepts: what a word is about, for words that no training example has.

A lexicon says that `kettle` and `fairy lights` are both things in the shop. Its forms are written as in
nlu_data/concepts/: a word, a stem with `*` for any ending, or a phrase of them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from components.normalise import normalise

ANY_ENDING = "*"
_WORD_OR_STEM = re.compile(r"\w+\*?")  # cut as texts are: `don't` is two words


@dataclass(frozen=True)
class Mark:
    """Words `start` up to, not including, `end` are a `name`."""

    start: int
    end: int
    name: str


class _Words:
    """Which of many words and stems a word matches, by a few look-ups however many there are."""

    def __init__(self) -> None:
        self._whole: defaultdict[str, list[int]] = defaultdict(list)
        self._stems: defaultdict[str, list[int]] = defaultdict(list)
        self._lengths: list[int] = []

    def add(self, form: str, number: int) -> None:
        """`number` is what `matches` yields for a word of this form."""
        if form.endswith(ANY_ENDING):
            stem = form.removesuffix(ANY_ENDING)
            self._stems[stem].append(number)
            self._lengths = sorted({*self._lengths, len(stem)})
        else:
            self._whole[form].append(number)

    def matches(self, word: str) -> Iterator[int]:
        yield from self._whole.get(word, ())
        for length in self._lengths:
            if length > len(word):
                return
            yield from self._stems.get(word[:length], ())


def _fits(form: str, word: str) -> bool:
    if form.endswith(ANY_ENDING):
        return word.startswith(form.removesuffix(ANY_ENDING))
    return word == form


class Lexicon:
    """Finds concepts in the words of a normalised text."""

    def __init__(self, forms: Mapping[str, Iterable[str]]) -> None:
        """`forms`: concept → its forms. Forms are normalised as texts are, so doubled letters count once."""
        self.forms = {name: sorted(set(entries)) for name, entries in sorted(forms.items())}
        self._phrases: list[tuple[str, list[str]]] = []
        self._first = _Words()
        self._any = _Words()
        for name, entries in self.forms.items():
            for entry in entries:
                self._add(name, _WORD_OR_STEM.findall(normalise(entry)))

    def _add(self, name: str, words: list[str]) -> None:
        if not words:
            return
        number = len(self._phrases)
        self._phrases.append((name, words[1:]))
        self._first.add(words[0], number)
        for word in words:
            self._any.add(word, number)

    def find(self, words: Sequence[str]) -> list[Mark]:
        """All matches, overlapping ones too: a word may be two things."""
        marks = set()
        for start, word in enumerate(words):
            for number in self._first.matches(word):
                name, rest = self._phrases[number]
                end = start + 1 + len(rest)
                if end <= len(words) and all(map(_fits, rest, words[start + 1 : end])):
                    marks.add(Mark(start, end, name))
        return sorted(marks, key=lambda mark: (mark.start, mark.end, mark.name))

    def knows(self, word: str) -> bool:
        """Whether `word` is a word of any form, so that it is no slip of the finger."""
        return next(self._any.matches(word), None) is not None
