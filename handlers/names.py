"""How a customer is addressed by name: correctly, or not by name at all."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.content import FirstName
from handlers.plain_text import readable
from handlers.texts import Texts

LONGEST = 20


def address(name: str | None, texts: Texts, known: Mapping[str, FirstName]) -> str | None:
    """ "Anno", "Pani Anno", "Anna", or None when the right form is not known.

    Polish needs the vocative and, on formal terms, the sex, so only names in `names.yml` are used there. English
    takes any plain first name.
    """
    words = readable(name or "").split()
    if not words or not words[0].isalpha() or len(words[0]) > LONGEST:
        return None
    first = words[0].capitalize() if words[0].islower() or words[0].isupper() else words[0]
    if texts.language != "pl":
        return first
    entry = known.get(first)
    if entry is None:
        return None
    if texts.register == "ty":
        return entry.vocative
    return texts("name.formal_f" if entry.sex == "f" else "name.formal_m", name=entry.vocative)
