"""Who reads something in Slack: what depends on the reader is decided here, not by whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.sandbox.clock import WARSAW
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.workspace import Workspace
from bot.sandbox.slack_dates import said_date
from handlers.texts import Texts

Name = Callable[[str], str]
"""A user's or channel's name by its id."""


@dataclass(frozen=True)
class Reader:
    """`people`: whom the reader can pick from a list, (id, name) each."""

    name: Name
    texts: Texts
    now: datetime
    zone: ZoneInfo = WARSAW
    people: tuple[tuple[str, str], ...] = ()

    def date(self, seconds: str, pattern: str, fallback: str) -> str:
        """A `<!date^…>` in the reader's zone. What Slack could not read stays the `fallback`."""
        try:
            moment = datetime.fromtimestamp(int(seconds), UTC)
        except (ValueError, OverflowError, OSError):
            return fallback
        return said_date(moment, pattern, self.now, self.zone, self.texts)


def reader(space: Workspace, viewer: Person, texts: Texts, now: datetime) -> Reader:
    people = sorted(
        (user.name, user.id)
        for user in space.users.values()
        if not (user.is_bot or user.deleted) and user.team_id == space.app.team_id
    )
    zone = ZoneInfo(viewer.user.tz) if viewer.user.tz else WARSAW
    return Reader(names_in(space), texts, now, zone, tuple((one, name) for name, one in people))


def names_in(space: Workspace) -> Name:
    """The name of a user or channel by its id, the id itself where nobody has it."""

    def name(one: str) -> str:
        if one in space.users:
            return space.users[one].name
        return space.channels[one].name if one in space.channels else one

    return name
