"""Tickets as a list: narrowed down, page by page from the newest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.conversations import Message
from storage.tickets import OPEN_STATUSES, Ticket

OPEN = "any_open"
NOBODY = "-"
MOST_COUNTED = 1_000


@dataclass(frozen=True)
class Wanted:
    """What is not named fits every ticket. `status`: also `OPEN`, for all of those; `owner`: also `NOBODY`. `text` is
    a ticket's number, or stands in its subject or summary."""

    status: str = ""
    category: str = ""
    owner: str = ""
    text: str = ""


@dataclass(frozen=True)
class Found:
    """One page. `older`, `newer`: whether there is more on that side; `count` is of all that fit; of
    more than `MOST_COUNTED`, one more than that."""

    tickets: list[Ticket]
    count: int
    older: bool
    newer: bool


async def search(
    session: AsyncSession, wanted: Wanted, size: int, *, before: int | None = None, after: int | None = None
) -> Found:
    """The newest `size` that fit, or the next ones below the number `before`, or above `after`."""
    fitting = _fitting(select(Ticket), wanted)
    if after is not None:
        look = fitting.where(Ticket.number > after).order_by(Ticket.number).limit(size + 1)
    else:
        look = fitting.order_by(Ticket.number.desc()).limit(size + 1)
        look = look.where(Ticket.number < before) if before is not None else look
    rows = list((await session.scalars(look)).all())
    more, rows = len(rows) > size, rows[:size]
    some = _fitting(select(Ticket.id), wanted).limit(MOST_COUNTED + 1).subquery()
    count = (await session.scalars(select(func.count()).select_from(some))).one()
    if after is not None:
        return Found(rows[::-1], count, older=True, newer=more)
    return Found(rows, count, older=more, newer=before is not None)


def _fitting(look: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.status == OPEN:
        look = look.where(Ticket.status.in_(OPEN_STATUSES))
    elif wanted.status:
        look = look.where(Ticket.status == wanted.status)
    if wanted.category:
        look = look.where(Ticket.category == wanted.category)
    if wanted.owner:
        look = look.where(Ticket.assignee.is_(None) if wanted.owner == NOBODY else Ticket.assignee == wanted.owner)
    if text := wanted.text.strip().removeprefix("#"):
        if text.isdecimal() and len(text) < 18:
            return look.where(Ticket.number == int(text))
        words = (column.icontains(text, autoescape=True) for column in (Ticket.subject, Ticket.summary))
        look = look.where(or_(*words))
    return look


async def said_about(session: AsyncSession, ticket: Ticket, limit: int) -> list[Message]:
    """The newest `limit` messages of the ticket's chat and of other chats that it was worked in, oldest first."""
    is_of_it = or_(Message.ticket_id == ticket.id, Message.conversation_id == ticket.conversation_id)
    look = select(Message).where(is_of_it).order_by(Message.id.desc()).limit(limit)
    return list(reversed((await session.scalars(look)).all()))
