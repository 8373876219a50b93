"""Incidents: something is wrong for many customers at once, and who was told of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    Select,
    String,
    Text,
    UniqueConstraint,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, insert_into
from storage.outbox import Delivery, OutboxMessage, OutKind
from storage.tickets import OPEN_STATUSES, Ticket

AT_ONCE = 500


class IncidentStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Incident(Base):
    """Texts by language: `title`, `workaround` and `cause` are `{"pl", "en"}`. `scope`: the intents concerned and
    words (an order's product, a town) that have to occur; `version` counts what customers were told, so that everybody
    is told each once. `next_update_at`: what was promised. `loud_version`: the last one that is not only an edit;
    `lapses`: so many promised updates in a row did not come; `reminded_at`: the declarer was reminded of the next one.
    `channel`, `ts`: its card in Slack; `progress`: of the fan-out, as the card shows it."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_status", "status", "next_update_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(default=IncidentStatus.OPEN)
    title: Mapped[dict[str, str]] = mapped_column(JSON)
    workaround: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    cause: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    scope: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer, default=1)
    next_update_at: Mapped[datetime | None]
    declared_by: Mapped[str]
    declared_at: Mapped[datetime]
    closed_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    loud_version: Mapped[int] = mapped_column(Integer, default=0)
    lapses: Mapped[int] = mapped_column(Integer, default=0)
    reminded_at: Mapped[datetime | None]
    progress: Mapped[str | None]
    channel: Mapped[str | None]
    ts: Mapped[str | None]


