"""Text as the intent classifier sees it: what people type differently but mean alike is made alike."""

from __future__ import annotations

import re
import unicodedata

# Letters that NFKD does not take apart into a base letter and a mark.
_STROKED = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "’": "'", "‘": "'", "`": "'"})
_REPEATED_LETTER = re.compile(r"([^\W\d_])\1+")
_SPACES = re.compile(r"\s+")


def fold_diacritics(text: str) -> str:
    """`zażółć` → `zazolc`; also full-width and other compatibility forms → plain ones."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_STROKED))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def squeeze(text: str) -> str:
    """Repeated letters become one: `haaaalo` → `halo`. Digits keep their runs: `1000` is a number."""
    return _REPEATED_LETTER.sub(r"\1", text)


def normalise(text: str) -> str:
    """Lower case, no diacritics, no repeated letters, single spaces; digits and punctuation stay."""
    lowered = unicodedata.normalize("NFC", text).lower()
    # Lower case once more: folding turns a mathematical or circled letter into a capital.
    return _SPACES.sub(" ", squeeze(fold_diacritics(lowered).lower())).strip()
