"""The one-time code that joins two accounts, as it is made, shown, typed and hidden again: pure functions.

No character looks like another one, and each half has a letter and a digit: so no word, and hardly any order number or
discount code, has the looks of one. About 37 bits; guessing is stopped long before that matters (`guessing.py`).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass

from handlers.plain_text import fold, readable

ALPHABET = "ACDEFGHJKMNPQRTVWXY3456789"
HALF = 4
LINK_WORDS = {"link", "polacz"}
CODE_WORDS = {"kod", "code", "moj kod", "my code"}

_HALF = rf"(?=.{{0,{HALF - 1}}}[0-9])(?=.{{0,{HALF - 1}}}[A-Z])[{ALPHABET}]{{{HALF}}}"
_DASH = r"[ \-\u2010-\u2015\u2212_]?"
_CODE = rf"({_HALF}){_DASH}({_HALF})"
_ALONE = re.compile(rf"(?P<before>[^\d]*?)[\s:*`_„\"'(]*(?<![A-Z0-9]){_CODE}[\s.!*`_”\"')]*", re.IGNORECASE | re.ASCII)
_SOMEWHERE = re.compile(rf"(?<![A-Z0-9]){_CODE}(?![A-Z0-9])", re.IGNORECASE | re.ASCII)
HIDDEN = "••••-••••"


@dataclass(frozen=True)
class TypedCode:
    """A code as somebody typed it; `has_link_word`: with "połącz" or "link" before it."""

    code: str
    has_link_word: bool


def new_code() -> str:
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(2 * HALF))
        if _SOMEWHERE.fullmatch(code):
            return code


def shown(code: str) -> str:
    return f"{code[:HALF]}-{code[HALF:]}"


def digest(code: str) -> str:
    return hashlib.sha256(f"link code {code}".encode()).hexdigest()


def typed(text: str) -> TypedCode | None:
    """The code in a text that is nothing else, in any case, with or without the dash; None for any other text."""
    found = _ALONE.fullmatch(readable(text))
    if found is None:
        return None
    before = fold(found["before"])
    if before and before not in LINK_WORDS | CODE_WORDS:
        return None
    return TypedCode((found[2] + found[3]).upper(), before in LINK_WORDS)


def without_codes(text: str) -> str:
    """The text with everything in it that could be a code made unreadable."""
    return _SOMEWHERE.sub(HIDDEN, text)


def without(text: str, code: str) -> str:
    """The text with this code made unreadable, however it is written."""
    return _SOMEWHERE.sub(lambda hit: HIDDEN if (hit[1] + hit[2]).upper() == code else hit[0], text)
