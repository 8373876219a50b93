"""Inbox row → the handlers: in order per conversation, once, and again after a fault."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from structlog.contextvars import bound_contextvars

from bot.bursts import Gathered, gather
from bot.channels.base import Channel, Profile
from bot.desk.events import DeskEvent
from bot.log import redact
from handlers import faults
from handlers.bursts import Burst, Reading
from handlers.changes import handle_change
from handlers.conversation import handle_message
from handlers.desk import Desk
from handlers.errors import SupportError
from handlers.home import home
from handlers.messages import IncomingMessage, Kind
from handlers.nlu import NLU, NLUUnavailable, ParsedMessage, reader_of
from handlers.orders import OrderNeeded, Orders, OrdersUnavailable
from handlers.plain_text import has_words
from storage import inbound, lanes
from storage.conversations import ChatState, Owner, chat_state
from storage.database import Database
from storage.inbound import InboundEvent, Outcome, Received
from storage.lanes import Claim, DuplicateMessage, Gathering, LaneLost, Queue, put_off

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 4
MOST_IN_A_BURST = 20
MOST_LOOKUPS = 3
FLOOD_WINDOW = timedelta(minutes=1)
ALBUM = Gathering(timedelta(seconds=1), timedelta(seconds=3))  # pictures sent as one come one by one, with no end mark

Clock = Callable[[], datetime]
DeskWork = Callable[[Claim, InboundEvent], Awaitable[None]]
AgentsHome = Callable[[IncomingMessage], Awaitable[bool]]


class NotAccepted(Exception):
    """The database refused the event: tell the provider to send it again, nothing is on record."""


class Intake:
    """Accepts events and works them."""

    def __init__(
        self, database: Database, desk: Callable[[], Desk], nlu: NLU, orders: Orders | None, clock: Clock,
        gathering: Gathering, channels: Mapping[str, Channel], desk_work: DeskWork | None = None,
        agents_home: AgentsHome | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._desk = desk
        self._nlu = nlu
        self._orders = orders
        self._clock = clock
        self._gathering = gathering
        self._channels = channels
        self._desk_work = desk_work
        self._agents_home = agents_home

    async def accept(self, *messages: IncomingMessage) -> list[IncomingMessage]:
        """Puts the messages on record, one after the other; only after this may the channel acknowledge. Returns
        those that are new: the rest was there already, or is not said to us.

        Raises `NotAccepted` when the database refuses.
        """
        new: list[IncomingMessage] = []
        for attempt in messages:
            received = _received(attempt.lane, f"{attempt.channel}:{attempt.external_id}", attempt.to_payload())
            only_known = not attempt.addressed
            if await self._record(received, self._gathered(attempt), attempt.channel, only_known=only_known):
                new.append(attempt)
        return new

    async def accept_desk(self, event: DeskEvent) -> None:
        """Puts on record what was done at the agents' desk, once. Raises `NotAccepted` as `accept`."""
        received = _received(event.lane, f"desk:{event.external_id}", event.to_payload())
        await self._record(received, Gathering(), "desk", only_known=False)

    async def quarantine(self, channel: str, external_id: str, raw: Any, reason: str) -> None:
        """Keeps an event that nobody could read, so that it is seen and can be worked once the fault is mended.

        Raises `NotAccepted` as `accept`.
        """
        payload = {"unreadable": raw, "reason": reason}
        received = _received(f"{channel}:unreadable", f"{channel}:{external_id}", payload)
        await self._record(received, Gathering(), channel, only_known=False)

    async def owner_of(self, channel: str, chat_id: str) -> str | None:
        """Who answers in this chat; None before its first message."""
        async with self._database.reading() as session:
            return (await chat_state(session, channel, chat_id, self._clock())).owner

    async def work(self, held: Claim) -> None:
        """Works the lane's next turn. Never raises for a fault in one message: it is tried again, then set aside."""
        events, chat = await self._look(held)
        if not events:
            log.error("inbox.empty_lane", lane=held.lane_id)
            return
        if "unreadable" in events[0].payload:
            await self._set_aside_unreadable(held, events[0])
            return
        if "desk" in events[0].payload:
            await self._work_desk(held, events[0])
            return
        gathered = gather(events)
        with bound_contextvars(correlation_id=gathered.burst.correlation_id):
            try:
                outcome = await self._handle(held, gathered, chat)
            except LaneLost:
                log.warning("inbox.lane_lost", lane=held.lane_id)
            except Exception as error:
                await self._failed(held, gathered, error)
            else:
                log.info("inbox.worked", lane=held.lane_id, messages=gathered.events, outcome=outcome)

    async def _work_desk(self, held: Claim, event: InboundEvent) -> None:
        if self._desk_work is None:
            async with self._database.transaction() as session:
                await inbound.finish(session, held, 1, Outcome.DEAD, "no desk is set up")
            return
        with bound_contextvars(correlation_id=event.correlation_id):
            await self._desk_work(held, event)

    def _gathered(self, message: IncomingMessage) -> Gathering:
        """How long to wait for more; a press or a block is worked at once."""
        if message.action or message.kind not in {Kind.SAID, Kind.EDITED, Kind.DELETED}:
            return Gathering()
        if message.album and self._gathering.quiet < ALBUM.quiet:
            return ALBUM
        return self._gathering

    async def _record(self, event: Received, gathering: Gathering, channel: str, *, only_known: bool) -> bool:
        try:
            async with self._database.transaction() as session:
                if only_known and not await lanes.is_known(session, Queue.IN, event.key):
                    return False
                await inbound.record(session, event, gathering)
        except DuplicateMessage:
            return False
        except (SQLAlchemyError, OSError) as error:
            log.error("inbox.refused", channel=channel, error=type(error).__name__)
            raise NotAccepted from error
        log.info("inbox.accepted", channel=channel, correlation_id=event.correlation_id)
        return True

    async def _look(self, held: Claim) -> tuple[list[InboundEvent], ChatState]:
        """What waits in the lane, and how its chat stands."""
        async with self._database.reading() as session:
            events = await inbound.waiting(session, held, MOST_IN_A_BURST)
            channel, _, chat_id = held.key.partition(":")
            return events, await chat_state(session, channel, chat_id, self._clock() - FLOOD_WINDOW)

    async def _handle(self, held: Claim, gathered: Gathered, chat: ChatState) -> Outcome:
        burst = await self._introduced(gathered.burst)
        if burst.last.kind is Kind.OPENED_HOME:
            await self._show_home(burst.last)
            return await self._finish(held, gathered, Outcome.NOTED)
        desk = self._desk()
        burst, parsed = await self._read(desk, burst, chat)
        handle = handle_message if burst.last.kind is Kind.SAID else handle_change
        reading = Reading(parsed)
        for _ in range(MOST_LOOKUPS + 1):
            try:
                async with self._database.transaction() as session:
                    outcome = await handle(session, desk, burst, reading, self._clock())
                    await inbound.finish(session, held, gathered.events, outcome, _reason(burst))
            except OrderNeeded as need:
                await self._look_up(need.number, reading)
            else:
                return outcome
        raise RuntimeError("a turn asked for more orders than a message can name")

    async def _finish(self, held: Claim, gathered: Gathered, outcome: Outcome) -> Outcome:
        async with self._database.transaction() as session:
            await inbound.finish(session, held, gathered.events, outcome, _reason(gathered.burst))
        return outcome

    async def _introduced(self, burst: Burst) -> Burst:
        """With the sender's name and language, where the event did not tell them and the messenger knows."""
        last = burst.last
        channel = self._channels.get(last.channel)
        if channel is None or (last.sender_name and last.language_hint):
            return burst
        profile: Profile = await channel.profile(last.sender_id)
        known = replace(
            last,
            sender_name=last.sender_name or profile.name,
            language_hint=last.language_hint or profile.language,
        )
        return replace(burst, messages=(*burst.messages[:-1], known))

    async def _show_home(self, opened: IncomingMessage) -> None:
        """A page is drawn from what is true now; one that could not be drawn is drawn when it is opened again. An
        agent's is the desk's."""
        if self._agents_home is not None and await self._agents_home(opened):
            return
        channel = self._channels[opened.channel]
        async with self._database.reading() as session:
            sections = await home(
                session, self._desk(), opened.channel, opened.sender_id, opened.language_hint, self._clock()
            )
        try:
            await channel.show_home(opened.sender_id, opened.chat_id, sections)
        except SupportError as error:
            log.warning("home.not_shown", channel=opened.channel, error=redact(str(error)))

    async def _read(self, desk: Desk, burst: Burst, chat: ChatState) -> tuple[Burst, ParsedMessage | None]:
        """Asks the NLU, unless there is nothing for it to read: a flood, no words, a button, an agent's chat."""
        if chat.recent_messages + len(burst.messages) > desk.messages_per_minute and burst.last.kind is Kind.SAID:
            return Burst(burst.messages, burst.correlation_id, flooding=True), None
        is_read = burst.last.kind in {Kind.SAID, Kind.EDITED} and has_words(burst.words)
        if chat.owner == Owner.AGENT or burst.last.action or not is_read:
            return burst, ParsedMessage(burst.words)
        try:
            return burst, await reader_of(self._nlu, burst.last.lane).parse(burst.words, burst.correlation_id)
        except NLUUnavailable as error:
            log.error("nlu.unavailable", error=redact(str(error)))
            return burst, None

    async def _look_up(self, number: str, reading: Reading) -> None:
        if self._orders is None:
            reading.orders[number] = OrdersUnavailable("no shop system is connected")
            return
        try:
            reading.orders[number] = await self._orders.find(number)
        except OrdersUnavailable as error:
            log.error("orders.unavailable", error=redact(str(error)))
            reading.orders[number] = error

    async def _failed(self, held: Claim, gathered: Gathered, error: Exception) -> None:
        """A fault: soon again; at last the customer is told, a ticket keeps the words and the lane moves on."""
        log.error("inbox.fault", lane=held.lane_id, attempt=held.attempts, exc_info=error)
        try:
            if held.attempts < MOST_ATTEMPTS or isinstance(error, OperationalError):
                delay = timedelta(seconds=min(0.5 * 4 ** (held.attempts - 1), 60))
                async with self._database.transaction() as session:
                    await put_off(session, held, delay)
                return
            reason = f"{type(error).__name__}: {redact(str(error))}"[:500]
            async with self._database.transaction() as session:
                if gathered.burst.last.kind is Kind.SAID:
                    await faults.set_aside(session, self._desk(), gathered.burst, self._clock())
                await inbound.finish(session, held, gathered.events, Outcome.DEAD, reason)
        except LaneLost:
            log.warning("inbox.lane_lost", lane=held.lane_id)
        except Exception:
            # The database itself is in trouble: the lease runs out and the message is worked again.
            log.exception("inbox.fault_unrecorded", lane=held.lane_id)

    async def _set_aside_unreadable(self, held: Claim, event: InboundEvent) -> None:
        async with self._database.transaction() as session:
            await inbound.finish(session, held, 1, Outcome.DEAD, str(event.payload.get("reason"))[:500])
        log.error("inbox.unreadable", lane=held.lane_id, seq=event.seq)


def _received(key: str, dedupe: str, payload: dict[str, Any]) -> Received:
    return Received(key=key, dedupe=dedupe, correlation_id=uuid4().hex, payload=payload)


def _reason(burst: Burst) -> str | None:
    """Why nothing was said, where that is not in the outcome."""
    if burst.flooding:
        return "flood"
    return None if burst.last.kind is Kind.SAID else str(burst.last.kind)
