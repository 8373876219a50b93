"""The demo's time: the machine's, plus what it has been moved on by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

WARSAW = ZoneInfo("Europe/Warsaw")


def wall_clock() -> datetime:
    return datetime.now(UTC)


class DemoClock:
    """Called, it answers the time of the demo, aware and in UTC. It never goes back."""

    def __init__(self, zone: ZoneInfo = WARSAW, wall: Callable[[], datetime] = wall_clock) -> None:
        self.zone = zone
        self._wall = wall
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        return self._wall() + self._ahead

    def move_on(self, by: timedelta) -> None:
        """Raises ValueError for a step back."""
        if by < timedelta():
            raise ValueError("time does not go back")
        self._ahead += by

    def to_next(self, hour: int) -> None:
        """To the next time the clocks of the zone strike this hour."""
        now = self()
        local = now.astimezone(self.zone)
        strike = datetime.combine(local.date(), time(hour), self.zone)
        if strike.astimezone(UTC) <= now:
            strike = datetime.combine(local.date() + timedelta(days=1), time(hour), self.zone)
        self.move_on(strike.astimezone(UTC) - now)
