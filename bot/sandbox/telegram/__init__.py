"""A local stand-in of the Telegram Bot API. Start it with `bot.sandbox.telegram_api.TelegramStandIn`."""
