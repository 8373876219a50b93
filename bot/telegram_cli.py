"""`supportbot telegram …`: what has to be done at Telegram by hand."""

from __future__ import annotations

import typer

from bot import log
from bot.channels.telegram.api import unhook
from bot.command_line import console, run_to_end
from bot.settings import SettingsError, load_settings

telegram_app = typer.Typer(help="What has to be done at Telegram by hand.", no_args_is_help=True)


@telegram_app.callback()
def telegram() -> None:
    """Keeps `unhook` a command of its own."""


@telegram_app.command(name="unhook")
def unhook_() -> None:
    """Removes the webhook, so that the worker can poll. What waits at Telegram goes on waiting."""
    settings = load_settings()
    log.set_up("WARNING", settings.log_format)
    if settings.telegram_bot_token is None:
        raise SettingsError("TELEGRAM_BOT_TOKEN is not set")
    token = settings.telegram_bot_token.get_secret_value()

    async def start() -> None:
        where = await unhook(token, settings.telegram_api_url)
        console.print(f"The webhook to {where} is removed." if where else "There was no webhook.", highlight=False)

    run_to_end(start)
