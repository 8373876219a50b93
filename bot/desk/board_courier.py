"""Cards of incidents, spikes and notices in the desk's default channel, with lines under them; in order per card.

As `bot.desk.courier` does it for tickets: each call is recorded, and a post whose fate is unknown is looked for first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.base import PermanentDeliveryError, TemporaryDeliveryError, UnknownOutcome
from bot.channels.slack.errors import Refused
from bot.channels.slack.sharing import SHARED
from bot.desk import answers_card, blocks, drift_card, incident_card, notice_card
from bot.desk.blocks import Block
from bot.desk.slack import DeskSlack
from bot.desk.wording import Wording
from bot.log import redact
from bot.pace import backoff, has_its_turn
from handlers.desk import Desk
from storage import board_posts, desk_channels
from storage.answer_alerts import AnswerAlert
from storage.audits import DriftDay
from storage.board_posts import BoardPost, Subject
from storage.database import Database, database_time
from storage.desk_posts import PostStatus
from storage.incidents import Incident, IncidentEvent, SpikeAlert
from storage.lanes import Claim, LaneLost, advance, put_off
from storage.notices import Notice

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 100
ERROR_CHARACTERS = 500
LOOK_BACK = timedelta(seconds=60)
BEFORE_LOOKING_SECONDS = 2.0
CARD_GONE = frozenset({"message_not_found", "thread_not_found", "cannot_reply_to_message", "cant_update_message"})
CHANNEL_GONE = ("channel_not_found", "is_archived", "not_in_channel", "restricted_action", SHARED)
CHANNEL_GONE_SECONDS = 60.0

Told = Incident | SpikeAlert | Notice | DriftDay | AnswerAlert


class Part(StrEnum):
    CARD = "card"
    LINE = "line"
    REDRAW = "redraw"


@dataclass(frozen=True)
class Job:
    """One call to Slack; `card` is the `ts` of the card that is there already."""

    part: Part
    channel: str
    card: str | None
    key: str
    text: str
    blocks: list[Block]
    look_since: datetime | None


class BoardCourier:
    def __init__(
        self, database: Database, slack: DeskSlack, desk: Callable[[], Desk], clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._slack = slack
        self._desk = desk
        self._clock = clock

    async def work(self, held: Claim) -> None:
        """Makes the next call for the lane's next post and records it."""
        try:
            job = await self._prepare(held)
            if job is not None:
                await self._do(held, job)
        except (LaneLost, SQLAlchemyError, OSError) as error:
            log.warning("board.lane_lost", lane=held.lane_id, error=type(error).__name__)
        except Exception as error:
            log.exception("board.fault", lane=held.lane_id)
            await self._later(held, error, None)

    async def _prepare(self, held: Claim) -> Job | None:
        async with self._database.transaction() as session:
            post = await board_posts.next_to_send(session, held)
            row = await _row(session, post)
            default = self._desk().desk_channel
            channel = row.channel or (await desk_channels.current(session, default) if default else None)
            if channel is None:
                await _end(session, held, post, PostStatus.DEAD, "there is no desk channel")
                return None
            job = await self._job(session, post, row, channel)
            if job is None:
                await _end(session, held, post, PostStatus.SENT)
                return None
            if job.look_since is None:
                if not await has_its_turn(session, held, post, self._slack.budgets(channel)):
                    return None
                post.booked, post.attempts = False, post.attempts + 1
                if job.part is not Part.REDRAW:
                    post.status, post.started_at = PostStatus.SENDING, self._clock()
            return job

    async def _job(self, session: AsyncSession, post: BoardPost, row: Told, channel: str) -> Job | None:
        """None: nothing is left to do for this post."""
        if row.ts is None:
            return _job(post, Part.CARD, channel, None, *await self._card(session, row))
        if post.event_id is not None and isinstance(row, Incident):
            event = await session.get_one(IncidentEvent, post.event_id)
            line = await incident_card.line(session, event, Wording.of(self._desk()))
            if line is not None:
                return _job(post, Part.LINE, channel, row.ts, line, [blocks.section(line)])
        if await board_posts.is_last(session, post):
            return _job(post, Part.REDRAW, channel, row.ts, *await self._card(session, row))
        return None

    async def _card(self, session: AsyncSession, row: Told) -> tuple[str, list[Block]]:
        wording, now = Wording.of(self._desk()), self._clock()
        match row:
            case Incident():
                text, drawn = await incident_card.card(session, row, wording, now)
            case SpikeAlert():
                text, drawn = incident_card.alert(row, wording)
            case Notice():
                text, drawn = await notice_card.card(session, row, wording)
            case DriftDay():
                text, drawn = drift_card.card(row, wording)
            case AnswerAlert():
                text, drawn = await answers_card.card(session, row, wording)
        return text, blocks.numbered(drawn, uuid4().hex[:12])

    async def _do(self, held: Claim, job: Job) -> None:
        try:
            if job.look_since is not None:
                found = await self._slack.find(job.channel, _thread(job), job.key, job.look_since - LOOK_BACK)
                log.info("board.looked", lane=held.lane_id, found=found is not None)
                await (self._again(held) if found is None else self._done(held, job, found))
            elif job.part is Part.REDRAW:
                await self._slack.update(job.channel, job.card or "", job.text, job.blocks)
                await self._done(held, job, "")
            else:
                ts = await self._slack.post(job.channel, _thread(job), job.text, job.blocks, job.key)
                await self._done(held, job, ts)
        except TemporaryDeliveryError as error:
            await self._later(held, error, error.retry_after, is_sure=job.look_since is None)
        except Refused as refused:
            await self._refused(held, job, refused)
        except PermanentDeliveryError as error:
            await self._give_up(held, error)
        except UnknownOutcome as error:
            await self._later(held, error, None, least=BEFORE_LOOKING_SECONDS)

    async def _done(self, held: Claim, job: Job, ts: str) -> None:
        async with self._database.transaction() as session:
            post = await board_posts.next_to_send(session, held)
            post.status = PostStatus.WAITING
            if job.part is Part.REDRAW:
                await _end(session, held, post, PostStatus.SENT)
                return
            if job.part is Part.CARD:
                row = await _row(session, post)
                row.channel, row.ts = job.channel, ts
                if post.event_id is None:
                    await _end(session, held, post, PostStatus.SENT)
                    return
            else:
                post.event_id = None
            await session.flush()
            await put_off(session, held, timedelta(), counts=False)

    async def _again(self, held: Claim) -> None:
        async with self._database.transaction() as session:
            post = await board_posts.next_to_send(session, held)
            post.status = PostStatus.WAITING
            await put_off(session, held, timedelta(), counts=False)

    async def _refused(self, held: Claim, job: Job, refused: Refused) -> None:
        """A card that is gone, or was in a channel that is not the desk's any more, is posted anew."""
        is_channel = refused.error.startswith(CHANNEL_GONE)
        if not is_channel and not (refused.error in CARD_GONE and job.card):
            await self._give_up(held, refused)
            return
        log.warning("board.card_gone", channel=job.channel, error=refused.error)
        async with self._database.transaction() as session:
            post = await board_posts.next_to_send(session, held)
            post.status, post.last_error = PostStatus.WAITING, str(refused)[:ERROR_CHARACTERS]
            row = await _row(session, post)
            row.channel = row.ts = None
            await put_off(session, held, timedelta(seconds=CHANNEL_GONE_SECONDS if is_channel else 0), counts=False)

    async def _later(
        self, held: Claim, error: Exception, retry_after: float | None, *, least: float = 0.0, is_sure: bool = False
    ) -> None:
        """`is_sure`: it was not done, so that there is nothing to look for."""
        why = redact(str(error))[:ERROR_CHARACTERS]
        async with self._database.transaction() as session:
            post = await board_posts.next_to_send(session, held)
            post.last_error = why
            if held.attempts >= MOST_ATTEMPTS and retry_after is None:
                await _end(session, held, post, PostStatus.DEAD, why)
                return
            if is_sure:
                post.status = PostStatus.WAITING
            wait = retry_after if retry_after is not None else max(least, backoff(held))
            await put_off(session, held, timedelta(seconds=wait), counts=retry_after is None)
        log.warning("board.later", lane=held.lane_id, error=why)

    async def _give_up(self, held: Claim, error: Exception) -> None:
        why = redact(str(error))[:ERROR_CHARACTERS]
        log.error("board.given_up", lane=held.lane_id, error=why)
        async with self._database.transaction() as session:
            await _end(session, held, await board_posts.next_to_send(session, held), PostStatus.DEAD, why)


