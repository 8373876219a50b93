"""Targets of a ticket: by when we have to answer, answer again, and settle it; as they follow from its events."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, UniqueConstraint, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import flag_modified

from storage.customers import Customer
from storage.database import Base
from storage.tickets import Ticket


class Target(StrEnum):
    """`LIVE_WAIT`: an answer to a customer who waits in a live chat with people."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"
    LIVE_WAIT = "live_wait"


class SlaClock(Base):
    """One target of a ticket, as computed from its events and the rules that held while it ran.

    `event_id`: what set it going. `tier` and `category`: whose limit it has, by the policy of that name; `rules`: a
    digest of all policies and our hours. `due_at` is None while the clock is paused (since `paused_at`) with time left.
    `met_at`: what was asked for happened; `ended_at`: that, or it is not asked for any more. `warned_at` and
    `breached_at`: the desk was told.
    """

    __tablename__ = "sla_clock"
    __table_args__ = (
        UniqueConstraint("event_id", "target", name="uq_sla_clock"),
        Index("ix_sla_clock_running", "ended_at", "rules"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    target: Mapped[str]
    tier: Mapped[str]
    category: Mapped[str]
    policy: Mapped[str]
    rules: Mapped[str]
    minutes: Mapped[int] = mapped_column(Integer)
    event_id: Mapped[int] = mapped_column(ForeignKey("ticket_event.id"))
    started_at: Mapped[datetime] = mapped_column(index=True)
    warn_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    warned_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


def look_again(ticket: Ticket, now: datetime) -> None:
    """Something happened to the ticket that its clocks may follow from.

    Written even where the time is the same: until this transaction ends nobody then computes them without it.
    """
    ticket.sla_at = now
    flag_modified(ticket, "sla_at")


async def due(session: AsyncSession, now: datetime, limit: int) -> list[int]:
    """Tickets whose clocks are to be looked at, the longest due first."""
    look = select(Ticket.id).where(Ticket.sla_at <= now).order_by(Ticket.sla_at, Ticket.id).limit(limit)
    return list((await session.scalars(look)).all())


async def take(session: AsyncSession, ticket_id: int, now: datetime) -> Ticket | None:
    """The ticket, kept from changing, where its clocks are (still) to be looked at."""
    look = (
        select(Ticket)
        .where(Ticket.id == ticket_id, Ticket.sla_at <= now)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(look)).one_or_none()


async def rules_changed(session: AsyncSession, rules: str, now: datetime) -> int:
    """Tickets with a clock that runs by other rules are to be looked at; how many that are."""
    others = select(SlaClock.ticket_id).where(SlaClock.ended_at.is_(None), SlaClock.rules != rules)
    marked = await session.execute(
        update(Ticket)
        .where(Ticket.id.in_(others), (Ticket.sla_at > now) | Ticket.sla_at.is_(None))
        .values(sla_at=now)
        .returning(Ticket.id)
        .execution_options(synchronize_session=False)
    )
    return len(marked.all())


async def clocks_of(session: AsyncSession, ticket_id: int) -> list[SlaClock]:
    """All that ever ran, in the order they were started."""
    look = select(SlaClock).where(SlaClock.ticket_id == ticket_id).order_by(SlaClock.event_id, SlaClock.target)
    return list((await session.scalars(look)).all())


async def started_between(session: AsyncSession, since: datetime, until: datetime) -> list[SlaClock]:
    look = (
        select(SlaClock)
        .where(SlaClock.started_at >= since, SlaClock.started_at < until)
        .order_by(SlaClock.ticket_id, SlaClock.event_id, SlaClock.target)
    )
    return list((await session.scalars(look)).all())


async def tickets_opened(session: AsyncSession, since: datetime, until: datetime) -> list[tuple[int, str]]:
    """Their ids, and their customers' tiers."""
    look = (
        select(Ticket.id, Customer.tier)
        .join(Customer, Customer.id == Ticket.customer_id)
        .where(Ticket.opened_at >= since, Ticket.opened_at < until)
        .order_by(Ticket.id)
    )
    return [(ticket_id, tier) for ticket_id, tier in (await session.execute(look)).all()]
