"""Unknown words are read as a training word one or two slips of the finger away, where there is one."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

MIN_LETTERS = 3  # shorter words have too many neighbours
MIN_LETTERS_TWO_SLIPS = 5
MAX_LETTERS = 20  # nobody means such a word; and the work grows with the square of its length
_WORD = re.compile(r"[a-z]+")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_EDGE = ""  # stands before the first word and after the last


def one_slip_away(word: str) -> Iterator[str]:
    """All strings one deletion, swap, substitution or insertion away (some more than once)."""
    for cut in range(len(word) + 1):
        head, tail = word[:cut], word[cut:]
        if tail:
            yield head + tail[1:]
            for letter in _LETTERS:
                yield head + letter + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in _LETTERS:
            yield head + letter + tail


def with_letters_left_out(word: str, count: int) -> set[str]:
    """`word` and whatever is left of it without one letter, without two … without `count`."""
    found = latest = {word}
    for _ in range(count):
        latest = {shorter[:cut] + shorter[cut + 1 :] for shorter in latest for cut in range(len(shorter))}
        found = found | latest
    return found


def slips_between(left: str, right: str) -> int:
    """The fewest deletions, insertions, substitutions and swaps of neighbours that turn one into the other."""
    before: list[int] = []
    above = list(range(len(right) + 1))
    for row, char in enumerate(left, start=1):
        line = [row]
        for column, other in enumerate(right, start=1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (char != other))
            if row > 1 and column > 1 and char == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, above = above, line
    return above[-1]


class TypoMapper:
    """Maps the words of a normalised text to words that training has seen, preferring those that fit the neighbours."""

    def __init__(self, counts: Mapping[str, int], pairs: Mapping[tuple[str, str], int]) -> None:
        """`counts`: how often training has each word; `pairs`: each word followed by each other."""
        self.counts = dict(counts)
        self.pairs = dict(pairs)
        self._shortened: defaultdict[str, list[str]] = defaultdict(list)
        for word in self.counts:
            if MIN_LETTERS_TWO_SLIPS <= len(word) <= MAX_LETTERS:
                for shorter in with_letters_left_out(word, 2):
                    self._shortened[shorter].append(word)

    @classmethod
    def fit(cls, texts: Iterable[str]) -> TypoMapper:
        """Count the words of normalised `texts`."""
        counts: Counter[str] = Counter()
        pairs: Counter[tuple[str, str]] = Counter()
        for text in texts:
            words = _WORD.findall(text)
            counts.update(words)
            pairs.update(zip([_EDGE, *words], [*words, _EDGE], strict=True))
        return cls(counts, pairs)

    def _candidates(self, word: str) -> set[str]:
        near: set[str] = set()
        if len(word) > MAX_LETTERS:
            return near
        if len(word) >= MIN_LETTERS:
            near = {other for other in one_slip_away(word) if len(other) >= MIN_LETTERS and other in self.counts}
        if near or len(word) < MIN_LETTERS_TWO_SLIPS:
            return near
        shortened = with_letters_left_out(word, 2)
        further = {other for shorter in shortened for other in self._shortened.get(shorter, ())}
        return {other for other in further if slips_between(word, other) <= 2}

    def _nearest(self, before: str, word: str, after: str) -> str:
        if word in self.counts:
            return word

        def fit(other: str) -> float:
            beside = self.pairs.get((before, other), 0), self.pairs.get((other, after), 0)
            return math.log(self.counts[other]) + math.log1p(beside[0]) + math.log1p(beside[1])

        # The alphabet breaks ties, so that a model answers alike in every process.
        return max(sorted(self._candidates(word)), key=fit, default=word)

    def apply(self, text: str) -> str:
        """`text` with every unknown word replaced by the likeliest word within one slip, or two in longer ones."""
        words = _WORD.findall(text)
        gaps = _WORD.split(text)
        for index, word in enumerate(words):
            before = words[index - 1] if index else _EDGE
            after = words[index + 1] if index + 1 < len(words) else _EDGE
            words[index] = self._nearest(before, word, after)
        return "".join(gap + word for gap, word in zip(gaps, [*words, ""], strict=True))

    def to_json(self) -> dict[str, Any]:
        return {"counts": self.counts, "pairs": [[*pair, count] for pair, count in self.pairs.items()]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TypoMapper:
        pairs: Sequence[tuple[str, str, int]] = data["pairs"]
        return cls(data["counts"], {(left, right): count for left, right, count in pairs})
