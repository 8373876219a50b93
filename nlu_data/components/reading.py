"""A text as the intent model reads it: word for word, and once more by what its words are.

"gdzie paczka RR123456789PL" is also "gdzie §parcel §tracking_number": a number or a product that training never saw
still stands where training saw others of its kind. Marks come from the entity extractor (shapes) and the concepts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.concepts import Lexicon, Mark
from components.normalise import normalise
from components.typos import TypoMapper

MARK = "§"  # no word of a text holds it, so that nobody can type a mark
_BESIDE = "|"
_BEGIN, _END = "^", "$"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Shape:
    """Characters `start` up to, not including, `end` of a text are a `name`, says the entity extractor."""

    start: int
    end: int
    name: str


@dataclass(frozen=True)
class Utterance:
    """What somebody wrote, with the entities found in it (none of them overlap)."""

    text: str
    shapes: tuple[Shape, ...] = ()


@dataclass(frozen=True)
class Reading:
    """`literal`: the normalised text. `marked`: its marks, alone and with their neighbours, split by spaces."""

    literal: str
    marked: str


def _segments(utterance: Utterance) -> Iterator[tuple[str, str | None]]:
    """The text cut at the borders of its shapes."""
    at = 0
    for shape in sorted(utterance.shapes, key=lambda one: one.start):
        yield utterance.text[at : shape.start], None
        yield utterance.text[shape.start : shape.end], shape.name
        at = shape.end
    yield utterance.text[at:], None


def _words_and_shapes(utterance: Utterance) -> tuple[list[str], list[Mark]]:
    words: list[str] = []
    shapes = []
    for segment, name in _segments(utterance):
        start = len(words)
        words += _WORD.findall(normalise(segment))
        if name is not None and len(words) > start:
            shapes.append(Mark(start, len(words), name))
    return words, shapes


def _marked(words: Sequence[str], marks: Sequence[Mark]) -> Iterator[str]:
    """Each mark, and each pair of neighbours of which one is a mark; the text's own borders are neighbours too."""
    starting: defaultdict[int, list[str]] = defaultdict(list)
    ending: defaultdict[int, list[str]] = defaultdict(list)
    for at, word in enumerate(words):
        starting[at].append(word)
        ending[at + 1].append(word)
    ending[0].append(_BEGIN)
    starting[len(words)].append(_END)
    seen: set[tuple[str, str, int]] = set()
    for mark in marks:
        name = MARK + mark.name
        yield name
        seen.update((before, name, mark.start) for before in ending[mark.start])
        seen.update((name, after, mark.end) for after in starting[mark.end])
    for left in marks:
        seen.update((MARK + left.name, MARK + right.name, right.start) for right in marks if right.start == left.end)
    for before, after, _ in sorted(seen):
        yield before + _BESIDE + after


class Reader:
    """Reads texts with what training knows: its words, to see through typos, and the concepts."""

    def __init__(self, lexicon: Lexicon, typos: TypoMapper | None = None) -> None:
        """Without `typos` words are taken as they are, as those of training are."""
        self.lexicon = lexicon
        self._typos = typos

    def read(self, utterance: Utterance) -> Reading:
        literal = normalise(utterance.text)
        typed, shapes = _words_and_shapes(utterance)
        words = typed
        if self._typos is not None:
            literal = self._typos.apply(literal)
            words = _WORD.findall(self._typos.apply(" ".join(typed)))
        # A word of the lexicon that training never saw is no slip of the finger; any other is what it is mapped to.
        known = [one if self.lexicon.knows(one) else other for one, other in zip(typed, words, strict=True)]
        marks = shapes + self.lexicon.find(known)
        return Reading(literal, " ".join(_marked(words, marks)))

    def to_json(self) -> dict[str, Any]:
        return {"concepts": self.lexicon.forms, "words": self._typos.to_json() if self._typos is not None else None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reader:
        lexicon = Lexicon(data["concepts"])
        words = data["words"]
        return cls(lexicon, TypoMapper.from_json(words) if words is not None else None)
