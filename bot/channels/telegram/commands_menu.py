"""The commands that Telegram offers behind "/". https://core.telegram.org/bots/api#setmycommands"""

from __future__ import annotations

from telegram import BotCommand

from bot.channels.telegram.api import Api
from handlers.commands import COMMANDS
from handlers.desk import Desk
from handlers.texts import LANGUAGES


async def offer_commands(api: Api, desk: Desk) -> None:
    """For each language, and for people with any other one. Raises `telegram.error.TelegramError`."""
    for language in (None, *LANGUAGES):
        texts = desk.catalogue[language or desk.default_language]
        offered = [BotCommand(name, texts(f"command.{name}")) for name in COMMANDS]
        await api.bot.set_my_commands(offered, language_code=language)
