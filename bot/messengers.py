"""The messengers that the settings name, and how each is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.channels.base import Channel
from bot.channels.gate import Gate
from bot.intake import Intake
from bot.settings import Settings
from handlers.desk import Desk
from storage.database import Database


@dataclass(frozen=True)
class Messengers:
    """The channels to send through; `open` makes the ways in, once there is an intake to hand messages to."""

    channels: dict[str, Channel]
    open: Callable[[Intake, Callable[[], Desk]], dict[str, Gate]]


def build_messengers(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Messengers:
    """One for each token that is set; without any, there are none."""
    channels: dict[str, Channel] = {}
    return Messengers(channels, lambda _intake, _desk: {})
