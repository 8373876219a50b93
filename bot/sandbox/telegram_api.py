"""A stand-in of Telegram in this process: real HTTP on loopback, nothing kept on disk.

    async with TelegramStandIn(clock=clock) as api:
        anna = api.person("Anna", language="pl")
        anna.types("Gdzie jest moja paczka?")
        ...  # a bot with base URL f"{api.url}/bot" and api.token fetches it and answers
        anna.sees()

True to PLATFORM.md: limits, refusals in Telegram's own words, delivery and its order, faults on demand, a journal.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.chats import Chat, Kind, User
from bot.sandbox.telegram.courier import Courier
from bot.sandbox.telegram.faults import Faults
from bot.sandbox.telegram.files import Files
from bot.sandbox.telegram.front import Front
from bot.sandbox.telegram.groups import Group
from bot.sandbox.telegram.journal import Journal
from bot.sandbox.telegram.json_types import Clock, Json
from bot.sandbox.telegram.methods import Call
from bot.sandbox.telegram.pace import Pace
from bot.sandbox.telegram.people import Person
from bot.sandbox.telegram.polling import Polling
from bot.sandbox.telegram.server import serving
from bot.sandbox.telegram.updates import UpdateQueue
from bot.sandbox.telegram.world import World

TOKEN = "7000000001:STAND-IN-token-that-opens-nothing-00"  # noqa: S105 - opens nothing but this stand-in
TICK_SECONDS = 0.05


def wall_clock() -> datetime:
    return datetime.now(UTC)


class TelegramStandIn:
    """One bot and the people around it.

    `tick_seconds`: how often waits, retries and expiries are looked at by themselves; None leaves it to `tick()`,
    for tests that move the clock. `webhook_ways` maps a public address of the bot to one on this machine.
    """

    def __init__(
        self,
        *,
        clock: Clock = wall_clock,
        token: str = TOKEN,
        port: int = 0,
        tick_seconds: float | None = TICK_SECONDS,
        first_update_id: int = 100_000_000,
        webhook_ways: Mapping[str, str] | None = None,
    ) -> None:
        self.token = token
        self.clock = clock
        self.journal = Journal()
        self.faults = Faults()
        self.pace = Pace(clock)
        self.updates = UpdateQueue(clock, first_update_id)
        bot = User(int(token.partition(":")[0]), "Support", username="stand_in_support_bot", is_bot=True)
        self.world = World(clock, bot, self.updates, Files(clock))
        self.polling = Polling(clock, self.updates)
        self.front = Front(token, clock, self.journal, self.faults, self._call)
        self.courier = Courier(
            clock, self.updates, self.journal, self.faults, self.front.from_webhook, webhook_ways or {}
        )
        self.updates.on_new = self._on_new
        self._port = port
        self._tick_seconds = tick_seconds
        self._open = contextlib.AsyncExitStack()
        self.url = ""

    async def __aenter__(self) -> Self:
        self.url = await self._open.enter_async_context(serving(self.front, self._port))
        self._open.push_async_callback(self._stop)
        if self._tick_seconds is not None:
            ticking = asyncio.create_task(self._tick_on(self._tick_seconds))
            self._open.push_async_callback(_cancel, ticking)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    def person(self, name: str, *, language: str = "pl", username: str = "", user_id: int | None = None) -> Person:
        """A new person who has not met the bot yet."""
        number = user_id or self.world.number()
        user = User(number, name, username=username, language_code=language)
        chat = Chat(number, Kind.PRIVATE, partner=user)
        self.world.users[number], self.world.chats[number] = user, chat
        return Person(self.world, user, chat)

    def group(self, title: str, owner: Person, *, is_supergroup: bool = False, is_forum: bool = False) -> Group:
        """A new group with the bot in it. A forum is a supergroup; its topics are in `chat.topics`."""
        number = self.world.number()
        has_long_id = is_supergroup or is_forum
        kind = Kind.SUPERGROUP if has_long_id else Kind.GROUP
        chat = Chat(-1_000_000_000_000 - number if has_long_id else -number, kind, title, is_forum=is_forum)
        self.world.chats[chat.id] = chat
        return Group(self.world, chat, owner.user)

    def tick(self) -> None:
        """Looks at the clock: ends waits, sends again what is due, lets slow answers go."""
        self.polling.tick()
        self.courier.tick()
        self.front.tick()

    async def delivered(self) -> None:
        """Waits until no update is on its way to the webhook. What is due only later is not waited for."""
        while self.courier.is_sending:
            await asyncio.gather(*self.courier.under_way(), return_exceptions=True)

    def push(self, kind: str, body: Json, chat_id: int = 0) -> None:
        """Queues any update, also of a kind or shape that no library can read."""
        self.updates.add(kind, body, ("chat", chat_id))

    def revoke_token(self) -> None:
        """From now on everything is answered 401 `Unauthorized`."""
        self.front.is_revoked = True

    def restart_update_ids(self, first: int) -> None:
        """Numbers the next updates from there, as Telegram may after a week of silence."""
        self.updates.next_id = first

    def _on_new(self) -> None:
        self.polling.wake()
        self.courier.pump()

    def _call(self, arguments: Arguments) -> Call:
        return Call(arguments, self.world, self.pace, self.polling, self.courier)

    async def _tick_on(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self.tick()

    async def _stop(self) -> None:
        self.front.close()
        self.polling.close()
        await self.courier.close()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
