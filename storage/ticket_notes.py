"""Internal notes: for agents only, kept apart from messages so that none can be taken for one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class TicketNote(Base):
    """`channel` and `ts`: where in Slack it was written, None for one written in a form. `versions` as a message's;
    deleted by its author, it keeps no text."""

    __tablename__ = "ticket_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    agent: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    attachments: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    channel: Mapped[str | None]
    ts: Mapped[str | None]
    versions: Mapped[list[dict[str, str]] | None] = mapped_column(JSON(none_as_null=True))
    deleted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


async def notes_of(session: AsyncSession, ticket_id: int) -> list[TicketNote]:
    look = select(TicketNote).where(TicketNote.ticket_id == ticket_id).order_by(TicketNote.id)
    return list((await session.scalars(look)).all())


async def note_at(session: AsyncSession, channel: str, ts: str) -> TicketNote | None:
    look = select(TicketNote).where(TicketNote.channel == channel, TicketNote.ts == ts)
    return (await session.scalars(look)).one_or_none()