async def _row(session: AsyncSession, post: BoardPost) -> Told:
    match post.subject:
        case Subject.INCIDENT:
            return await session.get_one(Incident, post.subject_id)
        case Subject.SPIKE:
            return await session.get_one(SpikeAlert, post.subject_id)
        case Subject.DRIFT:
            return await session.get_one(DriftDay, post.subject_id)
        case Subject.ANSWERS:
            return await session.get_one(AnswerAlert, post.subject_id)
        case _:
            return await session.get_one(Notice, post.subject_id)


def _job(post: BoardPost, part: Part, channel: str, card: str | None, text: str, drawn: list[Block]) -> Job:
    was_begun = post.status == PostStatus.SENDING and part is not Part.REDRAW
    key = f"board:{post.lane_id}-{post.seq}:{part}"
    return Job(part, channel, card, key, text, drawn, (post.started_at or post.created_at) if was_begun else None)


def _thread(job: Job) -> str | None:
    return job.card if job.part is Part.LINE else None


async def _end(session: AsyncSession, held: Claim, post: BoardPost, status: PostStatus, why: str | None = None) -> None:
    post.status = status
    if status is PostStatus.SENT:
        post.sent_at = database_time(session)
    post.last_error = why[:ERROR_CHARACTERS] if why else post.last_error
    await session.flush()
    await advance(session, held)
