"""Who somebody is at Slack, and where to write to them; asked once and kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.channels.base import Profile, TemporaryDeliveryError
from bot.channels.slack.client import Client
from bot.channels.slack.errors import Refused
from handlers.errors import SupportError

KEPT_SECONDS = 3600.0
COLLEAGUE_KEPT_SECONDS = 60.0  # who has become a guest, or left, does not go on acting as an agent
UNKNOWN_KEPT_SECONDS = 120.0
PATIENCE_SECONDS = 2.0
MOST_KEPT = 10_000


@dataclass(frozen=True)
class Colleague:
    """Somebody at Slack. `is_ours`: of the workspace the bot lives in; `limit`: what makes them less than a full member
    of it (a guest, a bot, an account that was switched off), by Slack's name."""

    team_id: str
    name: str
    email: str | None
    is_ours: bool
    limit: str | None


@dataclass(frozen=True)
class _Kept:
    told: dict[str, Any]
    since: float
    until: float


class People:
    """`clock` counts seconds."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._dms: OrderedDict[str, str] = OrderedDict()
        self._own: dict[str, Any] | None = None

    async def profile(self, sender_id: str) -> Profile:
        """Name and language, as far as Slack tells them; of strangers it tells no language. Never raises."""
        user = sender_id.rpartition(":")[2]
        told = await self._told(user) if user else {}
        shown = told.get("profile") or {}
        name = shown.get("display_name") or shown.get("real_name") or told.get("real_name") or told.get("name")
        return Profile(name=str(name) if name else None, language=str(told["locale"]) if told.get("locale") else None)

    async def team_of(self, user: str) -> str | None:
        """The workspace a person belongs to."""
        team = (await self._told(user)).get("team_id")
        return str(team) if team else None

    async def colleague(self, user: str) -> Colleague:
        """What tells whether somebody may act as an agent. Raises as `Channel.send` where Slack does not tell now."""
        told = await self._told(user, COLLEAGUE_KEPT_SECONDS)
        if not told:
            raise TemporaryDeliveryError("Slack does not tell who that is")
        own_team = str((await self._ours()).get("team_id") or "")
        limits = ("deleted", "is_bot", "is_restricted", "is_ultra_restricted", "is_stranger")
        is_ours = str(told.get("team_id") or "") == own_team
        shown = told.get("profile") or {}
        return Colleague(
            team_id=str(told.get("team_id") or ""),
            name=(await self.profile(user)).name or user,
            email=str(shown["email"]) if shown.get("email") else None,
            is_ours=is_ours,
            limit=next((limit for limit in limits if told.get(limit) is True), None),
        )

    async def user_with_email(self, email: str) -> str | None:
        """Their user id; None where nobody of this workspace has the address. Raises as `Channel.send`, and
        `TimeoutError` after `PATIENCE_SECONDS`."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._client.call(self._client.web.users_lookupByEmail(email=email))
        except Refused as refused:
            if refused.error == "users_not_found":
                return None
            raise
        return str(answer["user"]["id"])

    async def workspace(self) -> str:
        """The address of our workspace, ending in a slash. Raises as `Channel.send`."""
        return str((await self._ours()).get("url") or "")

    async def _ours(self) -> dict[str, Any]:
        """`auth.test`: it does not change while we run."""
        if self._own is None:
            self._own = await self._client.call(self._client.web.auth_test())
        return self._own

    async def is_bot(self, user: str) -> bool:
        """Whether Slack says so; somebody it tells nothing of counts as a person."""
        told = await self._told(user)
        return told.get("is_bot") is True

    async def dm_of(self, user: str) -> str:
        """The direct conversation with somebody. Raises as `Channel.send`, within `PATIENCE_SECONDS`."""
        if user not in self._dms:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._client.call(self._client.web.conversations_open(users=user))
            self._dms[user] = str(answer["channel"]["id"])
            _trim(self._dms)
        return self._dms[user]

    async def _told(self, user: str, most_seconds: float = KEPT_SECONDS) -> dict[str, Any]:
        """`users.info`, at most so old; empty where it cannot be had in time, which is remembered, too, but not for
        long."""
        kept = self._kept.get(user)
        now = self._clock()
        if kept is not None and kept.until > now and kept.since + most_seconds > now:
            return kept.told
        told: dict[str, Any] = {}
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                answer = await self._client.call(self._client.web.users_info(user=user, include_locale=True))
            told = answer.get("user") or {}
        except (SupportError, TimeoutError):
            told = kept.told if kept else {}
        lasts = KEPT_SECONDS if told and not (kept and told is kept.told) else UNKNOWN_KEPT_SECONDS
        self._kept[user] = _Kept(told, now, now + lasts)
        self._kept.move_to_end(user)
        _trim(self._kept)
        return told


def _trim(kept: OrderedDict[str, Any]) -> None:
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)
