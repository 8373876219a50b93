"""JSON as it travels: checked by whoever reads it, not by types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

Json = dict[str, Any]

Clock = Callable[[], datetime]
"""Tells the time as an aware UTC datetime."""
