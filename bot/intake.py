"""Inbox row → handle_message: in order per conversation, once, and again after a fault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from structlog.contextvars import bound_contextvars

from bot.log import redact
from handlers import faults
from handlers.conversation import Burst, Reading, handle_message
from handlers.desk import Desk
from handlers.messages import IncomingMessage
from handlers.nlu import NLU, NLUUnavailable, ParsedMessage
from handlers.orders import OrderNeeded, Orders, OrdersUnavailable
from handlers.plain_text import has_words
from storage import inbound
from storage.conversations import ChatState, Owner, chat_state
from storage.database import Database
from storage.inbound import InboundEvent, Outcome, Received
from storage.lanes import Claim, DuplicateMessage, Gathering, LaneLost, put_off

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 4
MOST_IN_A_BURST = 20
MOST_LOOKUPS = 3
FLOOD_WINDOW = timedelta(minutes=1)

Clock = Callable[[], datetime]


class NotAccepted(Exception):
    """The database refused the event: tell the provider to send it again, nothing is on record."""


class Intake:
    """Accepts events and works them."""

    def __init__(
        self, database: Database, desk: Callable[[], Desk], nlu: NLU, orders: Orders | None, clock: Clock,
        gathering: Gathering,
    ) -> None:  # fmt: skip
        self._database = database
        self._desk = desk
        self._nlu = nlu
        self._orders = orders
        self._clock = clock
        self._gathering = gathering

    async def accept(self, message: IncomingMessage) -> bool:
        """Puts the message on record; only after this may the channel acknowledge. False: it was there already.

        Raises `NotAccepted` when the database refuses.
        """
        event = Received(
            key=message.lane,
            dedupe=f"{message.channel}:{message.external_id}",
            correlation_id=uuid4().hex,
            payload=message.to_payload(),
        )
        gathering = Gathering() if message.action else self._gathering
        try:
            async with self._database.transaction() as session:
                await inbound.record(session, event, gathering)
        except DuplicateMessage:
            return False
        except (SQLAlchemyError, OSError) as error:
            log.error("inbox.refused", channel=message.channel, error=type(error).__name__)
            raise NotAccepted from error
        log.info("inbox.accepted", channel=message.channel, correlation_id=event.correlation_id)
        return True

    async def work(self, held: Claim) -> None:
        """Works the lane's next turn. Never raises for a fault in one message: it is tried again, then set aside."""
        events, chat = await self._look(held)
        if not events:
            log.error("inbox.empty_lane", lane=held.lane_id)
            return
        burst = gather(events)
        with bound_contextvars(correlation_id=burst.correlation_id):
            try:
                outcome = await self._handle(held, burst, chat)
            except LaneLost:
                log.warning("inbox.lane_lost", lane=held.lane_id)
            except Exception as error:
                await self._failed(held, burst, error)
            else:
                log.info("inbox.worked", lane=held.lane_id, messages=len(burst.messages), outcome=outcome)

    async def _look(self, held: Claim) -> tuple[list[InboundEvent], ChatState]:
        """What waits in the lane, and how its chat stands."""
        async with self._database.reading() as session:
            events = await inbound.waiting(session, held, MOST_IN_A_BURST)
            channel, _, chat_id = held.key.partition(":")
            return events, await chat_state(session, channel, chat_id, self._clock() - FLOOD_WINDOW)

    async def _handle(self, held: Claim, burst: Burst, chat: ChatState) -> Outcome:
        desk = self._desk()
        burst, parsed = await self._read(desk, burst, chat)
        reading = Reading(parsed)
        for _ in range(MOST_LOOKUPS + 1):
            try:
                async with self._database.transaction() as session:
                    outcome = await handle_message(session, desk, burst, reading, self._clock())
                    reason = "flood" if burst.flooding else None
                    await inbound.finish(session, held, len(burst.messages), outcome, reason)
            except OrderNeeded as need:
                await self._look_up(need.number, reading)
            else:
                return outcome
        raise RuntimeError("a turn asked for more orders than a message can name")

    async def _read(self, desk: Desk, burst: Burst, chat: ChatState) -> tuple[Burst, ParsedMessage | None]:
        """Asks the NLU, unless there is nothing for it to read: a flood, no words, a button, an agent's chat."""
        if chat.recent_messages + len(burst.messages) > desk.messages_per_minute:
            return Burst(burst.messages, burst.correlation_id, flooding=True), None
        if chat.owner == Owner.AGENT or burst.last.action or not has_words(burst.words):
            return burst, ParsedMessage(burst.words)
        try:
            return burst, await self._nlu.parse(burst.words, burst.correlation_id)
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

    async def _failed(self, held: Claim, burst: Burst, error: Exception) -> None:
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
                await faults.set_aside(session, self._desk(), burst, self._clock())
                await inbound.finish(session, held, len(burst.messages), Outcome.DEAD, reason)
        except LaneLost:
            log.warning("inbox.lane_lost", lane=held.lane_id)
        except Exception:
            # The database itself is in trouble: the lease runs out and the message is worked again.
            log.exception("inbox.fault_unrecorded", lane=held.lane_id)


def gather(events: list[InboundEvent]) -> Burst:
    """The events of one turn: one person's texts one after the other; a pressed button is a turn of its own."""
    messages = [IncomingMessage.from_payload(event.payload) for event in events]
    count = 1
    if not messages[0].action:
        while count < len(messages) and _goes_on(messages[0], messages[count]):
            count += 1
    return Burst(tuple(messages[:count]), events[0].correlation_id)


def _goes_on(first: IncomingMessage, following: IncomingMessage) -> bool:
    return not following.action and following.sender_id == first.sender_id
