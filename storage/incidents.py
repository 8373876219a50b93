"""Incidents: something is wrong for many customers at once, and who was told of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class IncidentStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Incident(Base):
    """Texts by language: `title`, `workaround` and `cause` are `{"pl", "en"}`. `scope`: the intents concerned and
    words (an order's product, a town) that have to occur; `version` counts what customers were told, so that everybody
    is told each once. `next_update_at`: what was promised. `channel`, `ts`: its own thread in Slack."""

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
    """A chat that is told of an incident. `message_id`: what it was first told, edited by later versions; `told`: the
    version it has been told; `left_at`: they want no more of it."""

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
