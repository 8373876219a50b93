"""Which language a conversation is held in: pure rules."""

from __future__ import annotations

import re

from handlers.plain_text import fold

SURE = 0.9
_POLISH = re.compile(r"\b(polsk\w*|polish)\b")
_ENGLISH = re.compile(r"\b(angielsk\w*|english|eng)\b")


def choose_language(
    *,
    current: str | None,
    chosen: bool,
    reading: str | None,
    confidence: float,
    words: int,
    hint: str | None,
    default: str,
) -> str:
    """The language to answer in.

    At first sight: what the text is clearly written in, else what the channel says, else `default`. Later it changes
    only for a message of two words or more that is clearly in the other language, and not at all once the customer
    has `chosen` it themselves.
    """
    clear = reading in {"pl", "en"} and confidence >= SURE
    if current is None:
        if clear and reading is not None:
            return reading
        return _hinted(hint) or default
    if not chosen and clear and words >= 2 and reading is not None:
        return reading
    return current


def _hinted(hint: str | None) -> str | None:
    language = (hint or "").split("-")[0].lower()
    if not language:
        return None
    return "pl" if language == "pl" else "en"


def asked_for(text: str, current: str) -> str:
    """The language that a request to change it means: the one it names, else the other one."""
    words = fold(text)
    polish, english = _POLISH.search(words), _ENGLISH.search(words)
    if polish and not english:
        return "pl"
    if english and not polish:
        return "en"
    return "en" if current == "pl" else "pl"
