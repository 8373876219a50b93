"""What is to be done in Slack next for a desk post. Reads the database, and so never tells what is not so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.blocks import Block, section
from bot.desk.card import card, moved_line
from bot.desk.lines import Line, Lines, marks
from bot.desk.wording import Wording
from storage import cases, desk_posts, desk_threads, outbox
from storage.desk_posts import DeskPost, PostKind
from storage.desk_threads import DeskThread
from storage.outbox import Delivery, OutKind
from storage.tickets import Ticket, TicketEvent

DONE = "done"  # in a post's payload: how many of its lines are out
DRAWN = "drawn"  # the card was posted anew for it, and shows all there is
ANEW = "anew"  # the copy that it would change is gone: it is made anew
BARE = "bare"  # Slack refused the blocks of this part of it: it is told without


@dataclass(frozen=True)
class OpenThread:
    """The card is posted, and a thread begins under it."""

    text: str
    blocks: list[Block]


@dataclass(frozen=True)
class Tell:
    """A line, a changed copy, or a file."""

    line: Line


@dataclass(frozen=True)
class Redraw:
    text: str
    blocks: list[Block]


@dataclass(frozen=True)
class Mark:
    """Our reaction under the post at `ts` becomes `after`."""

    channel: str
    ts: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Leave:
    """The card of a thread that was left behind becomes one line, without buttons."""

    channel: str
    ts: str
    text: str
    blocks: list[Block]


Step = OpenThread | Tell | Redraw | Mark | Leave


async def next_step(
    session: AsyncSession, post: DeskPost, ticket: Ticket, thread: DeskThread | None, wording: Wording, now: datetime
) -> Step | None:
    """None: nothing is left to do for this post."""
    if post.kind == PostKind.MARK:
        return await _mark(session, int(post.payload["message_id"]))
    if thread is None:
        return OpenThread(*await _card(session, ticket, wording, now))
    if post.kind == PostKind.EVENT:
        event = await session.get_one(TicketEvent, int(post.payload["event_id"]))
        anew = bool(post.payload.get(ANEW))
        lines = await Lines(session, wording, ticket, event, thread, anew=anew).all()
        done = int(post.payload.get(DONE, 0))
        if done < len(lines):
            return Tell(lines[done])
    if post.kind == PostKind.LEFT and not post.payload.get(DONE):
        left = await session.get_one(DeskThread, int(post.payload["thread_id"]))
        text = moved_line(ticket, wording, thread.channel)
        return Leave(left.channel, left.ts, text, [section(text)])
    if not post.payload.get(DRAWN) and await desk_posts.is_last(session, post):
        return Redraw(*await _card(session, ticket, wording, now))
    return None


async def _card(session: AsyncSession, ticket: Ticket, wording: Wording, now: datetime) -> tuple[str, list[Block]]:
    return card(await cases.case_of(session, ticket), wording, now, uuid4().hex[:12])


async def _mark(session: AsyncSession, message_id: int) -> Mark | None:
    """None where the post shows the right mark, or there is no post."""
    copy = await desk_threads.copy_of(session, message_id)
    if copy is None:
        return None
    said: list[str] = []
    changed: list[str] = []
    for one in await desk_threads.copies_at(session, copy.channel, copy.ts):
        rows = await outbox.rows_of(session, one.message_id)
        changed += [row.status for row in rows if row.kind != OutKind.SAY]
        is_gone = any(row.kind == OutKind.DELETE and row.status == Delivery.SENT for row in rows)
        left = [row.status for row in rows if row.kind == OutKind.SAY and row.resent_as is None]
        said += [Delivery.WITHDRAWN] if is_gone else left
    after = "warning" if Delivery.DEAD in changed else marks(said)
    return None if after == copy.mark else Mark(copy.channel, copy.ts, copy.mark, after)
