"""What one open page remembers: it survives a change of the page's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.sandbox.telegram.world import Press

HOME = "home"
"""The place in Slack that is the app's Home tab."""


class Aim(StrEnum):
    """What the words in the box are for, when they are no new message."""

    EDIT = "edit"
    THREAD = "thread"


@dataclass
class PhoneState:
    """By customer: drafts, the message being edited, the buttons pressed, how many notices were shown."""

    chosen: int
    drafts: dict[int, str] = field(default_factory=dict)
    editing: dict[int, int] = field(default_factory=dict)
    pressed: dict[int, dict[tuple[int, str], Press]] = field(default_factory=dict)
    noticed: dict[int, int] = field(default_factory=dict)


@dataclass
class SlackState:
    """`places`: where each person is. Drafts and aims (with the `ts` aimed at) are by person and place."""

    chosen: str
    places: dict[str, str] = field(default_factory=dict)
    drafts: dict[tuple[str, str], str] = field(default_factory=dict)
    aims: dict[tuple[str, str], tuple[Aim, str]] = field(default_factory=dict)


@dataclass
class DeskState:
    """By ticket number: unsent replies, and whose history is open."""

    agent: str
    drafts: dict[int, str] = field(default_factory=dict)
    unfolded: set[int] = field(default_factory=set)
