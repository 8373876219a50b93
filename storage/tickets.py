"""Tickets and their append-only events."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, Text, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Status(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING_CUSTOMER = "waiting_customer"
    WAITING_THIRD_PARTY = "waiting_third_party"
    RESOLVED = "resolved"
    CLOSED = "closed"


OPEN_STATUSES = (Status.NEW, Status.OPEN, Status.WAITING_CUSTOMER, Status.WAITING_THIRD_PARTY)


class Priority(StrEnum):
    NORMAL = "normal"
    HIGH = "high"


class Ticket(Base):
    """A case. `facts` are the form's answers by field, `missing` the fields skipped; `next_word_at` is by when the
    customer hears something next, set whenever the ticket is open.

    `desk_channel` is where agents are told of it, None where there is no desk in Slack. `waiting_reason`: why and for
    whom it waits; `snoozed_until`: it comes back to the desk then; `cause`: what an agent settled it as;
    `follow_up_step` reminders were sent while it waits for the customer, the next step is due at `follow_up_at`;
    `last_word`: a digest of the last status text sent unasked, never sent twice in a row; `word_drafted_for`: the owner
    was given a draft for the word that was due then.
    `sla_at`: its SLA clocks are to be looked at then.
    `merged_into`: the ticket it goes on as. `tone`: a sign of frustration or urgency and the words it was seen in.
    `ladder_step` steps of the ladder were taken because nobody took it; the
    next one is due at `ladder_at`.
    """

    __tablename__ = "ticket"
    __table_args__ = (Index("ix_ticket_customer_status", "customer_id", "status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    category: Mapped[str]
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(default=Status.NEW)
    priority: Mapped[str] = mapped_column(default=Priority.NORMAL)
    language: Mapped[str]
    subject: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, str]] = mapped_column(JSON)
    missing: Mapped[list[str]] = mapped_column(JSON)
    confirmed: Mapped[bool] = mapped_column(Boolean, default=False)
    assignee: Mapped[str | None]
    tone: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    desk_channel: Mapped[str | None]
    waiting_reason: Mapped[str | None] = mapped_column(Text)
    snoozed_until: Mapped[datetime | None]
    cause: Mapped[str | None]
    merged_into: Mapped[int | None]  # no foreign key: SQLite would have to rebuild a table that others point at
    ladder_step: Mapped[int] = mapped_column(Integer, default=0)
    ladder_at: Mapped[datetime | None] = mapped_column(index=True)
    follow_up_step: Mapped[int] = mapped_column(Integer, default=0)
    follow_up_at: Mapped[datetime | None] = mapped_column(index=True)
    last_word: Mapped[str | None]
    word_drafted_for: Mapped[datetime | None]
    incident_id: Mapped[int | None]
    sla_at: Mapped[datetime | None] = mapped_column(index=True)
    opened_at: Mapped[datetime]
    next_word_at: Mapped[datetime | None] = mapped_column(index=True)
    resolved_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES


class TicketEvent(Base):
    """What happened to a ticket, never changed afterwards. `actor` is bot, customer, or `agent:<name>`."""

    __tablename__ = "ticket_event"
    __table_args__ = (Index("ix_ticket_event_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    actor: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class TicketCounter(Base):
    """The last number given out; its row lock keeps numbers unique and without gaps."""

    __tablename__ = "ticket_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


async def next_number(session: AsyncSession) -> int:
    counter = await session.get(TicketCounter, 1, with_for_update=True, populate_existing=True)
    if counter is None:
        raise LookupError("ticket_counter is empty: the database is not migrated")
    counter.last += 1
    await session.flush()
    return counter.last


async def tickets_of(session: AsyncSession, customer_id: int) -> list[Ticket]:
    """All of a customer's tickets, newest first."""
    look = select(Ticket).where(Ticket.customer_id == customer_id).order_by(Ticket.number.desc())
    return list((await session.scalars(look)).all())


async def ticket_numbered(session: AsyncSession, number: int) -> Ticket | None:
    return (await session.scalars(select(Ticket).where(Ticket.number == number))).one_or_none()


async def events_of(session: AsyncSession, ticket_id: int) -> list[TicketEvent]:
    look = select(TicketEvent).where(TicketEvent.ticket_id == ticket_id).order_by(TicketEvent.id)
    return list((await session.scalars(look)).all())


async def count_by_priority(session: AsyncSession, since: datetime, until: datetime) -> dict[str, int]:
    """Of the tickets opened in this time, by how urgent they are now."""
    look = (
        select(Ticket.priority, func.count())
        .where(Ticket.opened_at >= since, Ticket.opened_at < until)
        .group_by(Ticket.priority)
    )
    return dict((await session.execute(look)).all())


async def count_open(session: AsyncSession) -> int:
    look = select(func.count()).select_from(Ticket).where(Ticket.status.in_(OPEN_STATUSES))
    return (await session.scalars(look)).one()
