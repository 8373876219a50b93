"""One outbox row → channel.send → sent, later, unknown, blocked or given up; in order per chat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.contextvars import bound_contextvars

from bot.channels.base import (
    AfterUnknown,
    Channel,
    ChatMoved,
    PermanentDeliveryError,
    TemporaryDeliveryError,
    UnknownOutcome,
)
from bot.log import redact
from bot.outgoing import Deed, Outgoing, original_of, outgoing
from bot.pace import backoff, has_its_turn
from handlers import desk_feed, reach
from storage import outbox
from storage.conversations import Author, Owner, locked
from storage.database import Database, database_time
from storage.lanes import Claim, LaneLost, advance, put_off
from storage.outbox import Delivery, Next, OutboxMessage, OutKind

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 20
BEFORE_LOOKING_SECONDS = 2.0  # a post whose answer was lost may still be on its way into the history
LOOK_BACK = timedelta(seconds=60)  # between our clock and the provider's
ERROR_CHARACTERS = 500
LOOK_AGAIN = timedelta(seconds=1)  # at what is held back: our clock may be moved, the lanes' goes on by itself


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
                    await put_off(session, held, timedelta(seconds=backoff(held)))
                else:
                    row = (await outbox.next_to_send(session, held)).row
                    await _end(session, held, row, Delivery.DEAD, redact(str(error)))
            return None

    async def _prepare(self, held: Claim) -> Outgoing | None:
        """Marks the row as being sent; None when it may not be sent, or not yet."""
        async with self._database.transaction() as session:
            found = await outbox.next_to_send(session, held)
            row, channel = found.row, self._channels.get(found.row.channel)
            if row.status == Delivery.WITHDRAWN:
                await advance(session, held)
                return None
            if channel is None:
                await _end(session, held, row, Delivery.DEAD, f"no such channel: {row.channel}")
                return None
            if await self._is_held(session, held, row):
                return None
            outgoing = await _outgoing(session, held, found, channel)
            if outgoing is None:
                return None
            if row.status == Delivery.SENDING and outgoing.step.deed is Deed.SEND:
                if channel.after_unknown is AfterUnknown.FLAG:
                    # We died between the call and its record: whether the customer has it, nobody knows.
                    await _end(session, held, row, Delivery.UNKNOWN, "stopped while sending")
                    return None
                if channel.after_unknown is AfterUnknown.LOOK:
                    return outgoing
            if await _is_kept_back(session, held, found):
                return None
            is_bulk = row.bulk and held.tail == held.head + 1  # else somebody waits for what stands behind it
            if not await has_its_turn(session, held, row, channel.budgets(outgoing.to), bulk=is_bulk):
                return None
            row.status, row.booked = Delivery.SENDING, False
            row.attempts += 1
            row.started_at = row.started_at or self._clock()
            return replace(outgoing, look_since=None)

    async def _is_held(self, session: AsyncSession, held: Claim, row: OutboxMessage) -> bool:
        """Whether it is too early: its author can still take it back. What comes after it in the chat waits, too."""
        early = row.held_until - self._clock() if row.held_until else timedelta()
        if early <= timedelta():
            return False
        await put_off(session, held, min(early, LOOK_AGAIN), counts=False)
        return True

    async def _send(self, held: Claim, outgoing: Outgoing) -> None:
        try:
            if outgoing.look_since is not None:
                await self._look(held, outgoing, outgoing.look_since)
                return
            provider_id = await _do(outgoing)
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
        after = outgoing.after(provider_id)
        pause = timedelta(seconds=outgoing.channel.seconds_per_chat)
        async with self._database.transaction() as session:
            await _lock_first(session, outgoing)
            if outgoing.original is not None and after.original is not None:
                await outbox.now_stands_as(session, outgoing.original.row, after.original.ids)
            if after.is_last:
                now = database_time(session)
                await outbox.record(session, held, Delivery.SENT, provider_ids=list(after.done), sent_at=now)
                await advance(session, held, pause=pause)
                await _tell(session, outgoing)
            else:
                waiting = {"provider_ids": list(after.done), "started_at": None}
                await outbox.record(session, held, Delivery.WAITING, **waiting)
                await put_off(session, held, pause, counts=False)
        done = len(after.done)
        log.info("outbox.sent", lane=held.lane_id, channel=outgoing.channel.name, kind=outgoing.kind, part=done)

    async def _later(self, held: Claim, outgoing: Outgoing, error: Exception, retry_after: float | None) -> None:
        if held.attempts >= MOST_ATTEMPTS and retry_after is None:
            await self._give_up(held, outgoing, Delivery.DEAD, error)
            return
        seconds = retry_after if retry_after is not None else backoff(held)
        # A look that failed leaves the fate unknown: it is to be looked for again, not sent again.
        status = Delivery.WAITING if outgoing.look_since is None else Delivery.SENDING
        async with self._database.transaction() as session:
            await outbox.record(session, held, status, last_error=redact(str(error))[:ERROR_CHARACTERS])
            await put_off(session, held, timedelta(seconds=seconds), counts=retry_after is None)
        log.warning("outbox.later", channel=outgoing.channel.name, seconds=seconds, error=redact(str(error)))

    async def _unknown(self, held: Claim, outgoing: Outgoing, error: Exception) -> None:
        after = outgoing.channel.after_unknown
        if outgoing.step.deed is not Deed.SEND:
            after = AfterUnknown.SEND_AGAIN  # done twice is the same as done once
        if after is AfterUnknown.FLAG or held.attempts >= MOST_ATTEMPTS:
            await self._give_up(held, outgoing, Delivery.UNKNOWN, error)
        elif after is AfterUnknown.SEND_AGAIN:
            await self._later(held, outgoing, error, None)
        else:
            async with self._database.transaction() as session:
                why = redact(str(error))[:ERROR_CHARACTERS]
                await outbox.record(session, held, Delivery.SENDING, last_error=why)
                await put_off(session, held, timedelta(seconds=max(BEFORE_LOOKING_SECONDS, backoff(held))))
            log.warning("outbox.unsure", channel=outgoing.channel.name, error=redact(str(error)))

    async def _moved(self, held: Claim, outgoing: Outgoing, error: ChatMoved) -> None:
        async with self._database.transaction() as session:
            await outbox.record(session, held, Delivery.WAITING)
            await put_off(session, held, timedelta(), counts=False)
            await reach.moved(session, outgoing.channel.name, outgoing.to.chat_id, error.new_chat_id)
        log.info("outbox.chat_moved", channel=outgoing.channel.name)

    async def _give_up(self, held: Claim, outgoing: Outgoing, status: Delivery, error: Exception) -> None:
        async with self._database.transaction() as session:
            if status is Delivery.BLOCKED:
                conversation = await locked(session, outgoing.conversation_id)
                await reach.lost(session, conversation, self._clock())
            await _end(session, held, outgoing, status, redact(str(error)))
        log.error("outbox.given_up", lane=held.lane_id, status=status, error=redact(str(error)))


async def _do(outgoing: Outgoing) -> str:
    """Makes the call; returns the provider's id of what it was about. Raises as the channel does."""
    channel, to, step, key = outgoing.channel, outgoing.to, outgoing.step, outgoing.key
    match step.deed:
        case Deed.SEND:
            return await channel.send(to, step.reply, key)
        case Deed.EDIT:
            await channel.edit(to, step.provider_id, step.reply, key)
        case Deed.DELETE:
            await channel.delete(to, step.provider_id, key)
    return step.provider_id


