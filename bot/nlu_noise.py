"""What a text looks like typed in a hurry on a phone: no diacritics, two slips of the finger."""

from __future__ import annotations

import random
import string

from handlers.same_words import strip_diacritics

SLIPS = 2


def _slip(text: str, chance: random.Random) -> str:
    """One letter dropped, doubled up with another, replaced, or swapped with the next."""
    places = [index for index, char in enumerate(text) if char.isalpha()]
    if not places:
        return text
    at = chance.choice(places)
    letter = chance.choice(string.ascii_lowercase)
    before, char, after = text[:at], text[at], text[at + 1 :]
    kinds = [before + after, before + letter + char + after, before + letter + after]
    if after:
        kinds.append(before + after[0] + char + after[1:])
    return chance.choice(kinds)


def noisy(text: str, chance: random.Random) -> str:
    """`text` without diacritics and with two slips; the same for the same seed."""
    result = strip_diacritics(text)
    for _ in range(SLIPS):
        result = _slip(result, chance)
    return result
