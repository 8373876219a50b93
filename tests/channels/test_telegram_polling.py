"""We ask Telegram: PLATFORM 10 and 13, on both databases.

Not here, because python-telegram-bot's updater is not used: its memory queue, its `deleteWebhook` at the start, its
task that dies of a 401 unseen. Each of these has a test of what our own loop does instead.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from telegram.error import TimedOut

from bot.channels.telegram import unhook
from bot.channels.telegram.api import RawUpdates
from bot.channels.telegram.polling import Poller
from bot.sandbox.telegram import faults
from bot.sandbox.telegram.refusal import Refused
from handlers.content import Content
from storage import channel_state, inbound
from storage.database import Database
from storage.leadership import Leadership, Office
from tests.channels.telegram_rig import (
    IMPATIENT,
    SECRET,
    Rig,
    Transport,
    a_bot,
    connected,
    open_rig,
    running,
    until,
)
from tests.fakes import FakeNLU


@pytest.fixture
async def rig(database: Database, content: Content, nlu: FakeNLU) -> AsyncIterator[Rig]:
    async with open_rig(database, content, nlu) as opened:
        yield opened


async def texts(rig: Rig) -> list[str | None]:
    return [row.payload.get("text") for row in await rig.rows()]


def asked(rig: Rig) -> list[dict[str, Any]]:
    return [entry.arguments for entry in rig.api.journal.calls("getUpdates")]


async def test_updates_are_on_record_before_they_are_confirmed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit the batch, then ask with the next offset, never the reverse."""
    confirmed_with: list[int] = []
    take = rig.api.updates.take

    def watched(offset: int, limit: int) -> Any:
        confirmed_with.append(offset)
        return take(offset, limit)

    monkeypatch.setattr(rig.api.updates, "take", watched)
    anna = rig.api.person("Anna")
    async with connected(rig, Transport.POLLING) as bot:
        accept, at_commit = bot.intake.accept, []

        async def watching(*messages: Any) -> Any:
            at_commit.append(max(confirmed_with))
            return await accept(*messages)

        monkeypatch.setattr(bot.intake, "accept", watching)
        for number in range(3):
            anna.types(f"{number}")
        first = rig.api.updates.next_id - 3
        await until(lambda: len(rig.api.updates) == 0)
    assert all(confirmed <= first + number for number, confirmed in enumerate(at_commit))
    assert await texts(rig) == ["0", "1", "2"]


async def test_what_is_subscribed_to_is_said_each_time_and_nothing_is_dropped(rig: Rig) -> None:
    anna = rig.api.person("Anna")
    anna.types("z nocy")
    async with connected(rig, Transport.POLLING):
        await until(lambda: _has(rig, ["z nocy"]))
    assert all("message_reaction" in call["allowed_updates"] for call in asked(rig))
    assert rig.api.journal.calls("deleteWebhook") == []
    assert len(rig.api.world.commands) == 3
    assert await rig.problem() is None


