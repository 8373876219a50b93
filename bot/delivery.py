"""One outbox row → channel.send → sent, later, unknown, blocked or given up; in order per chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bound_contextvars

from bot.channels.base import (
    Address,
    AfterUnknown,
    Channel,
    ChatMoved,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from bot.log import redact
from handlers import reach
from handlers.messages import Reply
from storage import outbox
from storage.conversations import Author, Conversation, Owner, locked
from storage.database import Database, database_time
from storage.lanes import Claim, LaneLost, advance, put_off
from storage.outbox import Delivery, OutboxMessage

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 20
LONGEST_WAIT_SECONDS = 600.0
BEFORE_LOOKING_SECONDS = 2.0  # a post whose answer was lost may still be on its way into the history
LOOK_BACK = timedelta(seconds=60)  # between our clock and the provider's
ERROR_CHARACTERS = 500
AT_ONCE = timedelta(milliseconds=20)


@dataclass(frozen=True)
class Outgoing:
    """One message of the provider's, read off so that no transaction is open while it is sent.

    `key` is the same in every attempt. `before` are the provider's ids of the reply's parts that went out already,
    `is_last` whether this is the last one. `look_since`: its fate is unknown, look for it after that time.
    """

    channel: Channel
    conversation_id: int
    to: Address
    reply: Reply
    key: str
    correlation_id: str
    before: tuple[str, ...]
    is_last: bool
    look_since: datetime | None


class Courier:
    """Sends what waits in claimed lanes."""

    def __init__(self, database: Database, channels: Mapping[str, Channel], clock: Callable[[], datetime]) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock

    async def work(self, held: Claim) -> None:
        """Sends the lane's next message and records how it went."""
        try:
            outgoing = await self._prepared(held)
            if outgoing is not None:
                with bound_contextvars(correlation_id=outgoing.correlation_id):
                    await self._send(held, outgoing)
        except LaneLost:
            log.warning("outbox.lane_lost", lane=held.lane_id)

    async def _prepared(self, held: Claim) -> Outgoing | None:
        """As `_prepare`; a message that cannot even be prepared is given up in the end, so that the chat goes on."""
        try:
            return await self._prepare(held)
        except (LaneLost, SQLAlchemyError, OSError):
            raise
        except Exception as error:
            log.exception("outbox.fault", lane=held.lane_id)
            async with self._database.transaction() as session:
                if held.attempts < MOST_ATTEMPTS:
                    await put_off(session, held, timedelta(seconds=_backoff(held)))
                else:
                    await _end(session, held, Delivery.DEAD, redact(str(error)))
            return None

    async def _prepare(self, held: Claim) -> Outgoing | None:
        """Marks the row as being sent; None when it may not be sent, or not yet."""
        async with self._database.transaction() as session:
            row, conversation = await outbox.next_to_send(session, held)
            channel = self._channels.get(row.channel)
            if channel is None:
                await _end(session, held, Delivery.DEAD, f"no such channel: {row.channel}")
                return None
            was_begun = row.status == Delivery.SENDING
            if was_begun and channel.after_unknown is AfterUnknown.FLAG:
                # We died between the call and its record: whether the customer has it, nobody knows.
                await _end(session, held, Delivery.UNKNOWN, "stopped while sending")
                return None
            outgoing = _outgoing(row, conversation, channel)
            if was_begun and channel.after_unknown is AfterUnknown.LOOK:
                return outgoing
            if await _is_kept_back(session, held, row, conversation):
                return None
            if not await _has_its_turn(session, held, row, channel, outgoing.to):
                return None
            row.status, row.booked = Delivery.SENDING, False
            row.attempts += 1
            row.started_at = row.started_at or self._clock()
            return _not_looked_for(outgoing)

    async def _send(self, held: Claim, outgoing: Outgoing) -> None:
        channel = outgoing.channel
        try:
            if outgoing.look_since is not None:
                await self._look(held, outgoing, outgoing.look_since)
                return
            provider_id = await channel.send(outgoing.to, outgoing.reply, outgoing.key)
        except TemporaryDeliveryError as error:
            await self._later(held, outgoing, error, error.retry_after)
        except ChatMoved as error:
            await self._moved(held, outgoing, error)
        except PermanentDeliveryError as error:
            await self._give_up(held, outgoing, Delivery.BLOCKED if error.blocked else Delivery.DEAD, error)
        except UnknownOutcome as error:
            await self._unknown(held, outgoing, error)
        except Exception as error:
            log.exception("outbox.fault", lane=held.lane_id)
            await self._unknown(held, outgoing, error)
        else:
            await self._sent(held, outgoing, provider_id)

    async def _look(self, held: Claim, outgoing: Outgoing, since: datetime) -> None:
        """An attempt of unknown fate: what the provider has is recorded as sent, the rest waits its turn again."""
        found = await outgoing.channel.find(outgoing.to, outgoing.key, since - LOOK_BACK)
        log.info("outbox.looked", lane=held.lane_id, channel=outgoing.channel.name, found=found is not None)
        if found is not None:
            await self._sent(held, outgoing, found)
            return
        async with self._database.transaction() as session:
            await outbox.record(session, held, Delivery.WAITING)
            await put_off(session, held, timedelta(), counts=False)

    async def _sent(self, held: Claim, outgoing: Outgoing, provider_id: str) -> None:
        channel = outgoing.channel
        sent = [*outgoing.before, provider_id]
        pause = timedelta(seconds=channel.seconds_per_chat)
        async with self._database.transaction() as session:
            if outgoing.is_last:
                now = database_time(session)
                await outbox.record(session, held, Delivery.SENT, provider_ids=sent, sent_at=now)
                await advance(session, held, pause=pause)
            else:
                await outbox.record(session, held, Delivery.WAITING, provider_ids=sent, started_at=None)
                await put_off(session, held, pause, counts=False)
        log.info("outbox.sent", lane=held.lane_id, channel=channel.name, part=len(sent))

    async def _later(self, held: Claim, outgoing: Outgoing, error: Exception, retry_after: float | None) -> None:
        if held.attempts >= MOST_ATTEMPTS and retry_after is None:
            await self._give_up(held, outgoing, Delivery.DEAD, error)
            return
        seconds = retry_after if retry_after is not None else _backoff(held)
        # A look that failed leaves the fate unknown: it is to be looked for again, not sent again.
        status = Delivery.WAITING if outgoing.look_since is None else Delivery.SENDING
        async with self._database.transaction() as session:
            await outbox.record(session, held, status, last_error=redact(str(error))[:ERROR_CHARACTERS])
            await put_off(session, held, timedelta(seconds=seconds), counts=retry_after is None)
        log.warning("outbox.later", channel=outgoing.channel.name, seconds=seconds, error=redact(str(error)))

    async def _unknown(self, held: Claim, outgoing: Outgoing, error: Exception) -> None:
        after = outgoing.channel.after_unknown
        if after is AfterUnknown.FLAG or held.attempts >= MOST_ATTEMPTS:
            await self._give_up(held, outgoing, Delivery.UNKNOWN, error)
        elif after is AfterUnknown.SEND_AGAIN:
            await self._later(held, outgoing, error, None)
        else:
            async with self._database.transaction() as session:
                why = redact(str(error))[:ERROR_CHARACTERS]
                await outbox.record(session, held, Delivery.SENDING, last_error=why)
                await put_off(session, held, timedelta(seconds=max(BEFORE_LOOKING_SECONDS, _backoff(held))))
            log.warning("outbox.unsure", channel=outgoing.channel.name, error=redact(str(error)))

    async def _moved(self, held: Claim, outgoing: Outgoing, error: ChatMoved) -> None:
        async with self._database.transaction() as session:
            await outbox.record(session, held, Delivery.WAITING)
            await put_off(session, held, timedelta(), counts=False)
            await reach.moved(session, outgoing.channel.name, outgoing.to.chat_id, error.new_chat_id)
        log.info("outbox.chat_moved", channel=outgoing.channel.name)

    async def _give_up(self, held: Claim, outgoing: Outgoing, status: Delivery, error: Exception) -> None:
        async with self._database.transaction() as session:
            await _end(session, held, status, redact(str(error)))
            if status is Delivery.BLOCKED:
                conversation = await locked(session, outgoing.conversation_id)
                await reach.lost(session, conversation, self._clock())
        log.error("outbox.given_up", lane=held.lane_id, status=status, error=redact(str(error)))


