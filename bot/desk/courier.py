"""One desk post → lines in the ticket's thread, then its card drawn anew; in order per ticket, at Slack's pace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from bot.channels.slack.errors import Refused
from bot.channels.slack.sharing import SHARED
from bot.desk import places
from bot.desk.slack import DeskSlack
from bot.desk.steps import ANEW, BARE, DONE, DRAWN, Leave, Mark, OpenThread, Redraw, Step, Tell, next_step
from bot.desk.wording import Wording
from bot.log import redact
from bot.pace import backoff, has_its_turn
from handlers.desk import Desk
from handlers.errors import SupportError
from storage import agents, desk_channels, desk_posts, desk_threads
from storage.database import Database, database_time
from storage.desk_posts import DeskPost, PostKind, PostStatus
from storage.desk_threads import DeskCopy, DeskThread
from storage.lanes import Claim, LaneLost, advance, put_off
from storage.tickets import Ticket

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 150  # about a day: while Slack is away nothing is lost
MOST_FAULTS = 8  # of ours, which another try seldom mends: the ticket goes on after some minutes
ERROR_CHARACTERS = 500
LOOK_BACK = timedelta(seconds=60)  # between our clock and Slack's
BEFORE_LOOKING_SECONDS = 2.0
DESK_DOWN_SECONDS = 60.0
AT_ONCE = timedelta()
RENAMED, RENAMED_SECONDS = "channel_not_found", 5.0  # perhaps its new id is on its way to us
THREAD_GONE = frozenset({"message_not_found", "thread_not_found", "cannot_reply_to_message", "cant_update_message"})
CHANNEL_GONE = frozenset({"channel_not_found", "is_archived", "not_in_channel", "restricted_action", SHARED})


@dataclass(frozen=True)
class Job:
    """A step read off, so that no transaction is open while Slack is called. `thread` is None before there is one;
    `part` names the step within its post; `bare`: without blocks or file; `look_since`: whether it was done already is
    unknown, it is looked for first."""

    ticket_id: int
    number: int
    channel: str
    thread: str | None
    part: str
    key: str
    step: Step
    bare: bool
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
            await self._unprepared(held, error)
            return None

    async def _unprepared(self, held: Claim, error: Exception) -> None:
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            if held.attempts >= MOST_FAULTS:
                await _end(session, held, post, PostStatus.DEAD, redact(str(error)))
            else:
                await put_off(session, held, timedelta(seconds=backoff(held)))

    async def _prepare(self, held: Claim) -> Job | None:
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            ticket = await session.get_one(Ticket, post.ticket_id)
            place = await places.place_of(session, self._desk(), ticket)
            if place is None:
                await _end(session, held, post, PostStatus.DEAD, "the ticket has no desk channel")
                return None
            thread = await self._thread(session, ticket, place)
            step = await next_step(session, post, ticket, thread, Wording.of(self._desk()), self._clock())
            if step is None:
                await _end(session, held, post, PostStatus.SENT)
                return None
            job = _job(post, ticket, thread, step)
            if job.look_since is None:
                is_new = _is_new(step)
                if is_new and not await has_its_turn(session, held, post, self._slack.budgets(job.channel)):
                    return None
                if is_new:
                    post.status, post.booked, post.started_at = PostStatus.SENDING, False, self._clock()
                post.attempts += 1
            return job

    async def _thread(self, session: AsyncSession, ticket: Ticket, place: str) -> DeskThread | None:
        """Where the ticket is worked; a thread in another channel than it belongs to by now is left behind."""
        thread = await desk_threads.thread_of(session, ticket.id)
        if thread is None or thread.channel == place:
            return thread
        named = {await desk_channels.current(session, one) for one in places.configured(self._desk())}
        if thread.channel in named:
            was_left = await desk_threads.lose(session, thread, self._clock())  # moved by an agent, as a line says
        else:
            was_left = await places.thread_lost(session, thread, places.CHANNEL, self._clock())
        if was_left:
            await desk_posts.append(session, ticket.id, PostKind.LEFT, {"thread_id": thread.id})
        return None

    async def _do(self, held: Claim, job: Job) -> None:
        try:
            if job.look_since is not None:
                await self._look(held, job, job.look_since)
            else:
                await self._done(held, job, await self._perform(job))
        except TemporaryDeliveryError as error:
            await self._later(held, error, job)
        except Refused as refused:
            await self._refused(held, job, refused)
        except PermanentDeliveryError as error:
            await self._give_up_step(held, job, error)
        except UnknownOutcome as error:
            await self._unknown(held, error, MOST_ATTEMPTS)
        except (LaneLost, SQLAlchemyError):
            raise
        except Exception as error:
            log.exception("desk.fault", lane=held.lane_id)
            await self._unknown(held, error, MOST_FAULTS)

    async def _perform(self, job: Job) -> str:
        """What Slack calls it."""
        channel, thread = job.channel, job.thread or ""
        match job.step:
            case OpenThread(text, blocks):
                return await self._slack.post(channel, None, text, [] if job.bare else blocks, job.key)
            case Redraw(text, blocks):
                await self._slack.update(channel, thread, text, [] if job.bare else blocks)
            case Mark(where, ts, before, after):
                await self._slack.mark(where, ts, before, after)
            case Leave(where, ts, text, blocks):
                await self._slack.update(where, ts, text, [] if job.bare else blocks)
            case Tell(line) if line.replaces is not None:
                await self._slack.update(channel, line.replaces, line.text, [] if job.bare else line.blocks)
                return line.replaces
            case Tell(line) if line.file is not None and not job.bare:
                return await self._slack.upload(channel, thread, line.file, job.key)
            case Tell(line):
                return await self._slack.post(channel, thread, line.text, [] if job.bare else line.blocks, job.key)
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
            await put_off(session, held, AT_ONCE, counts=False)

    async def _done(self, held: Claim, job: Job, ts: str) -> None:
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.status = PostStatus.WAITING
            if not isinstance(job.step, Leave):  # which is done in another channel
                await desk_channels.is_up(session, job.channel, self._clock())
            if await self._was_in_vain(session, job):
                await put_off(session, held, AT_ONCE, counts=False)
                return
            match job.step:
                case OpenThread():
                    channel = await desk_channels.current(session, job.channel)
                    now = self._clock()
                    session.add(DeskThread(ticket_id=job.ticket_id, channel=channel, ts=ts, opened_at=now))
                    post.payload = {**post.payload, DRAWN: True, DONE: 0}  # what was told of it before is gone
                case Tell(line):
                    post.payload = _with_one_done(post)
                    for message_id in line.message_ids if line.replaces is None else ():
                        channel = await desk_channels.current(session, job.channel)
                        copy = DeskCopy(message_id=message_id, channel=channel, ts=ts, is_own=False, mark=None)
                        await session.merge(copy)
                case Leave():
                    post.payload = _with_one_done(post)
                case Redraw():
                    await _end(session, held, post, PostStatus.SENT)
                    return
                case Mark(channel, mark_ts, _, after):
                    for copy in await desk_threads.copies_at(session, channel, mark_ts):
                        copy.mark = after
            await session.flush()
            await put_off(session, held, AT_ONCE, counts=False)

    async def _was_in_vain(self, session: AsyncSession, job: Job) -> bool:
        """Whether the thread that it was told in has gone meanwhile: it is told again in the next one."""
        if not isinstance(job.step, Tell | Redraw):
            return False
        thread = await desk_threads.thread_of(session, job.ticket_id)
        return thread is None or thread.ts != job.thread

    async def _refused(self, held: Claim, job: Job, refused: Refused) -> None:
        """A thread that is gone gets a successor, a channel that is gone the default one in its place; what is to be
        told waits for it. What Slack will not show as it is, it may without blocks."""
        is_channel = refused.error.startswith(tuple(CHANNEL_GONE))
        is_thread = refused.error in THREAD_GONE
        step = job.step
        if isinstance(step, Mark) and (is_thread or (is_channel and step.channel != job.channel)):
            await self._skip(held, refused)  # on a post in a place that was left
        elif isinstance(step, Leave) and (is_thread or is_channel):
            await self._again(held, {DONE: 1})  # nobody reads it there any more
        elif is_channel:
            await self._channel_gone(held, job, refused)
        elif is_thread and isinstance(step, Tell) and step.line.replaces is not None:
            await self._again(held, {ANEW: True})
        elif is_thread and job.thread is not None:
            await self._thread_gone(held, job, refused)
        else:
            await self._give_up_step(held, job, refused)

    async def _thread_gone(self, held: Claim, job: Job, refused: Refused) -> None:
        log.warning("desk.thread_gone", ticket=job.number, error=refused.error)
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.status = PostStatus.WAITING
            thread = await desk_threads.thread_of(session, job.ticket_id)
            if thread is not None and thread.ts == job.thread:
                await places.thread_lost(session, thread, places.DELETED, self._clock())
            await put_off(session, held, AT_ONCE, counts=False)

    async def _channel_gone(self, held: Claim, job: Job, refused: Refused) -> None:
        problem = _problem(job.channel, refused)
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.last_error = str(refused)[:ERROR_CHARACTERS]
            if job.look_since is None:
                post.status = PostStatus.WAITING  # else it is to be looked for again, once that can be done
            if await desk_channels.current(session, job.channel) != job.channel:
                await put_off(session, held, AT_ONCE, counts=False)
                return
            if refused.error == RENAMED and held.attempts == 1:
                await put_off(session, held, timedelta(seconds=RENAMED_SECONDS))
                return
            ticket = await session.get_one(Ticket, job.ticket_id)
            is_elsewhere = await places.channel_lost(session, self._desk(), ticket, job.channel, self._clock())
            is_news = await desk_channels.went_down(session, job.channel, problem, self._clock())
            if is_elsewhere:
                post.status = PostStatus.WAITING
            await put_off(
                session, held, AT_ONCE if is_elsewhere else timedelta(seconds=DESK_DOWN_SECONDS), counts=False
            )
        if is_news:
            log.error("desk.channel_gone", channel=job.channel, error=refused.error)
            if not is_elsewhere:
                key = "desk.notice.channel_shared" if refused.error == SHARED else "desk.notice.channel_gone"
                await self._tell_leads(key, job.channel)

    async def _tell_leads(self, key: str, channel: str) -> None:
        """Best effort: the health page says it, too."""
        text = Wording.of(self._desk()).texts(key, channel=f"<#{channel}>")
        async with self._database.reading() as session:
            leads = [one.user_id for one in await agents.agents(session) if one.leads and one.user_id]
        for user in leads:
            try:
                await self._slack.tell_privately(user, text)
            except (SupportError, TimeoutError) as error:
                log.warning("desk.lead_not_told", error=type(error).__name__)

    async def _again(self, held: Claim, more: Mapping[str, object]) -> None:
        """The same step, otherwise."""
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.status, post.payload = PostStatus.WAITING, {**post.payload, **more}
            await put_off(session, held, AT_ONCE, counts=False)

    async def _skip(self, held: Claim, refused: Refused) -> None:
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            await _end(session, held, post, PostStatus.SENT, str(refused))

    async def _later(self, held: Claim, error: TemporaryDeliveryError, job: Job) -> None:
        retry_after = error.retry_after
        seconds = retry_after if retry_after is not None else backoff(held)
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.last_error = redact(str(error))[:ERROR_CHARACTERS]
            if held.attempts >= MOST_ATTEMPTS and retry_after is None:
                await _end(session, held, post, PostStatus.DEAD, redact(str(error)))
            else:
                if job.look_since is None:
                    post.status = PostStatus.WAITING  # else: the look failed, and is to be repeated
                await put_off(session, held, timedelta(seconds=seconds), counts=retry_after is None)
        log.warning("desk.later", lane=held.lane_id, seconds=seconds, error=redact(str(error)))

    async def _unknown(self, held: Claim, error: Exception, most: int) -> None:
        """New posts are looked for before they are sent again; everything else may be done twice."""
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.last_error = redact(str(error))[:ERROR_CHARACTERS]
            if held.attempts >= most:
                await _end(session, held, post, PostStatus.DEAD, redact(str(error)))
                return
            await put_off(session, held, timedelta(seconds=max(BEFORE_LOOKING_SECONDS, backoff(held))))

    async def _give_up_step(self, held: Claim, job: Job, error: Exception) -> None:
        """Slack will never take this as it is: it is told in plain words instead. If it takes not even those, the rest
        of the post is still told, and the card shows what is so."""
        why = redact(str(error))[:ERROR_CHARACTERS]
        log.error("desk.given_up", lane=held.lane_id, ticket=job.number, part=job.part, error=why)
        if not job.bare and job.look_since is None and not isinstance(job.step, Mark):
            await self._again(held, {BARE: job.part})
            return
        async with self._database.transaction() as session:
            post = await desk_posts.next_to_send(session, held)
            post.last_error = why
            if isinstance(job.step, Tell):
                post.status, post.payload = PostStatus.WAITING, _with_one_done(post)
                await put_off(session, held, AT_ONCE, counts=False)
            else:
                await _end(session, held, post, PostStatus.DEAD, why)


def _is_new(step: Step) -> bool:
    """Whether it makes a post: done twice, it would stand there twice."""
    return isinstance(step, OpenThread) or (isinstance(step, Tell) and step.line.replaces is None)


def _with_one_done(post: DeskPost) -> dict[str, Any]:
    """The next line is another one: what was found out about this one does not hold for it."""
    kept = {name: value for name, value in post.payload.items() if name not in {ANEW, BARE}}
    return {**kept, DONE: int(post.payload.get(DONE, 0)) + 1}


def _problem(channel: str, refused: Refused) -> str:
    if refused.error == SHARED:
        return f"the desk channel {channel} is shared with another company, nothing is posted there; name another"
    return f"the desk channel {channel} cannot be written to ({refused.error}); invite the bot, or name another"


def _job(post: DeskPost, ticket: Ticket, thread: DeskThread | None, step: Step) -> Job:
    part = str(int(post.payload.get(DONE, 0))) if isinstance(step, Tell) else type(step).__name__.lower()
    was_begun = post.status == PostStatus.SENDING and _is_new(step)
    return Job(
        ticket_id=ticket.id,
        number=ticket.number,
        channel=thread.channel if thread else ticket.desk_channel or "",
        thread=thread.ts if thread else None,
        part=part,
        key=f"desk:{post.lane_id}-{post.seq}:{part}",
        step=step,
        bare=post.payload.get(BARE) == part,
        look_since=(post.started_at or post.created_at) if was_begun else None,
    )


async def _end(session: AsyncSession, held: Claim, post: DeskPost, status: PostStatus, why: str | None = None) -> None:
    """What is given up may have left the card as it was: it is drawn once more."""
    post.status = status
    if status is PostStatus.SENT:
        post.sent_at = database_time(session)
    post.last_error = why[:ERROR_CHARACTERS] if why else post.last_error
    await session.flush()
    if status is PostStatus.DEAD and post.kind == PostKind.EVENT and await desk_posts.is_last(session, post):
        await desk_posts.append(session, post.ticket_id, PostKind.CARD, {})
    await advance(session, held)
