"""Real messages to learn from, masked before they are written here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Float, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Why(StrEnum):
    """Why somebody should look: the model was unsure, a person corrected it, a person had to take over right after,
    or an answer is proposed or said to be out of date."""

    UNSURE = "unsure"
    CORRECTED = "corrected"
    FOLLOWED_BY_HUMAN = "followed_by_human"
    WRONG_TOPIC = "wrong_topic"
    PROPOSED_ANSWER = "proposed_answer"
    OUTDATED_ANSWER = "outdated_answer"


class ReviewStatus(StrEnum):
    """`ACCEPTED`: it is in the training data, `LIVE`: in the model that answers."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    LIVE = "live"


class ReviewItem(Base):
    """`suggested`: the intent a person chose in Slack; `like`: a key that near-duplicates share. `contributor` is the
    Slack user who is told when it is live."""

    __tablename__ = "review_item"
    __table_args__ = (
        Index("ix_review_item_status", "status", "created_at"),
        Index("ix_review_item_like", "status", "like"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    why: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None]
    intent: Mapped[str | None]
    confidence: Mapped[float | None] = mapped_column(Float)
    model: Mapped[str | None]
    suggested: Mapped[str | None]
    answer: Mapped[str | None]
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), unique=True)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    contributor: Mapped[str | None]
    like: Mapped[str]
    status: Mapped[str] = mapped_column(default=ReviewStatus.OPEN)
    label: Mapped[str | None]
    labelled_by: Mapped[str | None]
    labelled_at: Mapped[datetime | None]
    release_id: Mapped[int | None]
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime]
