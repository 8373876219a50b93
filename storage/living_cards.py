"""The message in a customer's chat that always shows how their ticket stands, edited in place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class LivingCard(Base):
    """One per ticket and chat. `shown` is a digest of what it says: the same is not sent again."""

    __tablename__ = "living_card"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    shown: Mapped[str]
    drawn_at: Mapped[datetime]
