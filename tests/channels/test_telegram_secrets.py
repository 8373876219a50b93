"""The token leaves the process in requests to Telegram and nowhere else (PLATFORM 13, "Token leaks").

Not here: `File.file_path`, which holds the token: files are kept by id, and no path is ever asked for.
"""

from __future__ import annotations

import io
import logging
import traceback
from collections.abc import Iterator
from contextlib import suppress

import pytest
from telegram.error import InvalidToken, TelegramError

from bot import log
from bot.channels.base import Address
from bot.channels.telegram import Api, Telegram, unhook
from bot.channels.telegram.errors import in_words, refusal
from bot.sandbox.telegram import faults
from bot.sandbox.telegram_api import TelegramStandIn
from handlers.attachments import Attachment
from handlers.errors import SupportError
from handlers.messages import Reply

TOKEN = "8123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr"
WORDS = "nobody else is to read this"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is logged at the most talkative level, as it is written."""
    kept = list(logging.getLogger().handlers), logging.getLogger().level
    log.set_up("DEBUG", "text")
    stream = io.StringIO()
    [handler] = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    log.set_up("WARNING", "json")
    logging.getLogger().handlers, level = kept
    logging.getLogger().setLevel(level)


async def no_files(attachment: Attachment) -> bytes:
    raise FileNotFoundError(attachment.reference)


async def test_whatever_goes_wrong_no_error_and_no_log_holds_the_token(written: io.StringIO) -> None:
    async with TelegramStandIn(token=TOKEN, tick_seconds=None) as stand_in:
        anna = stand_in.person("Anna")
        anna.types("hej")
        api = Api(TOKEN, stand_in.url)
        channel = Telegram(api, 1.0, no_files)
        told: list[str] = [repr(channel), repr(api)]
        for fault in (faults.server_error(), faults.html(), faults.reset(), faults.rate_limit()):
            stand_in.faults.next("sendMessage", fault)
            told.append(await refused(channel, anna.id))
        await channel.send(Address(str(anna.id)), Reply(WORDS), "key")
        stand_in.revoke_token()
        told.append(await refused(channel, anna.id))
        with pytest.raises(TelegramError) as caught:
            await api.connect()
        told += ["".join(traceback.format_exception(caught.value)), in_words(caught.value)]
        with pytest.raises(SupportError) as gone:
            await unhook(TOKEN, stand_in.url)
        told.append("".join(traceback.format_exception(gone.value)))
        await api.close()
    secret = TOKEN.partition(":")[2]
    assert [text for text in told if secret in text] == []
    assert secret not in written.getvalue()
    assert WORDS not in written.getvalue()


async def test_a_token_that_stops_working_while_we_start_is_not_told_either(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own words for it hold the token."""
    async with TelegramStandIn(token=TOKEN, tick_seconds=None) as stand_in:
        api = Api(TOKEN, stand_in.url)
        get_me = type(api.bot).get_me
        calls = []

        async def once(self: object) -> object:
            calls.append(1)
            if len(calls) > 1:
                stand_in.revoke_token()
            return await get_me(self)  # type: ignore[arg-type]

        monkeypatch.setattr(type(api.bot), "get_me", once)
        with pytest.raises(InvalidToken) as caught:
            await api.connect()
        await api.close()
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    assert TOKEN not in str(refusal(caught.value))


async def test_the_library_starts_no_scheduler_and_no_updater_of_its_own() -> None:
    """PLATFORM 13: APScheduler installed would have it make a second one."""
    api = Api(TOKEN, "http://127.0.0.1:1")
    with pytest.warns(match="No `JobQueue` set up"):
        assert api._application.job_queue is None
    assert api._application.updater is None
    await api.close()


async def refused(channel: Telegram, chat_id: int) -> str:
    with pytest.raises(SupportError) as caught:
        await channel.send(Address(str(chat_id)), Reply(WORDS), "key")
    with suppress(ValueError):
        logging.getLogger("test").exception("as a worker logs it", exc_info=caught.value)
    return "".join(traceback.format_exception(caught.value))
