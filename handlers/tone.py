"""Signs of frustration and haste in what a customer writes, with the very words they are seen in (R15, R14).

A sign draws an agent's eye to a ticket. Nobody is judged by it and nothing is refused for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from handlers import phrases
from handlers.plain_text import fold, shorten, word_count
from handlers.tone_rules import ToneRules, ToneWords, words_of

MOST_WORDS = 5
READ_CHARACTERS = 4_000
SHOWN_CHARACTERS = 60
SHOUTED_WORDS = 2
SHOUTED_LETTERS = 2
SPELT_OUT_LETTERS = 4
"""At least one word as long as this is among what is shouted: short ones may all be abbreviations."""
UNANSWERED = 3
REQUEST_WORDS = 2
COURTESY_WORDS = 5

_QUOTED = re.compile(r"„[^„”“\"]*[”“\"]|“[^“”]*”|«[^«»]*»|\"[^\"]*\"")
_CLAUSE_ENDS = re.compile(r"[.,;:!?…()\n]+|\s[-–—]+\s")
_WORD = re.compile(r"\w+")
_ONLY_LETTERS = re.compile(r"[^\W\d_]+")


class ToneKind(StrEnum):
    """`CAPS`: they shout; `REPEAT`: they ask again. A later one outweighs those before it."""

    CAPS = "caps"
    REPEAT = "repeat"
    URGENCY = "urgency"
    FRUSTRATION = "frustration"


STRENGTH = {kind: strength for strength, kind in enumerate(ToneKind)}


@dataclass(frozen=True)
class Tone:
    """`words` are as the customer wrote them."""

    kind: ToneKind
    words: tuple[str, ...]


@dataclass(frozen=True)
class Earlier:
    """What the customer wrote before in this conversation. `is_waiting`: it went to people, who have not answered."""

    text: str
    is_waiting: bool = False


def tone_of(words: str, earlier: Sequence[Earlier], content: ToneRules) -> Tone | None:
    """The strongest sign in `words`, looked for in both languages. What is quoted, names of products, and what
    somebody says they are not, are no signs."""
    plain = _QUOTED.sub(" ", words[:READ_CHARACTERS])
    for kind in (ToneKind.FRUSTRATION, ToneKind.URGENCY):
        if found := tuple(_said(plain, kind, content)):
            return Tone(kind, found[:MOST_WORDS])
    if _is_asked_again(words, earlier, content):
        return Tone(ToneKind.REPEAT, (shorten(words, SHOWN_CHARACTERS),))
    shouted = tuple(_shouted(plain, content))
    if len(shouted) >= SHOUTED_WORDS and any(len(word) >= SPELT_OUT_LETTERS for word in shouted):
        return Tone(ToneKind.CAPS, shouted[:MOST_WORDS])
    return None


def _said(text: str, kind: ToneKind, content: ToneRules) -> Iterator[str]:
    """The phrases of this kind as they stand in the text, each once."""
    seen: set[str] = set()
    for clause in _CLAUSE_ENDS.split(text):
        tokens = list(_WORD.finditer(clause))
        folded = " ".join(fold(token[0]).replace(" ", "") or "_" for token in tokens)
        names = [match.span() for match in _any_of(content.names).finditer(folded)]
        for language in (content.pl, content.en):
            for match in _any_of(language.of(kind)).finditer(folded):
                if any(start < match.end() and match.start() < end for start, end in names):
                    continue
                first, last = (folded.count(" ", 0, at) for at in match.span())
                as_written = clause[tokens[first].start() : tokens[last].end()]
                if (first and as_written.istitle()) or _is_denied(folded[: match.start()], language):
                    continue  # amid a sentence only names have capitals: "na ulicę Pilną"
                if fold(as_written) not in seen:
                    seen.add(fold(as_written))
                    yield as_written


def _is_denied(before: str, language: ToneWords) -> bool:
    """ "Nie jestem (wcale) zły": a negation stands before it, with nothing but such words in between."""
    return bool(_denial(language.negations, language.fillers).search(before))


@lru_cache(maxsize=32)
def _any_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """Finds the phrases in folded words; `*` stands for any ending."""
    longest_first = sorted(map(words_of, phrases), key=len, reverse=True)
    choice = "|".join(" ".join(map(_word_pattern, phrase)) for phrase in longest_first)
    return re.compile(rf"(?<!\S)(?:{choice})(?!\S)" if choice else r"(?!)")


@lru_cache(maxsize=8)
def _denial(negations: tuple[str, ...], fillers: tuple[str, ...]) -> re.Pattern[str]:
    no, filler = (_choice(phrases) for phrases in (negations, fillers))
    return re.compile(rf"(?<!\S)(?:{no}) (?:(?:{filler}) )*$")


def _choice(phrases: Iterable[str]) -> str:
    return "|".join(" ".join(map(_word_pattern, words_of(phrase))) for phrase in phrases)


def _word_pattern(word: str) -> str:
    return re.escape(word.removesuffix("*")) + (r"\S*" if word.endswith("*") else "")


def _is_asked_again(words: str, earlier: Sequence[Earlier], content: ToneRules) -> bool:
    """The same words once more, or one message too many without an answer."""
    if not _is_request(words, content):
        return False
    waiting = [one for one in earlier if one.is_waiting and _is_request(one.text, content)]
    return len(waiting) + 1 >= UNANSWERED or fold(words) in {fold(one.text) for one in earlier}


def _is_request(text: str, content: ToneRules) -> bool:
    """More than a word, a yes or no, or a courtesy."""
    if word_count(text) < REQUEST_WORDS or phrases.means_yes(text) or phrases.means_no(text):
        return False
    return word_count(text) > COURTESY_WORDS or not _any_of(content.courtesies).search(fold(text))


def _shouted(text: str, content: ToneRules) -> Iterator[str]:
    """Words in capital letters that are no abbreviations, names or codes."""
    known = {fold(word) for word in content.abbreviations}
    for token in _WORD.finditer(text):
        word = token[0]
        is_word = len(word) >= SHOUTED_LETTERS and _ONLY_LETTERS.fullmatch(word) is not None
        if is_word and word.isupper() and fold(word) not in known:
            yield word