async def test_what_could_not_be_put_on_record_is_not_confirmed(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    record, refusals = inbound.record, 3

    async def refusing(*given: Any) -> None:
        nonlocal refusals
        if refusals:
            refusals -= 1
            raise OperationalError("insert", {}, Exception("gone"))
        await record(*given)

    monkeypatch.setattr(inbound, "record", refusing)
    anna = rig.api.person("Anna")
    anna.types("raz")
    anna.types("dwa")
    async with connected(rig, Transport.POLLING):
        await until(lambda: _has(rig, ["raz", "dwa"]))


async def test_killed_between_record_and_confirmation_nothing_is_lost_or_doubled(rig: Rig) -> None:
    anna = rig.api.person("Anna")
    async with a_bot(rig) as bot:
        anna.types("raz")
        anna.types("dwa")
        for update in await bot.api.updates(None, []):  # a process that dies before it asks again
            await bot.gate.take(update)
    async with connected(rig, Transport.POLLING):
        await until(lambda: len(rig.api.updates) == 0)
    assert await texts(rig) == ["raz", "dwa"]


async def test_one_update_nobody_can_read_does_not_stop_the_rest(rig: Rig) -> None:
    """PLATFORM 13: python-telegram-bot alone asks in a hot loop for ever, with no progress."""
    anna = rig.api.person("Anna")
    rig.api.push("message", {"message_id": 1, "date": "yesterday"}, 1)
    rig.api.push("callback_query", {"id": 5}, 2)
    anna.types("hej")
    async with connected(rig, Transport.POLLING):
        await until(lambda: len(rig.api.updates) == 0)
        calls = len(asked(rig))
    assert sorted(await texts(rig), key=str) == [None, None, "hej"]
    assert calls <= 4


async def test_an_answer_without_update_ids_is_kept_and_not_asked_for_in_a_hot_loop(rig: Rig) -> None:
    async with a_bot(rig) as bot:

        async def updates(*_: Any) -> list[Any]:
            return ["no update", {"message": {}}]

        bot.api.updates = updates  # type: ignore[method-assign]
        office = Leadership(rig.database, Office.TELEGRAM_POLLER)
        poller = Poller(bot.api, bot.gate, _Deaf(), office, lambda: rig.desk, IMPATIENT)  # type: ignore[arg-type]
        assert await poller._turn() == IMPATIENT.longest
        await office.resign()
    assert {row.payload["reason"] for row in await rig.rows()} == {"not an update"}


async def test_a_server_that_does_not_wait_is_not_asked_in_a_hot_loop(rig: Rig) -> None:
    async with a_bot(rig) as bot:

        async def updates(*_: Any) -> list[Any]:
            return []

        bot.api.updates = updates  # type: ignore[method-assign]
        office = Leadership(rig.database, Office.TELEGRAM_POLLER)
        poller = Poller(bot.api, bot.gate, _Deaf(), office, lambda: rig.desk, IMPATIENT)  # type: ignore[arg-type]
        assert await poller._turn() == IMPATIENT.hasty
        await office.resign()


async def test_update_ids_that_begin_again_elsewhere_are_followed(rig: Rig) -> None:
    anna = rig.api.person("Anna")
    async with connected(rig, Transport.POLLING):
        anna.types("raz")
        await until(lambda: _has(rig, ["raz"]) if rig.api.polling.is_waiting else False)
        rig.api.restart_update_ids(500)
        anna.types("dwa")
        anna.types("trzy")
        await until(lambda: _has(rig, ["raz", "dwa", "trzy"]))
        await until(lambda: len(rig.api.updates) == 0)


async def test_a_poller_does_not_take_updates_away_from_a_webhook(rig: Rig) -> None:
    """PLATFORM 13: a developer with the production token must not unhook production."""
    async with a_bot(rig) as other:
        await other.api.bot.set_webhook("http://127.0.0.1:9/telegram/webhook", secret_token=SECRET)
    rig.api.person("Anna").types("hej")
    async with a_bot(rig) as bot, running(*bot.gate.worker_parts()):
        await until(lambda: _says(rig, "supportbot telegram unhook"))
        assert asked(rig) == []
        assert await unhook(rig.api.token, rig.api.url) == "http://127.0.0.1:9/telegram/webhook"
        await until(lambda: _has(rig, ["hej"]))
        await until(lambda: _is(rig, None))
    assert await unhook(rig.api.token, rig.api.url) == ""


async def test_a_webhook_set_while_we_poll_ends_the_polling(rig: Rig) -> None:
    async with connected(rig, Transport.POLLING):
        async with a_bot(rig) as other:
            await other.api.bot.set_webhook("http://127.0.0.1:9/telegram/webhook", secret_token=SECRET)
        await until(lambda: _says(rig, "a webhook is set for this token"))
        assert rig.api.courier.webhook is not None


async def test_all_is_well_before_the_first_long_poll_has_ended(rig: Rig) -> None:
    """Else a process that has just started would not be ready for half a minute."""
    async with connected(rig, Transport.POLLING):
        assert rig.api.polling.is_waiting
        async with rig.database.reading() as session:
            known = await channel_state.states(session)
        assert known["telegram"].problem is None


async def test_another_program_with_our_token_is_told_the_operator(rig: Rig) -> None:
    async with connected(rig, Transport.POLLING):
        async with a_bot(rig) as other:
            theirs = asyncio.create_task(other.api.updates(None, []))
            await until(lambda: _says(rig, "another program asks for this bot's updates"))
            theirs.cancel()
            await asyncio.gather(theirs, return_exceptions=True)
        rig.later(seconds=10)
        await until(lambda: _is_well_at(rig, rig.later))


async def test_a_revoked_token_is_told_and_tried_again(rig: Rig) -> None:
    """PLATFORM 13: the library's own poller dies of it without a word."""
    async with connected(rig, Transport.POLLING):
        rig.api.revoke_token()
        rig.later(seconds=60)
        await until(lambda: _says(rig, "Telegram refuses the token: check TELEGRAM_BOT_TOKEN"))
        rig.api.front.is_revoked = False
        rig.api.person("Anna").types("hej")
        await until(lambda: _has(rig, ["hej"]))
        await until(lambda: _is(rig, None))


@pytest.mark.parametrize("fault", [faults.server_error(), faults.html(), faults.reset(), faults.rate_limit(1)], ids=str)
async def test_trouble_on_the_way_is_waited_out(rig: Rig, fault: faults.Fault) -> None:
    rig.api.faults.next("getUpdates", fault)
    rig.api.faults.next("getMe", faults.reset())
    rig.api.person("Anna").types("hej")
    async with a_bot(rig) as bot, running(*bot.gate.worker_parts()):
        await until(lambda: _has(rig, ["hej"]))
        await until(lambda: _is(rig, None))


async def test_a_menu_that_cannot_be_offered_keeps_nobody_from_writing(rig: Rig) -> None:
    rig.api.faults.next("setMyCommands", faults.refusal(Refused(404, "Not Found")), times=100)
    rig.api.person("Anna").types("hej")
    async with a_bot(rig) as bot, running(*bot.gate.worker_parts()):
        await until(lambda: _has(rig, ["hej"]))
        await until(lambda: _is(rig, None))


async def test_a_dead_poller_gets_new_connections(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """PLATFORM 13: the pool of `getUpdates` can jam for ever after a broken connection."""
    now, jammed = [0.0], True
    ask, renew = RawUpdates.do_request, RawUpdates.initialize

    async def jam(self: RawUpdates, *given: Any, **named: Any) -> Any:
        if jammed:
            now[0] += 40
            raise TimedOut("Pool timeout: All connections in the connection pool are occupied.")
        return await ask(self, *given, **named)

    async def new(self: RawUpdates) -> None:
        nonlocal jammed
        jammed = jammed and now[0] < 90
        await renew(self)

    monkeypatch.setattr(RawUpdates, "do_request", jam)
    monkeypatch.setattr(RawUpdates, "initialize", new)
    rig.api.person("Anna").types("hej")
    async with a_bot(rig) as bot:
        office = Leadership(rig.database, Office.TELEGRAM_POLLER)
        poller = Poller(
            bot.api, bot.gate, _Deaf(), office, lambda: rig.desk, IMPATIENT, lambda: now[0]
        )  # type: ignore[arg-type] # fmt: skip
        running_poller = asyncio.create_task(poller.run())
        await until(lambda: _has(rig, ["hej"]))
        poller.stop()
        await running_poller
    assert now[0] == 120  # the third failure is the first after more than 90 s of silence


async def test_of_several_workers_one_polls_and_another_takes_over(rig: Rig) -> None:
    """Two pollers would end each other's calls with 409. On SQLite there is one worker: `storage.presence`."""
    if not rig.database.is_postgres:
        return
    async with a_bot(rig) as one, a_bot(rig) as other, contextlib.AsyncExitStack() as others_work:
        async with running(*one.gate.worker_parts()):
            await until(lambda: rig.api.polling.is_waiting)
            await others_work.enter_async_context(running(*other.gate.worker_parts()))
            rig.api.person("Anna").types("hej")
            await until(lambda: _has(rig, ["hej"]))
            assert other.api.me.username == ""
        rig.api.person("Jan").types("hej hej")
        await until(lambda: _has(rig, ["hej", "hej hej"]))
        assert other.api.me.username != ""
    assert {entry.status for entry in rig.api.journal.calls("getUpdates")} <= {200, None}


async def test_it_stops_at_once_and_what_it_had_not_confirmed_comes_again(rig: Rig) -> None:
    async with connected(rig, Transport.POLLING):
        pass  # `running` waits for the end; a long poll lasts 25 s
    rig.api.person("Anna").types("hej")
    async with connected(rig, Transport.POLLING):
        await until(lambda: _has(rig, ["hej"]))


class _Deaf:
    async def well(self) -> None: ...

    async def unwell(self, problem: str) -> None: ...


async def _has(rig: Rig, expected: list[str]) -> bool:
    return [row.payload["text"] for row in await rig.rows()] == expected


async def _is(rig: Rig, problem: str | None) -> bool:
    return await rig.problem() == problem


async def _says(rig: Rig, words: str) -> bool:
    return words in (await rig.problem() or "")


async def _is_well_at(rig: Rig, later: Any) -> bool:
    later(seconds=1)
    return await rig.problem() is None
