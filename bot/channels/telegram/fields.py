"""Reading Telegram's JSON without trusting it: a field has its type, or the update cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from handlers.errors import SupportError
from handlers.plain_text import storable

Json = dict[str, Any]


class UnreadableUpdate(SupportError):
    """An update that is not of the shape Telegram promises; the text names the field, never what stands in it."""


def part(of: Json, name: str) -> Json:
    """An object that has to be there."""
    found = maybe_part(of, name)
    if found is None:
        raise UnreadableUpdate(f"{name}: missing")
    return found


def maybe_part(of: Json, name: str) -> Json | None:
    found = of.get(name)
    if found is None or isinstance(found, dict):
        return found
    raise UnreadableUpdate(f"{name}: not an object")


def parts(of: Json, name: str) -> list[Json]:
    """The objects of an array; none where there is no array."""
    found = of.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise UnreadableUpdate(f"{name}: not an array of objects")
    return found


def number(of: Json, name: str) -> int:
    found = of.get(name)
    if isinstance(found, bool) or not isinstance(found, int):
        raise UnreadableUpdate(f"{name}: not a whole number")
    return found


def words(of: Json, name: str) -> str:
    """A text, empty where there is none. What no database can carry is taken out of it."""
    found = of.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise UnreadableUpdate(f"{name}: not a text")
    return storable(found)


def moment(of: Json, name: str) -> datetime:
    try:
        return datetime.fromtimestamp(number(of, name), UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise UnreadableUpdate(f"{name}: not a time") from error
