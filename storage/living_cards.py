"""The message in a customer's chat that always shows how their ticket stands, edited in place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base
from storage.tickets import Ticket


class LivingCard(Base):
    """One per ticket and chat. `lead` is what else the message said when it was sent, which stays. `shown` is a digest
    of what it says: the same is not sent again. `is_stale`: something has happened to the ticket since it was drawn."""

    __tablename__ = "living_card"
    __table_args__ = (Index("ix_living_card_stale", "is_stale", "drawn_at"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    lead: Mapped[str] = mapped_column(Text)
    shown: Mapped[str]
    is_stale: Mapped[bool]
    drawn_at: Mapped[datetime]


async def mark_stale(session: AsyncSession, ticket_id: int) -> None:
    """Something happened to the ticket: its cards, and those of tickets merged into it, are to be looked at."""
    merged = select(Ticket.id).where(Ticket.merged_into == ticket_id)
    await session.execute(
        update(LivingCard)
        .where(or_(LivingCard.ticket_id == ticket_id, LivingCard.ticket_id.in_(merged)), LivingCard.is_stale.is_(False))
        .values(is_stale=True)
        .execution_options(synchronize_session=False)
    )


async def due(session: AsyncSession, drawn_before: datetime, limit: int) -> list[int]:
    """Cards to be looked at that were last drawn before then, by their messages."""
    look = (
        select(LivingCard.message_id)
        .where(LivingCard.is_stale, LivingCard.drawn_at <= drawn_before)
        .order_by(LivingCard.drawn_at)
        .limit(limit)
    )
    return list((await session.scalars(look)).all())


async def shown_as(session: AsyncSession, message_id: int) -> LivingCard | None:
    look = select(LivingCard).where(LivingCard.message_id == message_id)
    return (await session.scalars(look)).one_or_none()


async def locked(session: AsyncSession, card: LivingCard) -> LivingCard:
    """As it is now, kept from changing."""
    await session.refresh(card, with_for_update=True)
    return card


async def card_of(session: AsyncSession, ticket_id: int, conversation_id: int) -> LivingCard | None:
    return await session.get(LivingCard, (ticket_id, conversation_id))
