"""Whether what was said to a question contradicts the canonical answer: numbers with their units, times, negations.

A paraphrase is fine: it may leave things out and say more. A contradiction says another number of the same thing, or
denies what the answer affirms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from handlers.plain_text import fold

STEM_CHARACTERS = 6
RELATED_FROM = 0.12
SAME_FROM = 0.95
LEAST_SHARED, ABOUT_FROM = 2, 0.3
DAYS_IN_A_MONTH = 30

_NUMBER_WORDS = {
    "jeden": 1, "jedna": 1, "one": 1, "dwa": 2, "dwie": 2, "dwoch": 2, "two": 2, "trzy": 3, "trzech": 3, "three": 3,
    "cztery": 4, "czterech": 4, "four": 4, "piec": 5, "pieciu": 5, "five": 5, "szesc": 6, "szesciu": 6, "six": 6,
    "siedem": 7, "siedmiu": 7, "seven": 7, "dziesiec": 10, "dziesieciu": 10, "ten": 10, "czternascie": 14,
    "czternastu": 14, "fourteen": 14, "trzydziesci": 30, "trzydziestu": 30, "thirty": 30,
}  # fmt: skip
_UNITS: dict[str, tuple[str, float]] = {
    "dni": ("days", 1), "dzien": ("days", 1), "day": ("days", 1), "days": ("days", 1),
    "tydzien": ("days", 7), "tygodnie": ("days", 7), "tygodni": ("days", 7), "week": ("days", 7), "weeks": ("days", 7),
    "miesiac": ("days", DAYS_IN_A_MONTH), "miesiace": ("days", DAYS_IN_A_MONTH), "miesiecy": ("days", DAYS_IN_A_MONTH),
    "month": ("days", DAYS_IN_A_MONTH), "months": ("days", DAYS_IN_A_MONTH),
    "rok": ("days", 12 * DAYS_IN_A_MONTH), "lata": ("days", 12 * DAYS_IN_A_MONTH),
    "lat": ("days", 12 * DAYS_IN_A_MONTH), "year": ("days", 12 * DAYS_IN_A_MONTH),
    "years": ("days", 12 * DAYS_IN_A_MONTH),
    "godzina": ("hours", 1), "godziny": ("hours", 1), "godzin": ("hours", 1), "hour": ("hours", 1),
    "hours": ("hours", 1), "h": ("hours", 1),
    "zl": ("money", 1), "zloty": ("money", 1), "zlotych": ("money", 1), "pln": ("money", 1), "procent": ("percent", 1),
    "percent": ("percent", 1),
}  # fmt: skip
_TIME = re.compile(r"(?<![\d:.])([01]?\d|2[0-3])[:.]([0-5]\d)(?![\d:])(?!\.\d)")
_DATE = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}(?:\.\d{2,4})?)(?!\d)")
_MEASURE = re.compile(
    r"(?<![\w#])(?P<before>pln\s?)?(?P<number>\d{1,3}(?:[ \u00a0]\d{3})+|\d+)(?:[.,](?P<part>\d{1,2}))?"
    r"\s?(?:\w+owych\s|robocz\w+\s|calendar\s|business\s|working\s|kalendarzow\w+\s)?(?P<unit>[a-z]+|%)?"
)
_NOT = frozenset({"nie", "not", "never", "cannot", "isnt", "arent", "dont", "doesnt", "cant", "wont", "nigdy"})
_LINKS = frozenset(
    {
        "jest",
        "sa",
        "byc",
        "bedzie",
        "mozna",
        "mozesz",
        "moze",
        "moga",
        "can",
        "may",
        "we",
        "you",
        "do",
        "does",
        "be",
        "is",
        "are",
        "a",
        "the",
        "it",
        "to",
        "sie",
    }
)


class Verdict(StrEnum):
    """`UNRELATED`: it is no answer to the question, and counts for nothing. `MISSING`: there was none."""

    SAME = "same"
    PARAPHRASE = "paraphrase"
    CONTRADICTION = "contradiction"
    UNRELATED = "unrelated"
    MISSING = "missing"


CONSISTENT = frozenset({Verdict.SAME, Verdict.PARAPHRASE})


@dataclass(frozen=True)
class Compared:
    """`likeness` is the share of the canonical answer's words that were said, 0…1; `why`: what contradicts it."""

    verdict: Verdict
    likeness: float
    why: tuple[str, ...] = ()


