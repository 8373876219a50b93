"""CHANNELS: name → class."""

from bot.channels.base import Channel
from bot.channels.local import LocalChannel

CHANNELS: dict[str, type[Channel]] = {"local": LocalChannel}
