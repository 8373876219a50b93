"""What one open page remembers: it survives a change of the page's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from bot.sandbox.telegram.world import Press

HOME = "home"
"""The place in Slack that is the app's Home tab."""


class Spot(NamedTuple):
    """Where words are written in Slack: `thread` is the `ts` of its parent, empty in the channel itself."""

    person: str
    channel: str
    thread: str = ""


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
    """`places`: where each person is. `threads`: which one they have opened there, by person and channel. `editing`:
    the `ts` of what is being edited. `just_opened`: the thread that somebody opened and now wants to write in.
    `closed`: modals that were open before the page was; `dismissed`: by channel and `ts`, what only one person saw
    before, and what they have put away since."""

    chosen: str
    closed: frozenset[str] = frozenset()
    dismissed: set[tuple[str, str]] = field(default_factory=set)
    just_opened: str = ""
    places: dict[str, str] = field(default_factory=dict)
    threads: dict[tuple[str, str], str] = field(default_factory=dict)
    drafts: dict[Spot, str] = field(default_factory=dict)
    editing: dict[Spot, str] = field(default_factory=dict)
