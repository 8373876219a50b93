"""One outbox row → channel.send → sent, later, unknown, blocked or given up; in order per chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bound_contextvars

from bot.channels.base import Channel, PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from bot.log import redact
from handlers.messages import Reply
from storage import outbox
from storage.conversations import Author, Owner
from storage.database import Database, database_time
from storage.lanes import Claim, LaneLost, advance, put_off
from storage.outbox import Delivery

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 10
LONGEST_WAIT_SECONDS = 600.0
ERROR_CHARACTERS = 500


@dataclass(frozen=True)
class Outgoing:
    """A row ready to be sent, read off so that no transaction is open meanwhile."""

    channel: Channel
    chat_id: str
    reply: Reply
    key: str
    correlation_id: str


class Courier:
    """Sends what waits in claimed lanes."""

    def __init__(self, database: Database, channels: Mapping[str, Channel]) -> None:
        self._database = database
        self._channels = channels

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
            if held.attempts < MOST_ATTEMPTS:
                async with self._database.transaction() as session:
                    await put_off(session, held, timedelta(seconds=min(2.0**held.attempts, LONGEST_WAIT_SECONDS)))
            else:
                await self._give_up(held, Delivery.DEAD, error)
            return None

    async def _prepare(self, held: Claim) -> Outgoing | None:
        """Marks the row as being sent; None when it may not be sent, or not yet."""
        async with self._database.transaction() as session:
            row, owner = await outbox.next_to_send(session, held)
            channel = self._channels.get(row.channel)
            if channel is None:
                await _end(session, held, Delivery.DEAD, f"no such channel: {row.channel}")
                return None
            if row.status == Delivery.SENDING and not channel.is_idempotent:
                # We died between the call and its record: whether the customer has it, nobody knows.
                await _end(session, held, Delivery.UNKNOWN, "stopped while sending")
                return None
            if row.author == Author.BOT and owner == Owner.AGENT:
                await _end(session, held, Delivery.WITHHELD, "an agent has taken over")
                return None
            if channel.per_second is not None:
                wait = await outbox.take_turn(session, channel.name, channel.per_second)
                if wait:
                    await put_off(session, held, wait, counts=False)
                    return None
            row.status = Delivery.SENDING
            row.attempts += 1
            return Outgoing(channel, row.chat_id, Reply.from_payload(row.payload), row.dedupe, row.correlation_id)

    async def _send(self, held: Claim, outgoing: Outgoing) -> None:
        try:
            provider_id = await outgoing.channel.send(outgoing.chat_id, outgoing.reply, outgoing.key)
        except TemporaryDeliveryError as error:
            await self._later(held, outgoing, error, error.retry_after)
        except PermanentDeliveryError as error:
            await self._give_up(held, Delivery.BLOCKED if error.blocked else Delivery.DEAD, error)
        except UnknownOutcome as error:
            if outgoing.channel.is_idempotent:
                await self._later(held, outgoing, error, None)
            else:
                await self._give_up(held, Delivery.UNKNOWN, error)
        except Exception as error:
            log.exception("outbox.fault", lane=held.lane_id)
            await self._give_up(held, Delivery.UNKNOWN, error)
        else:
            await self._sent(held, outgoing, provider_id)

    async def _sent(self, held: Claim, outgoing: Outgoing, provider_id: str) -> None:
        async with self._database.transaction() as session:
            now = database_time(session)
            await outbox.record(session, held, Delivery.SENT, provider_id=provider_id, sent_at=now)
            await advance(session, held, pause=timedelta(seconds=outgoing.channel.seconds_per_chat))
        log.info("outbox.sent", lane=held.lane_id, channel=outgoing.channel.name)

    async def _later(self, held: Claim, outgoing: Outgoing, error: Exception, retry_after: float | None) -> None:
        if held.attempts >= MOST_ATTEMPTS and retry_after is None:
            await self._give_up(held, Delivery.DEAD, error)
            return
        seconds = retry_after if retry_after is not None else min(2.0 ** (held.attempts - 1), LONGEST_WAIT_SECONDS)
        async with self._database.transaction() as session:
            await outbox.record(session, held, Delivery.WAITING, last_error=redact(str(error))[:ERROR_CHARACTERS])
            await put_off(session, held, timedelta(seconds=seconds), counts=retry_after is None)
        log.warning("outbox.later", channel=outgoing.channel.name, seconds=seconds, error=redact(str(error)))

    async def _give_up(self, held: Claim, status: Delivery, error: Exception) -> None:
        async with self._database.transaction() as session:
            await _end(session, held, status, redact(str(error)))
        log.error("outbox.given_up", lane=held.lane_id, status=status, error=redact(str(error)))


async def _end(session: AsyncSession, held: Claim, status: Delivery, why: str) -> None:
    """The message ends without having been sent for sure; the lane moves on."""
    await outbox.record(session, held, status, last_error=why[:ERROR_CHARACTERS])
    await advance(session, held)
