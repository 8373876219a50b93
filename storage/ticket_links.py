"""Tickets that belong together, and the agents who follow one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, String, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.conversations import Conversation
from storage.database import Base
from storage.tickets import OPEN_STATUSES, Ticket


class LinkKind(StrEnum):
    """`DUPLICATE_OFFERED`: perhaps the same case, an agent decides; `NO_DUPLICATE`: they decided that it is not."""

    RELATED = "related"
    DUPLICATE_OFFERED = "duplicate_offered"
    NO_DUPLICATE = "no_duplicate"


class TicketLink(Base):
    """`ticket_id` is the older of the two."""

    __tablename__ = "ticket_link"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, index=True)
    kind: Mapped[str]


class TicketFollower(Base):
    """An agent who wants to hear of a ticket without having it."""

    __tablename__ = "ticket_follower"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id"), primary_key=True)


async def link_between(session: AsyncSession, one_id: int, other_id: int) -> TicketLink | None:
    return await session.get(TicketLink, (min(one_id, other_id), max(one_id, other_id)))


async def linked_to(session: AsyncSession, ticket_id: int, kind: LinkKind) -> list[Ticket]:
    """The other tickets of its links of this kind, oldest first."""
    forth = select(TicketLink.other_id).where(TicketLink.ticket_id == ticket_id, TicketLink.kind == kind)
    back = select(TicketLink.ticket_id).where(TicketLink.other_id == ticket_id, TicketLink.kind == kind)
    look = select(Ticket).where(Ticket.id.in_(forth.union(back))).order_by(Ticket.number)
    return list((await session.scalars(look)).all())


async def merged_into(session: AsyncSession, ticket_id: int) -> list[Ticket]:
    """The tickets that were merged into this one, oldest first."""
    look = select(Ticket).where(Ticket.merged_into == ticket_id).order_by(Ticket.number)
    return list((await session.scalars(look)).all())


async def link(session: AsyncSession, one_id: int, other_id: int, kind: LinkKind) -> None:
    """What the two are to each other from now on."""
    found = await link_between(session, one_id, other_id)
    if found is None:
        session.add(TicketLink(ticket_id=min(one_id, other_id), other_id=max(one_id, other_id), kind=kind))
    else:
        found.kind = kind
    await session.flush()


async def linked_ids(session: AsyncSession, ticket_id: int) -> set[int]:
    """Every ticket that this one has a link with, of whatever kind."""
    forth = select(TicketLink.other_id).where(TicketLink.ticket_id == ticket_id)
    back = select(TicketLink.ticket_id).where(TicketLink.other_id == ticket_id)
    return set((await session.scalars(forth.union(back))).all())


async def open_like(
    session: AsyncSession,
    ticket: Ticket,
    facts: Mapping[str, str],
    contacts: Iterable[str],
    since: datetime,
    limit: int,
) -> list[Ticket]:
    """Other open tickets, newest first: of the same customer, of anybody with one of these `facts`, and those opened
    after `since` with one of these `contacts` as any of their facts. Facts are compared as `compact` writes them."""
    alike = [Ticket.customer_id == ticket.customer_id]
    alike += [_compact(Ticket.facts[name].as_string()) == value for name, value in facts.items()]
    lately = Ticket.opened_at >= since
    alike += [lately & _compact(cast(Ticket.facts, String)).contains(value, autoescape=True) for value in contacts]
    look = (
        select(Ticket)
        .where(Ticket.id != ticket.id, Ticket.status.in_(OPEN_STATUSES), Ticket.merged_into.is_(None), or_(*alike))
        .order_by(Ticket.number.desc())
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


def compact(value: str) -> str:
    """Facts that differ in no more than spaces, hyphens and capitals are the same."""
    return value.replace(" ", "").replace("-", "").upper()


def _compact(column: ColumnElement[str]) -> ColumnElement[str]:
    return func.upper(func.replace(func.replace(column, " ", ""), "-", ""))


async def chats_of(session: AsyncSession, *ticket_ids: int) -> list[Conversation]:
    """The conversations of these tickets and of those merged into them, oldest first, kept from changing."""
    belongs = or_(Ticket.id.in_(ticket_ids), Ticket.merged_into.in_(ticket_ids))
    look = (
        select(Conversation)
        .where(Conversation.id.in_(select(Ticket.conversation_id).where(belongs)))
        .order_by(Conversation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(look)).all())


async def follower_ids(session: AsyncSession, ticket_id: int) -> set[int]:
    look = select(TicketFollower.agent_id).where(TicketFollower.ticket_id == ticket_id)
    return set((await session.scalars(look)).all())
