"""Which texts teach the same, or nearly: pure functions."""

from __future__ import annotations

import unicodedata

LONGEST_COMPARED = 200


def strip_diacritics(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "L"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def same_words(text: str) -> str:
    """Two texts for which this is equal teach the same: lower case, no diacritics, no punctuation."""
    plain = strip_diacritics(text.lower())
    letters = "".join(char if char.isalnum() else " " for char in plain)
    return " ".join(letters.split()) or plain.strip()


def are_near(one: str, other: str) -> bool:
    """Whether two results of `same_words` differ only in the order of words, or by one slip in one of them."""
    if max(len(one), len(other)) > LONGEST_COMPARED:
        return one == other
    return sorted(one.split()) == sorted(other.split()) or is_one_slip(one, other)


def is_one_slip(one: str, other: str) -> bool:
    """Whether one letter too many, missing, wrong, or two swapped make one of the other; or nothing does."""
    if abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    at = next((index for index, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    is_swap = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return is_swap or short[at + 1 :] == long[at + 1 :]
