"""The living training data and answers: what admins edit, each change on record."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base


class Source(StrEnum):
    """Where an example came from: shipped content, typed in the console, a real message, a file that was imported."""

    SEED = "seed"
    CONSOLE = "console"
    REVIEW = "review"
    IMPORT = "import"


class TrainingIntent(Base):
    """`version` counts changes of the intent and its examples: whoever edits says which one they saw."""

    __tablename__ = "training_intent"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, default=1)
    removed_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class TrainingExample(Base):
    """`text` is plain, without markup; `entities` are `{"start", "end", "name", "value"?}` in it. One that was removed
    stays, for history and undo."""

    __tablename__ = "training_example"
    __table_args__ = (Index("ix_training_example_intent", "intent", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    intent: Mapped[str] = mapped_column(ForeignKey("training_intent.name"))
    language: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    entities: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    source: Mapped[str] = mapped_column(default=Source.CONSOLE)
    review_item_id: Mapped[int | None]
    added_by: Mapped[str]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]


class LivingAnswer(Base):
    """An answer as an admin edits it; `body` is a `handlers.content.Answer`. `expires_on`: not to be given after."""

    __tablename__ = "living_answer"

    key: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer, default=1)
    expires_on: Mapped[str | None]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class LivingThresholds(Base):
    """From which confidence the bot acts, and asks, in a language."""

    __tablename__ = "living_thresholds"

    language: Mapped[str] = mapped_column(primary_key=True)
    act: Mapped[float] = mapped_column(Float)
    ask: Mapped[float] = mapped_column(Float)
    version: Mapped[int] = mapped_column(Integer, default=1)
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class Change(Base):
    """One edit, never changed afterwards. `before` and `after` are what is needed to show and to undo it; `undoes`: the
    change that this one takes back."""

    __tablename__ = "content_change"
    __table_args__ = (Index("ix_content_change_subject", "subject", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    kind: Mapped[str]
    subject: Mapped[str]
    key: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    undoes: Mapped[int | None]
