"""What the doctor finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `problem` is None when it is fine, `advice` says what to do.

    `is_note`: the bot runs without it, though not everything works.
    """

    subject: str
    problem: str | None = None
    advice: str = ""
    is_note: bool = False
