"""A customer's text made safe to send to Rasa, with the way back to the original for each character."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

MAX_CHARACTERS = 1_000


@dataclass(frozen=True)
class PreparedText:
    """`text` is what is sent; `origins[i]` is where its i-th character stands in the customer's text."""

    text: str
    origins: tuple[int, ...]

    def span_in_original(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in `text` → offsets in the original. Raises ValueError when they are not a stretch of `text`."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"no such stretch: {start}…{end} of {len(self.text)}")
        return self.origins[start], self.origins[end - 1] + 1


def _visible(char: str) -> str:
    """A space for whatever separates, nothing for what cannot be seen, else the character."""
    category = unicodedata.category(char)
    if char.isspace() or category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    # Cf: zero-width and direction marks; Cs: lone surrogates, which no JSON can carry.
    return "" if category in ("Cf", "Cs") else char


def prepare(text: str) -> PreparedText:
    """Fold control and zero-width characters, drop leading spaces and slashes, cut at 1,000 characters.

    Rasa takes text that begins with `/`, even after spaces, as a command naming an intent at full confidence.
    Dropping the slashes leaves words like any others, so a customer cannot name an intent.
    """
    kept: list[tuple[str, int]] = []
    for index, char in enumerate(text):
        visible = _visible(char)
        if not visible or (not kept and visible in "/ "):
            continue
        kept.append((visible, index))
        if len(kept) == MAX_CHARACTERS:
            break
    while kept and kept[-1][0] == " ":
        kept.pop()
    return PreparedText("".join(char for char, _ in kept), tuple(index for _, index in kept))