def compare(said: str, canonical: Sequence[str]) -> Compared:
    """With whichever of the answer's wordings is nearest; what any of them says contradicts none."""
    if not said.strip():
        return Compared(Verdict.MISSING, 0.0)
    likeness = max((_likeness(said, one) for one in canonical), default=0.0)
    if likeness >= SAME_FROM:
        return Compared(Verdict.SAME, likeness)
    why = (*_other_measures(said, canonical), *_other_times(said, canonical), *_denials(said, canonical))
    if likeness < RELATED_FROM and not any(_is_about(said, one) for one in canonical):
        return Compared(Verdict.UNRELATED, likeness)
    return Compared(Verdict.CONTRADICTION if why else Verdict.PARAPHRASE, likeness, why)


def score(verdicts: Iterable[Verdict]) -> float | None:
    """0…100: the share of answers that are consistent; None where there are none."""
    counted = [one for one in verdicts if one is not Verdict.UNRELATED]
    return round(100 * sum(one in CONSISTENT for one in counted) / len(counted), 1) if counted else None


def _likeness(said: str, canonical: str) -> float:
    ours, theirs = _stems(canonical), _stems(said)
    return len(ours & theirs) / len(ours) if ours else 0.0


def _is_about(said: str, canonical: str) -> bool:
    """Also a short reply that says one thing of many."""
    shared = _stems(said) & _stems(canonical)
    return len(shared) >= LEAST_SHARED and len(shared) >= ABOUT_FROM * len(_stems(said))


def _stems(text: str) -> set[str]:
    return {word[:STEM_CHARACTERS] for word in fold(text).split() if len(word) > 2 or word.isdigit()}


def measures(text: str) -> dict[str, set[float]]:
    """Numbers by what they count: `{"days": {14}, "money": {299}}`; weeks, months and years are days, too."""
    plain = _DATE.sub(" ", _TIME.sub(" ", _without_diacritics(text)))
    words = " ".join(str(_NUMBER_WORDS.get(word, word)) for word in plain.split(" "))
    found: dict[str, set[float]] = {}
    for match in _MEASURE.finditer(words):
        unit = "percent" if match["unit"] == "%" else (match["unit"] or "")
        kind, times = ("money", 1.0) if match["before"] else _UNITS.get(unit, ("", 1.0))
        kind = "percent" if unit == "percent" else kind
        if kind:
            number = float(re.sub(r"\D", "", match["number"]) + "." + (match["part"] or "0"))
            found.setdefault(kind, set()).add(number * times)
    return found


def _without_diacritics(text: str) -> str:
    return " ".join("".join(fold(char) or char for char in word.lower()) for word in text.split())


def _other_measures(said: str, canonical: Sequence[str]) -> list[str]:
    ours: dict[str, set[float]] = {}
    for one in canonical:
        for kind, numbers in measures(one).items():
            ours.setdefault(kind, set()).update(numbers)
    return [
        f"{kind}: {number:g} ≠ {', '.join(f'{one:g}' for one in sorted(ours[kind]))}"
        for kind, numbers in sorted(measures(said).items())
        for number in sorted(numbers)
        if ours.get(kind) and number not in ours[kind]
    ]


def _other_times(said: str, canonical: Sequence[str]) -> list[str]:
    ours = {_minutes(match) for one in canonical for match in _TIME.finditer(one)}
    theirs = {_minutes(match): match[0] for match in _TIME.finditer(said)}
    return [f"time: {shown}" for minutes, shown in sorted(theirs.items()) if ours and minutes not in ours]


def _minutes(match: re.Match[str]) -> int:
    return 60 * int(match[1]) + int(match[2])


def _denials(said: str, canonical: Sequence[str]) -> list[str]:
    """Words that one denies and the other affirms."""
    theirs_not, theirs = _denied(said)
    ours_not: set[str] = set()
    ours: set[str] = set()
    for one in canonical:
        denied, affirmed = _denied(one)
        ours_not, ours = ours_not | denied, ours | affirmed
    wrong = ((theirs_not & ours) - ours_not) | ((theirs & ours_not) - ours - theirs_not)
    return [f"not: {stem}" for stem in sorted(wrong)]


def _denied(text: str) -> tuple[set[str], set[str]]:
    """Stems after a negation, and all others."""
    denied: set[str] = set()
    affirmed: set[str] = set()
    is_denied = False
    for word in fold(text.replace("'", "").replace("’", "")).split():
        if word in _NOT:
            is_denied = True
        elif word not in _LINKS:
            (denied if is_denied else affirmed).add(word[:STEM_CHARACTERS])
            is_denied = False
    return {stem for stem in denied if len(stem) > 3}, {stem for stem in affirmed if len(stem) > 3}
