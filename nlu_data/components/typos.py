"""Unknown words are read as the training word one slip of the finger away, where there is one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

MIN_LETTERS = 4  # shorter words have too many neighbours: "kot" is not "kod"
_WORD = re.compile(rf"[a-z]{{{MIN_LETTERS},}}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def count_words(texts: Iterable[str]) -> dict[str, int]:
    """How often each word of normalised `texts` occurs; only words long enough to be mapped to."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_WORD.findall(text))
    return dict(counts)


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


class TypoMapper:
    """Maps the words of a normalised text to words that training has seen."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = dict(counts)

    def _nearest(self, word: str) -> str:
        if word in self.counts:
            return word
        known = {candidate for candidate in one_slip_away(word) if candidate in self.counts}
        # The alphabet breaks ties, so that a model answers alike in every process.
        return min(known, key=lambda candidate: (-self.counts[candidate], candidate), default=word)

    def apply(self, text: str) -> str:
        """`text` with every unknown word of four letters or more replaced by its most frequent neighbour."""
        return _WORD.sub(lambda match: self._nearest(match.group()), text)
