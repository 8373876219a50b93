"""How we stand with Slack: well only while the token is good and the socket is up."""

from __future__ import annotations

from enum import StrEnum

from bot.channels.health import Health


class Concern(StrEnum):
    TOKEN = "token"  # noqa: S105 - the bot's token, and what it may do
    SOCKET = "socket"


class Standing:
    """An open socket says nothing of the bot's token, nor a good token of the socket: neither talks the other's
    trouble away. Without `health` nobody is told."""

    def __init__(self, health: Health | None = None) -> None:
        self._health = health
        self._problems: dict[Concern, str] = {}

    async def well(self, concern: Concern) -> None:
        self._problems.pop(concern, None)
        await self._tell()

    async def unwell(self, concern: Concern, problem: str) -> None:
        self._problems[concern] = problem
        await self._tell()

    async def _tell(self) -> None:
        if self._health is None:
            return
        if self._problems:
            await self._health.unwell("; ".join(self._problems[concern] for concern in sorted(self._problems)))
        else:
            await self._health.well()
