"""What travels over the wire. Types end here: inside the stand-in a payload has classes of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    return datetime.now(UTC)
