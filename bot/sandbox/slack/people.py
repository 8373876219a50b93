"""Users of the workspace and, over Slack Connect, of others. A user is identified by (team, id)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.sandbox.slack.json_types import Json


@dataclass
class User:
    """`tz` and `locale` may be missing, as they are for some accounts; a stranger's locale is never told."""

    id: str
    team_id: str
    name: str
    tz: str | None = "Europe/Warsaw"
    locale: str | None = "pl-PL"
    email: str | None = None
    is_bot: bool = False
    is_stranger: bool = False
    is_restricted: bool = False
    deleted: bool = False

    @property
    def handle(self) -> str:
        return self.name.lower().replace(" ", ".")

    def info(self, now: datetime, *, with_locale: bool, with_email: bool, home_team: str) -> Json:
        """As `users.info` answers; `locale` only when asked for and only for people of our own workspace."""
        profile = {"display_name": self.name, "real_name": self.name, "team": self.team_id}
        if with_email and self.email:
            profile["email"] = self.email
        told: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.handle,
            "real_name": self.name,
            "deleted": self.deleted,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_restricted": self.is_restricted,
            "is_ultra_restricted": False,
            "profile": profile,
            "updated": int(now.timestamp()),
        }
        if self.team_id != home_team:
            told["is_stranger"] = self.is_stranger
        if self.tz is not None:
            told |= _zone(self.tz, now)
        if with_locale and self.locale and self.team_id == home_team:
            told["locale"] = self.locale
        return told


def _zone(name: str, now: datetime) -> Json:
    local = now.astimezone(ZoneInfo(name))
    offset = local.utcoffset() or (now - now.astimezone(UTC))
    return {"tz": name, "tz_label": local.tzname() or name, "tz_offset": int(offset.total_seconds())}
