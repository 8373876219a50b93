"""Recognises what an agent promises a customer, and for when: "odpiszę jutro do 12", "I'll let you know by Friday". Pure.

A promise is a phrase in which we say that we will do something, and in the same clause a time. A time without a promise
("zamówienie było wczoraj o 12"), a condition, a question, a refusal and somebody else's words are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from handlers.calendars import Calendar
from handlers.rhythm import TimesOfDay

_QUOTED = re.compile(r"„[^„”“\"]*[”“\"]|“[^“”]*”|«[^«»]*»|\"[^\"]*\"|^>.*$", re.MULTILINE)
_SENTENCE = re.compile(r"[^.!?…\n]+(?:[.](?=\d)[^.!?…\n]+|[.](?=m\b|\s*m[.])[^.!?…\n]*)*[.!?…]*")


@dataclass(frozen=True)
class Found:
    """The clause that promises something, as it was written, and when that is due."""

    words: str
    due_at: datetime


def find(text: str, language: str, now: datetime, calendar: Calendar, times: TimesOfDay) -> tuple[Found, ...]:
    """Every promise with a time still to come, in the order they stand; of the same time only the first."""
    return ()
