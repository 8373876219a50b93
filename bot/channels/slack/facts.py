"""Reading Slack's JSON: what has to be there, is, or the event is unreadable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

Body = Mapping[str, Any]

_ID = re.compile(r"[\w.-]{1,80}")
_TS = re.compile(r"\d{1,12}(\.\d{1,9})?")


class Unreadable(Exception):
    """An event of a kind we work lacks what it should have."""


@dataclass(frozen=True)
class Us:
    """Our bot users."""

    users: frozenset[str] = frozenset()

    def knowing(self, body: Body) -> Us:
        """With the bot user that this event was sent to, as its envelope tells."""
        told = {words(one, "user_id") for one in parts(body, "authorizations") if one.get("is_bot")} - {""}
        return replace(self, users=self.users | told)


def identifier(owner: Body, name: str) -> str:
    """A channel's, user's or team's id. Names at Slack are no identifiers, and ids are never taken apart."""
    value = owner.get(name)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Unreadable(f"{name} is missing or no id")
    return value


def timestamp(owner: Body, name: str) -> str:
    """A `ts`: a message's name within its channel, kept as text, for a float loses its last digits."""
    value = owner.get(name)
    if not isinstance(value, str) or not _TS.fullmatch(value):
        raise Unreadable(f"{name} is missing or no timestamp")
    return value


def part(owner: Body, name: str) -> dict[str, Any]:
    value = owner.get(name)
    if not isinstance(value, dict):
        raise Unreadable(f"{name} is missing")
    return value


def parts(owner: Body, name: str) -> list[dict[str, Any]]:
    """A list that may be missing; what is no object in it is left out."""
    value = owner.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def words(owner: Body, name: str) -> str:
    value = owner.get(name)
    return value if isinstance(value, str) else ""


def at(ts: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError) as error:
        raise Unreadable("no time of ours") from error


def is_dm(channel: str, kind: object) -> bool:
    """`kind` is an event's `channel_type`; where an event has none, only direct conversations begin with D."""
    return kind == "im" if kind else channel.startswith("D")


def team_of(person: Body, body: Body) -> str:
    """The workspace somebody belongs to: their own in a shared channel, else that of the event. Empty where the
    event tells of a shared channel, but not who is from where."""
    for name in ("user_team", "team", "team_id", "source_team"):
        value = person.get(name)
        if isinstance(value, str) and value:
            return value
    if body.get("is_ext_shared_channel") is True:
        return ""
    team = body.get("team")
    return words(body, "team_id") or (words(team, "id") if isinstance(team, dict) else "")
