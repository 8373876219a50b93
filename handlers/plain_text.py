"""What a customer typed, made safe to store and to read: pure functions over one text."""

from __future__ import annotations

import re
import unicodedata

ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def storable(text: str | None) -> str:
    """The text with what no database or JSON can carry taken out: NUL, lone surrogates. Nothing else is lost."""
    if not text:
        return ""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def readable(text: str) -> str:
    """The text as a person sees it: control, bidi and zero-width characters gone, white space folded."""
    kept = "".join(
        " " if char.isspace() else char
        for char in text.translate(ZERO_WIDTH)
        if char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return " ".join(kept.split())


def has_words(text: str) -> bool:
    """Whether there is any letter or digit to understand: false for emoji, punctuation, stickers, nothing."""
    return any(char.isalnum() for char in text)


def is_only_emoji(text: str) -> bool:
    shown = _VARIATION_SELECTORS.sub("", readable(text)).replace(" ", "")
    return bool(shown) and all(unicodedata.category(char) in {"So", "Sk", "Mn"} for char in shown)


def word_count(text: str) -> int:
    return sum(1 for word in readable(text).split() if has_words(word))


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters, cut at a word where there is one, with an ellipsis when something is gone."""
    text = readable(text)
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > limit // 2 else cut).rstrip(" ,.;:") + "…"


def fold(text: str) -> str:
    """Lower case, without diacritics and punctuation: for comparing what people type with what we look for."""
    decomposed = unicodedata.normalize("NFKD", readable(text)).lower().replace("ł", "l")
    letters = "".join(char if char.isalnum() else " " for char in decomposed if not unicodedata.combining(char))
    return " ".join(letters.split())
