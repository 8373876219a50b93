"""The commands that Telegram offers behind "/". https://core.telegram.org/bots/api#setmycommands"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from telegram import BotCommand
from telegram.error import TelegramError

from bot.channels.telegram.api import Api
from handlers.commands import COMMANDS
from handlers.desk import Desk
from handlers.texts import LANGUAGES

log = structlog.get_logger(__name__)


class Menu:
    """A convenience: that it could not be offered keeps nobody from writing."""

    def __init__(self, api: Api, desk: Callable[[], Desk]) -> None:
        self._api = api
        self._desk = desk
        self._is_offered = False

    async def offer(self) -> None:
        """For each language, and for people with any other one; once, tried again at the next call."""
        if self._is_offered:
            return
        desk = self._desk()
        try:
            for language in (None, *LANGUAGES):
                texts = desk.catalogue[language or desk.default_language]
                offered = [BotCommand(name, texts(f"command.{name}")) for name in COMMANDS]
                await self._api.bot.set_my_commands(offered, language_code=language)
        except TelegramError as error:
            log.warning("telegram.commands_not_offered", error=type(error).__name__)
        else:
            self._is_offered = True
