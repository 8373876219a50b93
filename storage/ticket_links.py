"""Tickets that belong together, and the agents who follow one."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base
from storage.tickets import Ticket


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


async def follower_ids(session: AsyncSession, ticket_id: int) -> set[int]:
    look = select(TicketFollower.agent_id).where(TicketFollower.ticket_id == ticket_id)
    return set((await session.scalars(look)).all())
