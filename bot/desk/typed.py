"""What is typed or chosen in forms, read: the same for the check at its field and for the action itself."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.desk.payloads import NUMBER_DIGITS
from handlers.casework import NotSensible, Why
from storage.tickets import Priority, Status

MOMENT_DIGITS = 11
WAITS_ON = {"customer": Status.WAITING_CUSTOMER, "third_party": Status.WAITING_THIRD_PARTY}


def number(text: str) -> int:
    """A ticket's, also with its `#`. Raises `NotSensible`."""
    bare = text.strip().removeprefix("#").strip()
    if not (bare.isascii() and bare.isdecimal() and len(bare) <= NUMBER_DIGITS):
        raise NotSensible(Why.NO_NUMBER)
    return int(bare)


def moment(text: str) -> datetime:
    """Seconds since 1970, as a `datetimepicker` tells them. Raises `NotSensible`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= MOMENT_DIGITS):
        raise NotSensible(Why.NO_CHOICE)
    return datetime.fromtimestamp(int(text), UTC)


def waits_on(text: str) -> Status:
    """Raises `NotSensible`."""
    if text not in WAITS_ON:
        raise NotSensible(Why.NO_CHOICE)
    return WAITS_ON[text]


def priority(text: str) -> Priority:
    """Raises `NotSensible`."""
    try:
        return Priority(text)
    except ValueError as error:
        raise NotSensible(Why.NO_CHOICE) from error