def _outgoing(row: OutboxMessage, conversation: Conversation, channel: Channel) -> Outgoing:
    parts = channel.split(Reply.from_payload(row.payload))
    number = min(len(row.provider_ids), len(parts) - 1)
    return Outgoing(
        channel=channel,
        conversation_id=conversation.id,
        to=Address(conversation.chat_id, row.thread),
        reply=parts[number],
        key=row.dedupe if len(parts) == 1 else f"{row.dedupe}#{number + 1}",
        correlation_id=row.correlation_id,
        before=tuple(row.provider_ids),
        is_last=number + 1 == len(parts),
        look_since=row.started_at or row.created_at,
    )


def _not_looked_for(outgoing: Outgoing) -> Outgoing:
    return replace(outgoing, look_since=None)


def _backoff(held: Claim) -> float:
    return float(min(2.0 ** (held.attempts - 1), LONGEST_WAIT_SECONDS))


async def _is_kept_back(session: AsyncSession, held: Claim, row: OutboxMessage, conversation: Conversation) -> bool:
    """Ends what must not be sent any more: a bot's words after a takeover, anything to somebody who blocked us."""
    if row.author == Author.BOT and conversation.owner == Owner.AGENT:
        await _end(session, held, Delivery.WITHHELD, "an agent has taken over")
        return True
    if conversation.blocked_at is not None:
        await _end(session, held, Delivery.BLOCKED, "the customer has blocked us")
        return True
    return False


async def _has_its_turn(session: AsyncSession, held: Claim, row: OutboxMessage, channel: Channel, to: Address) -> bool:
    """Books a turn in every pace that this send counts under; one that lies ahead is waited for, and then is had."""
    if row.booked:
        return True
    waits = [await outbox.book(session, budget.key, budget.per_second) for budget in channel.budgets(to)]
    wait = max(waits, default=timedelta())
    if wait <= AT_ONCE:
        return True
    row.booked = True
    await session.flush()
    await put_off(session, held, wait, counts=False)
    return False


async def _end(session: AsyncSession, held: Claim, status: Delivery, why: str) -> None:
    """The message ends without having been sent for sure; the lane moves on."""
    await outbox.record(session, held, status, last_error=why[:ERROR_CHARACTERS])
    await advance(session, held)
