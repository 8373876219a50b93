"""Which messages say nearly the same, so that one look is enough for all of them."""

from __future__ import annotations

from handlers.same_words import same_words

KEY_CHARACTERS = 200


def like_key(text: str) -> str:
    """The same for texts that differ only in case, diacritics, punctuation, numbers and the order of their words."""
    words = same_words(text)
    kept = sorted({word for word in words.split() if not any(char.isdigit() for char in word)})
    return (" ".join(kept) or words)[:KEY_CHARACTERS]
