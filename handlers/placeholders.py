"""`{name}` placeholders in texts: names only, never attributes or formats, and a filled value is not expanded again."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def names_in(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str | int]) -> str:
    """Every placeholder replaced; raises `KeyError` when one has no value: nothing unresolved ever leaves."""
    return _PLACEHOLDER.sub(lambda match: str(values[match[1]]), text)
