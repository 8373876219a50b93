"""Surveys: what was asked after a case, and what came back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, Text, UniqueConstraint, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class SurveyStatus(StrEnum):
    """`NOT_SENT`: with the reason in `why`. `EXPIRED`: no answer within the window."""

    PLANNED = "planned"
    SENT = "sent"
    ANSWERED = "answered"
    EXPIRED = "expired"
    NOT_SENT = "not_sent"


class Survey(Base):
    """One survey about one closing of a ticket (`closing` counts them), or about a conversation the bot settled alone
    (`ticket_id` None, `closing` the message's id that settled it). `token` marks its buttons: a forged or old press
    fits none. `score` is the last answer within the window; `rerates`: the survey whose low score was put right."""

    __tablename__ = "survey"
    __table_args__ = (
        UniqueConstraint("kind", "conversation_id", "ticket_id", "closing", name="uq_survey"),
        Index("ix_survey_due", "status", "due_at"),
        Index("ix_survey_customer", "customer_id", "kind", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)
    closing: Mapped[int]
    token: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default=SurveyStatus.PLANNED)
    why: Mapped[str | None]
    due_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    score: Mapped[int | None] = mapped_column(Integer)
    comment: Mapped[str | None] = mapped_column(Text)
    rerates: Mapped[int | None]
    recovery_ticket_id: Mapped[int | None]
    created_at: Mapped[datetime]


async def give_to(session: AsyncSession, customer_id: int, conversation_ids: Iterable[int]) -> None:
    """What was asked in these chats is this customer's: two of them became one, or one became two."""
    await session.execute(
        update(Survey)
        .where(Survey.conversation_id.in_(tuple(conversation_ids)))
        .values(customer_id=customer_id)
        .execution_options(synchronize_session=False)
    )
