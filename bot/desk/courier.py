"""One desk post → lines in the ticket's thread, then its card drawn anew; in order per ticket, at Slack's pace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from bot.channels.slack.errors import Refused
from bot.desk.slack import DeskSlack
from bot.desk.steps import DONE, DRAWN, Mark, OpenThread, Redraw, Step, Tell, next_step
from bot.desk.wording import Wording
from bot.log import redact
from bot.pace import backoff, has_its_turn
from handlers.desk import Desk
from storage import desk_posts, desk_threads
from storage.database import Database, database_time
from storage.desk_posts import DeskPost, PostStatus
from storage.desk_threads import DeskCopy, DeskThread
from storage.lanes import Claim, LaneLost, advance, put_off
from storage.tickets import Ticket

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 20
ERROR_CHARACTERS = 500
LOOK_BACK = timedelta(seconds=60)  # between our clock and Slack's
BEFORE_LOOKING_SECONDS = 2.0
DESK_DOWN_SECONDS = 60.0
THREAD_GONE = frozenset({"message_not_found", "thread_not_found", "cannot_reply_to_message", "cant_update_message"})
CHANNEL_GONE = frozenset({"channel_not_found", "is_archived", "not_in_channel"})


@dataclass(frozen=True)
class Job:
    """A step read off, so that no transaction is open while Slack is called. `thread` is None before there is one;
    `look_since`: whether it was done already is unknown, it is looked for first."""

    ticket_id: int
    number: int
    channel: str
    thread: str | None
    key: str
    step: Step
    look_since: datetime | None


class DeskCourier:
    """Tells the desk what waits in claimed lanes."""

    def __init__(
        self, database: Database, slack: DeskSlack, desk: Callable[[], Desk], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._slack = slack
        self._desk = desk
        self._clock = clock

    async def work(self, held: Claim) -> None:
        """Does the next step of the lane's next post and records it."""
        try:
            job = await self._prepared(held)
            if job is not None:
                await self._do(held, job)
        except LaneLost:
            log.warning("desk.lane_lost", lane=held.lane_id)

    async def _prepared(self, held: Claim) -> Job | None:
        """As `_prepare`; a post that cannot even be prepared is given up in the end, so that the ticket goes on."""
        try:
            return await self._prepare(held)
        except (LaneLost, SQLAlchemyError, OSError):
            raise
        except Exception as error:
            log.exception("desk.fault", lane=held.lane_id)
            await self._later(held, error, None)
            return None

    async def _prepare(self, held: Claim) -> Job | None:
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            ticket = await session.get_one(Ticket, post.ticket_id)
            if ticket.desk_channel is None:
                await _end(session, held, post, PostStatus.DEAD, "the ticket has no desk channel")
                return None
            thread = await self._thread(session, ticket)
            step = await next_step(session, post, ticket, thread, Wording.of(self._desk()), self._clock())
            if step is None:
                await _end(session, held, post, PostStatus.SENT)
                return None
            job = _job(post, ticket, thread, step)
            if job.look_since is None:
                is_new = isinstance(step, OpenThread) or (isinstance(step, Tell) and step.line.replaces is None)
                if is_new and not await has_its_turn(session, held, post, self._slack.budgets(job.channel)):
                    return None
                if is_new:
                    post.status, post.booked, post.started_at = PostStatus.SENDING, False, self._clock()
                post.attempts += 1
            return job

    async def _thread(self, session: AsyncSession, ticket: Ticket) -> DeskThread | None:
        """Where the ticket is worked; a thread in another channel than it belongs to by now is left behind."""
        thread = await desk_threads.thread_of(session, ticket.id)
        if thread is not None and thread.channel != ticket.desk_channel:
            thread.lost_at = self._clock()
            return None
        return thread

    async def _do(self, held: Claim, job: Job) -> None:
        try:
            if job.look_since is not None:
                await self._look(held, job, job.look_since)
            else:
                await self._done(held, job, await self._perform(job))
        except TemporaryDeliveryError as error:
            await self._later(held, error, error.retry_after, job)
        except Refused as refused:
            await self._refused(held, job, refused)
        except PermanentDeliveryError as error:
            await self._give_up_step(held, job, error)
        except (LaneLost, SQLAlchemyError):
            raise
        except Exception as error:
            if not isinstance(error, UnknownOutcome):
                log.exception("desk.fault", lane=held.lane_id)
            await self._unknown(held, error)

    async def _perform(self, job: Job) -> str:
        """What Slack calls it."""
        match job.step:
            case OpenThread(text, blocks):
                return await self._slack.post(job.channel, None, text, blocks, job.key)
            case Redraw(text, blocks):
                await self._slack.update(job.channel, job.thread or "", text, blocks)
            case Mark(channel, ts, before, after):
                await self._slack.mark(channel, ts, before, after)
            case Tell(line) if line.replaces is not None:
                await self._slack.update(job.channel, line.replaces, line.text, line.blocks)
                return line.replaces
            case Tell(line) if line.file is not None:
                return await self._slack.upload(job.channel, job.thread or "", line.file, job.key)
            case Tell(line):
                return await self._slack.post(job.channel, job.thread, line.text, line.blocks, job.key)
        return ""

    async def _look(self, held: Claim, job: Job, since: datetime) -> None:
        """An attempt of unknown fate: what is there counts as done, the rest is done again."""
        found = await self._slack.find(job.channel, job.thread, job.key, since - LOOK_BACK)
        log.info("desk.looked", lane=held.lane_id, found=found is not None)
        if found is not None:
            await self._done(held, job, found)
            return
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.status = PostStatus.WAITING
            await put_off(session, held, timedelta(), counts=False)

    async def _done(self, held: Claim, job: Job, ts: str) -> None:
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.status = PostStatus.WAITING
            match job.step:
                case OpenThread():
                    now = self._clock()
                    session.add(DeskThread(ticket_id=job.ticket_id, channel=job.channel, ts=ts, opened_at=now))
                    post.payload = {**post.payload, DRAWN: True}
                case Tell(line):
                    post.payload = {**post.payload, DONE: int(post.payload.get(DONE, 0)) + 1}
                    for message_id in line.message_ids if line.replaces is None else ():
                        await session.merge(
                            DeskCopy(message_id=message_id, channel=job.channel, ts=ts, is_own=False, mark=None)
                        )
                case Redraw():
                    await _end(session, held, post, PostStatus.SENT)
                    return
                case Mark(channel, mark_ts, _, after):
                    for copy in await desk_threads.copies_at(session, channel, mark_ts):
                        copy.mark = after
            await session.flush()
            await put_off(session, held, timedelta(), counts=False)
        if isinstance(job.step, OpenThread):
            await self._slack.well()

    async def _refused(self, held: Claim, job: Job, refused: Refused) -> None:
        """A thread that is gone gets a successor, a channel that is gone the default one in its place; what is to be
        told waits for it."""
        if refused.error in CHANNEL_GONE:
            await self._channel_gone(held, job, refused)
        elif refused.error in THREAD_GONE and job.thread is not None:
            async with self._database.transaction() as session:
                thread = await desk_threads.thread_of(session, job.ticket_id)
                if thread is not None and thread.ts == job.thread:
                    thread.lost_at = self._clock()
                post = await desk_posts.next_to_send(session, held)
                post.status = PostStatus.WAITING
                await put_off(session, held, timedelta(), counts=False)
            log.warning("desk.thread_gone", ticket=job.number, error=refused.error)
        else:
            await self._give_up_step(held, job, refused)

    async def _channel_gone(self, held: Claim, job: Job, refused: Refused) -> None:
        default = self._desk().desk_channel
        await self._slack.unwell(f"Slack: the desk channel {job.channel} cannot be written to: {refused.error}")
        log.error("desk.channel_gone", channel=job.channel, error=refused.error)
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.status, post.last_error = PostStatus.WAITING, str(refused)[:ERROR_CHARACTERS]
            elsewhere = default is not None and default != job.channel
            if elsewhere:
                ticket = await session.get_one(Ticket, job.ticket_id)
                ticket.desk_channel = default
            wait = timedelta() if elsewhere else timedelta(seconds=DESK_DOWN_SECONDS)
            await put_off(session, held, wait, counts=False)

    async def _later(self, held: Claim, error: Exception, retry_after: float | None, job: Job | None = None) -> None:
        seconds = retry_after if retry_after is not None else backoff(held)
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.last_error = redact(str(error))[:ERROR_CHARACTERS]
            if held.attempts >= MOST_ATTEMPTS and retry_after is None:
                await _end(session, held, post, PostStatus.DEAD, redact(str(error)))
            else:
                if job is not None and job.look_since is None:
                    post.status = PostStatus.WAITING  # else: the look failed, and is to be repeated
                await put_off(session, held, timedelta(seconds=seconds), counts=retry_after is None)
        log.warning("desk.later", lane=held.lane_id, seconds=seconds, error=redact(str(error)))

    async def _unknown(self, held: Claim, error: Exception) -> None:
        """New posts are looked for before they are sent again; everything else may be done twice."""
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.last_error = redact(str(error))[:ERROR_CHARACTERS]
            if held.attempts >= MOST_ATTEMPTS:
                await _end(session, held, post, PostStatus.DEAD, redact(str(error)))
                return
            await put_off(session, held, timedelta(seconds=max(BEFORE_LOOKING_SECONDS, backoff(held))))

    async def _give_up_step(self, held: Claim, job: Job, error: Exception) -> None:
        """Slack will never take this: the rest of the post is still told, and the card shows what is so."""
        why = redact(str(error))[:ERROR_CHARACTERS]
        log.error("desk.given_up", lane=held.lane_id, ticket=job.number, error=why)
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.last_error = why
            if isinstance(job.step, Tell):
                post.status = PostStatus.WAITING
                post.payload = {**post.payload, DONE: int(post.payload.get(DONE, 0)) + 1}
                await put_off(session, held, timedelta(), counts=False)
            else:
                await _end(session, held, post, PostStatus.DEAD, why)


def _job(post: DeskPost, ticket: Ticket, thread: DeskThread | None, step: Step) -> Job:
    is_new = isinstance(step, OpenThread) or (isinstance(step, Tell) and step.line.replaces is None)
    was_begun = post.status == PostStatus.SENDING and is_new
    number = "card" if isinstance(step, OpenThread) else str(int(post.payload.get(DONE, 0)))
    return Job(
        ticket_id=ticket.id,
        number=ticket.number,
        channel=thread.channel if thread else ticket.desk_channel or "",
        thread=thread.ts if thread else None,
        key=f"desk:{post.lane_id}-{post.seq}:{number}",
        step=step,
        look_since=(post.started_at or post.created_at) if was_begun else None,
    )


async def _end(session: AsyncSession, held: Claim, post: DeskPost, status: PostStatus, why: str | None = None) -> None:
    post.status = status
    if status is PostStatus.SENT:
        post.sent_at = database_time(session)
    post.last_error = why[:ERROR_CHARACTERS] if why else post.last_error
    await session.flush()
    await advance(session, held)
