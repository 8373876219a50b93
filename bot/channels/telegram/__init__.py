"""Telegram, through python-telegram-bot: the only place that imports it."""

from __future__ import annotations

from bot.channels.telegram.api import Api, unhook
from bot.channels.telegram.channel import Telegram
from bot.channels.telegram.gate import TelegramGate

__all__ = ["Api", "Telegram", "TelegramGate", "unhook"]