class IncidentEvent(Base):
    """What happened to an incident, never changed afterwards."""

    __tablename__ = "incident_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    actor: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Subscriber(Base):
    """A chat that is told of an incident. `message_id`: what it was first told, edited by later versions; `shown`: the
    incident's words in it, which may be a part of an answer; `told`: the version it has been told; `left_at`: they want
    no more of it."""

    __tablename__ = "incident_subscriber"
    __table_args__ = (
        UniqueConstraint("incident_id", "conversation_id", name="uq_incident_subscriber"),
        Index("ix_incident_subscriber_told", "incident_id", "told"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    shown: Mapped[str | None] = mapped_column(Text)
    told: Mapped[int] = mapped_column(Integer, default=0)
    left_at: Mapped[datetime | None]
    subscribed_at: Mapped[datetime]


class SpikeAlert(Base):
    """An intent was asked for far more often than usual; the desk was told once."""

    __tablename__ = "spike_alert"
    __table_args__ = (UniqueConstraint("intent", "hour", name="uq_spike_alert"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    intent: Mapped[str]
    hour: Mapped[datetime]
    count: Mapped[int] = mapped_column(Integer)
    usual: Mapped[float]
    channel: Mapped[str | None]
    ts: Mapped[str | None]


async def incident(session: AsyncSession, incident_id: int) -> Incident | None:
    return await session.get(Incident, incident_id)


async def locked(session: AsyncSession, incident_id: int) -> Incident | None:
    """As it is now, kept from changing until the transaction ends."""
    return await session.get(Incident, incident_id, with_for_update=True, populate_existing=True)


async def open_incidents(session: AsyncSession) -> list[Incident]:
    """Newest first."""
    look = select(Incident).where(Incident.status == IncidentStatus.OPEN).order_by(Incident.id.desc())
    return list((await session.scalars(look)).all())


async def open_for(session: AsyncSession, conversation_id: int) -> list[Incident]:
    """The open incidents that this chat was told of, or is to be: its surveys wait."""
    look = (
        select(Incident)
        .join(Subscriber, Subscriber.incident_id == Incident.id)
        .where(Incident.status == IncidentStatus.OPEN, Subscriber.conversation_id == conversation_id)
        .order_by(Incident.id)
    )
    return list((await session.scalars(look)).all())


async def events_of(session: AsyncSession, incident_id: int) -> list[IncidentEvent]:
    look = select(IncidentEvent).where(IncidentEvent.incident_id == incident_id).order_by(IncidentEvent.id)
    return list((await session.scalars(look)).all())


# Who is concerned


@dataclass(frozen=True)
class Concerned:
    """An open ticket that no incident has yet, and the words by which it may be found."""

    ticket_id: int
    conversation_id: int
    category: str
    words: str


async def unexplained(session: AsyncSession, categories: Collection[str], since: datetime | None) -> list[Concerned]:
    """Open tickets of these categories without an incident, opened after `since`."""
    look = select(
        Ticket.id, Ticket.conversation_id, Ticket.category, Ticket.subject, Ticket.summary, Ticket.facts
    ).where(
        Ticket.status.in_(OPEN_STATUSES),
        Ticket.incident_id.is_(None),
        Ticket.merged_into.is_(None),
        Ticket.category.in_(tuple(categories)),
    )
    if since is not None:
        look = look.where(Ticket.opened_at >= since)
    rows = (await session.execute(look.order_by(Ticket.id))).all()
    return [Concerned(row[0], row[1], row[2], " ".join((row[3], row[4], *row[5].values()))) for row in rows]


async def subscribe_all(session: AsyncSession, incident_id: int, concerned: Sequence[Concerned], now: datetime) -> None:
    """Their tickets belong to the incident, and each of their chats is to be told of it, once."""
    for at in range(0, len(concerned), AT_ONCE):
        some = concerned[at : at + AT_ONCE]
        chats = {one.conversation_id: one.ticket_id for one in some}
        rows = [
            {"incident_id": incident_id, "conversation_id": chat, "ticket_id": ticket, "told": 0, "subscribed_at": now}
            for chat, ticket in chats.items()
        ]
        await session.execute(insert_into(session, Subscriber).values(rows).on_conflict_do_nothing())
        await session.execute(
            update(Ticket)
            .where(Ticket.id.in_([one.ticket_id for one in some]))
            .values(incident_id=incident_id)
            .execution_options(synchronize_session=False)
        )


async def subscribed(session: AsyncSession, incident_id: int, conversation_id: int, now: datetime) -> Subscriber:
    """The chat's row, made where there is none, kept from changing."""
    values = {"incident_id": incident_id, "conversation_id": conversation_id, "told": 0, "subscribed_at": now}
    await session.execute(insert_into(session, Subscriber).values(values).on_conflict_do_nothing())
    return (await session.scalars(_row_of(incident_id, conversation_id))).one()


async def subscriber(session: AsyncSession, incident_id: int, conversation_id: int) -> Subscriber | None:
    return (await session.scalars(_row_of(incident_id, conversation_id))).one_or_none()


def _row_of(incident_id: int, conversation_id: int) -> Select[Subscriber]:
    return (
        select(Subscriber)
        .where(Subscriber.incident_id == incident_id, Subscriber.conversation_id == conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


# Telling them


async def to_be_told(session: AsyncSession, limit: int) -> list[int]:
    """Incidents of whose newest version somebody has still to hear, oldest first."""
    look = (
        select(Incident.id)
        .join(Subscriber, Subscriber.incident_id == Incident.id)
        .where(Subscriber.told < Incident.version, Subscriber.left_at.is_(None))
        .distinct()
        .order_by(Incident.id)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def chats_behind(session: AsyncSession, one: Incident, limit: int, *, only_silently: bool) -> list[int]:
    """Chats that have not been told the newest version. `only_silently`: those whose message is just to be edited."""
    look = select(Subscriber.conversation_id).where(*_behind(one)).order_by(Subscriber.id).limit(limit)
    if only_silently:
        look = look.where(Subscriber.message_id.is_not(None), Subscriber.told >= one.loud_version)
    return list((await session.scalars(look)).all())


async def locked_behind(session: AsyncSession, one: Incident, conversation_ids: Iterable[int]) -> list[Subscriber]:
    """Of these chats, whose conversations are locked, those that still have not been told."""
    look = (
        select(Subscriber)
        .where(*_behind(one), Subscriber.conversation_id.in_(tuple(conversation_ids)))
        .order_by(Subscriber.conversation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(look)).all())


def _behind(one: Incident) -> tuple[ColumnElement[bool], ...]:
    return Subscriber.incident_id == one.id, Subscriber.told < one.version, Subscriber.left_at.is_(None)


@dataclass(frozen=True)
class Progress:
    """Of the newest version: how many are to hear of it, how many of those had it put in line, have it, or cannot be
    reached."""

    all: int = 0
    told: int = 0
    sent: int = 0
    failed: int = 0

    def __str__(self) -> str:
        return f"{self.all}/{self.told}/{self.sent}/{self.failed}"


_UNSENT = (Delivery.WAITING, Delivery.SENDING)
_FAILED = (Delivery.DEAD, Delivery.BLOCKED, Delivery.UNKNOWN, Delivery.WITHHELD, Delivery.WITHDRAWN)


async def progress(session: AsyncSession, one: Incident) -> Progress:
    is_told = Subscriber.told >= one.version
    key = literal(f"incident:{one.id}:{one.version}:") + cast(Subscriber.conversation_id, String)
    counts = or_(OutboxMessage.kind == OutKind.SAY, OutboxMessage.dedupe == key)
    fate = (
        select(
            case((is_told, 1), else_=0).label("told"),
            func.max(case((OutboxMessage.status.in_(_UNSENT), 1), else_=0)).label("unsent"),
            func.max(case(((OutboxMessage.status.in_(_FAILED)) & counts, 1), else_=0)).label("failed"),
            func.count(OutboxMessage.seq).label("rows"),
        )
        .join(OutboxMessage, OutboxMessage.message_id == Subscriber.message_id, isouter=True)
        .where(
            Subscriber.incident_id == one.id,
            Subscriber.left_at.is_(None),
            or_(OutboxMessage.seq.is_(None), OutboxMessage.resent_as.is_(None)),
        )
        .group_by(Subscriber.id, Subscriber.told)
        .subquery()
    )
    told = fate.c.told == 1
    failed = told & (fate.c.unsent == 0) & ((fate.c.failed == 1) | (fate.c.rows == 0))
    sent = told & (fate.c.unsent == 0) & (fate.c.failed == 0) & (fate.c.rows > 0)
    row = (
        await session.execute(
            select(func.count(), *(func.sum(case((one, 1), else_=0)) for one in (told, sent, failed))).select_from(fate)
        )
    ).one()
    return Progress(row[0], *(int(number or 0) for number in row[1:]))


# What is due


async def awaiting_update(session: AsyncSession, before: datetime, limit: int) -> list[int]:
    """Open incidents whose next update is promised for before then."""
    look = (
        select(Incident.id)
        .where(Incident.status == IncidentStatus.OPEN, Incident.next_update_at <= before)
        .order_by(Incident.next_update_at)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def recently_moving(session: AsyncSession, since: datetime, limit: int) -> list[int]:
    """Incidents that are open or were closed after `since`."""
    look = (
        select(Incident.id)
        .where(or_(Incident.status == IncidentStatus.OPEN, Incident.closed_at >= since))
        .order_by(Incident.id)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


# Spikes


async def alerted_since(session: AsyncSession, since: datetime) -> set[str]:
    """Intents of which the desk was told after `since`."""
    return set((await session.scalars(select(SpikeAlert.intent).where(SpikeAlert.hour >= since))).all())


async def add_alert(session: AsyncSession, intent: str, hour: datetime, count: int, usual: float) -> int | None:
    """The alert's id; None where there is one for that hour already."""
    values = {"intent": intent, "hour": hour, "count": count, "usual": usual}
    added = insert_into(session, SpikeAlert).values(values).on_conflict_do_nothing().returning(SpikeAlert.id)
    found: int | None = (await session.execute(added)).scalar_one_or_none()
    return found