async def _outgoing(session: AsyncSession, held: Claim, found: Next, channel: Channel) -> Outgoing | None:
    """What the row asks of the provider next. A change waits until what it changes has its end, also where that is in
    another lane (chats that became one); where nothing of that was ever sent, the change ends."""
    row, original = found.row, None
    if row.kind != OutKind.SAY:
        rows = await outbox.rows_of(session, row.message_id)
        said = [one for one in rows if one.kind == OutKind.SAY and one.lane_id != row.lane_id]
        if any(one.status in {Delivery.WAITING, Delivery.SENDING} for one in said):
            await put_off(session, held, LOOK_AGAIN, counts=False)
            return None
        original = original_of(rows, channel)
    next_one = outgoing(row, found.conversation, channel, original)
    if next_one is None and row.kind == OutKind.SAY:
        await _end(session, held, row, Delivery.SENT, "")
    elif next_one is None:
        await _end(session, held, row, Delivery.WITHDRAWN, "nothing of the message is there to be changed")
    return next_one


async def _is_kept_back(session: AsyncSession, held: Claim, found: Next) -> bool:
    """Ends what must not be sent any more: what was taken back, a bot's new words after a takeover (its cards in
    the chat go on showing what is so), anything to somebody who blocked us."""
    row = found.row
    if found.message.deleted_at is not None and row.kind != OutKind.DELETE:
        await _end(session, held, row, Delivery.WITHDRAWN, "taken back by its author")
    elif row.author == Author.BOT and found.conversation.owner == Owner.AGENT and row.kind == OutKind.SAY:
        await _end(session, held, row, Delivery.WITHHELD, "an agent has taken over")
    elif found.conversation.blocked_at is not None:
        await _end(session, held, row, Delivery.BLOCKED, "the customer has blocked us")
    else:
        return False
    return True


class Whose(Protocol):
    """A row, or what was read off it."""

    @property
    def conversation_id(self) -> int: ...
    @property
    def message_id(self) -> int: ...
    @property
    def author(self) -> str: ...
    @property
    def kind(self) -> str: ...


async def _end(session: AsyncSession, held: Claim, whose: Whose, status: Delivery, why: str) -> None:
    """The message ends without having been sent for sure; the lane moves on."""
    await _lock_first(session, whose)
    await outbox.record(session, held, status, last_error=why[:ERROR_CHARACTERS] or None)
    await advance(session, held)
    await _tell(session, whose)


async def _lock_first(session: AsyncSession, whose: Whose) -> None:
    """The desk's lane is locked after the chat's here and before it by an agent's action: the conversation's lock,
    which both take first, keeps them apart."""
    if whose.author == Author.AGENT or whose.kind == OutKind.DELETE:
        await locked(session, whose.conversation_id)


async def _tell(session: AsyncSession, whose: Whose) -> None:
    """What follows from a row's end: the agent sees the fate of their words, and deleted ones are nowhere any more."""
    if whose.kind == OutKind.DELETE:
        await outbox.forget_words(session, whose.message_id)
    if whose.author == Author.AGENT:
        await desk_feed.fate(session, whose.message_id)
