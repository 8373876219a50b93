"""python-telegram-bot's errors → ours. No text of ours holds an address: the token is part of every one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.channels.base import ChatMoved, PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from handlers.errors import SupportError

WORDS_CHARACTERS = 200
TOKEN_REFUSED_SECONDS = 60.0
TOKEN_REFUSED = "Telegram refuses the token: check TELEGRAM_BOT_TOKEN, @BotFather tells it"  # noqa: S105 - no token
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


def in_words(error: TelegramError) -> str:
    """What went wrong, for the log and the operator."""
    if isinstance(error, InvalidToken):
        return TOKEN_REFUSED
    cause = error.__cause__
    if isinstance(cause, httpx.HTTPError):
        return f"Telegram could not be reached ({type(cause).__name__})"
    return f"Telegram: {error.message}"[:WORDS_CHARACTERS]


def seconds_of(error: RetryAfter) -> float:
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def refusal(error: TelegramError) -> SupportError:
    """Our error for one that sending met.

    Only what was not sent may be tried again: Telegram knows no idempotency key. A 500 in Telegram's own words is the
    Bot API's refusal of the call; a page of a proxy's, a timeout or a broken connection proves nothing.
    """
    told = in_words(error)
    match error:
        case RetryAfter():
            return TemporaryDeliveryError(told, seconds_of(error))
        case InvalidToken():
            # Ours, not the message's trouble: nothing is given up for it.
            return TemporaryDeliveryError(told, TOKEN_REFUSED_SECONDS)
        case ChatMigrated():
            return ChatMoved(told, str(error.new_chat_id))
        case Forbidden():
            return PermanentDeliveryError(told, blocked=True)
        case BadRequest():
            return PermanentDeliveryError(told)
        case Conflict():
            return TemporaryDeliveryError(told)
    if isinstance(error.__cause__, _NOT_SENT):
        return TemporaryDeliveryError(told)
    message = error.message.lower()
    if message.startswith("internal server error") and "parsing the server response" not in message:
        return TemporaryDeliveryError(told)
    if message.startswith("too many requests"):  # a 429 that names no time
        return TemporaryDeliveryError(told)
    if message.startswith("request entity too large"):  # 413
        return PermanentDeliveryError(told)
    return UnknownOutcome(told)


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Raises ours for PTB's."""
    try:
        yield
    except TelegramError as error:
        raise refusal(error) from error
