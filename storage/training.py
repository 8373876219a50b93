"""The living training data and answers: what admins edit, each change on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, Integer, Text, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.database import Base, insert_into, is_postgres

SEED_LOCK = 7_303  # advisory lock: two processes started at once fill the empty tables once
MOST_IN_ONE_QUERY = 500


class Source(StrEnum):
    """Where an example came from: shipped content, typed in the console, a real message, a file that was imported."""

    SEED = "seed"
    CONSOLE = "console"
    REVIEW = "review"
    IMPORT = "import"


class TrainingIntent(Base):
    """`version` counts changes of the intent and its examples: whoever edits says which one they saw. `title`: what
    customers see it called, by language, for one that the shipped topics do not have."""

    __tablename__ = "training_intent"

    name: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
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
    """One edit, never changed afterwards. `before` and `after` are a `handlers.living_state.State` each: what it found
    and what it left, of all that it touched. `version`: of `key`, after it. `undoes`: the change that this one takes
    back. An edit that touched more than one thing has a row for each of the others: `part_of` it, without a state."""

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
    part_of: Mapped[int | None]
    version: Mapped[int] = mapped_column(Integer, default=0)


async def intents(session: AsyncSession) -> list[TrainingIntent]:
    """All that are in use, by name."""
    look = select(TrainingIntent).where(TrainingIntent.removed_at.is_(None)).order_by(TrainingIntent.name)
    return list((await session.scalars(look)).all())


async def ensure_intents(session: AsyncSession, names: Iterable[str], by: str, now: datetime) -> None:
    """A row for each, not in use where there was none."""
    for name in sorted(names):
        row = {"name": name, "version": 0, "removed_at": now, "updated_at": now, "updated_by": by}
        await session.execute(insert_into(session, TrainingIntent).values(**row).on_conflict_do_nothing())


async def lock_intents(session: AsyncSession, names: Collection[str]) -> dict[str, TrainingIntent]:
    """Those there are, removed ones too; nobody else changes them until this transaction ends."""
    look = (
        select(TrainingIntent)
        .where(TrainingIntent.name.in_(names))
        .order_by(TrainingIntent.name)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {intent.name: intent for intent in (await session.scalars(look)).all()}


async def examples(
    session: AsyncSession, intent: str | None = None, language: str | None = None
) -> list[TrainingExample]:
    """Those in use, in the order in which they came."""
    look = select(TrainingExample).where(TrainingExample.removed_at.is_(None)).order_by(TrainingExample.id)
    if intent is not None:
        look = look.where(TrainingExample.intent == intent)
    if language is not None:
        look = look.where(TrainingExample.language == language)
    return list((await session.scalars(look)).all())


@dataclass(frozen=True, slots=True)
class ExampleText:
    """What an example says, without the rest: thousands of them are looked through as one types."""

    id: int
    intent: str
    language: str
    text: str


async def example_texts(session: AsyncSession) -> list[ExampleText]:
    """Of those in use, in the order in which they came."""
    columns = (TrainingExample.id, TrainingExample.intent, TrainingExample.language, TrainingExample.text)
    look = select(*columns).where(TrainingExample.removed_at.is_(None)).order_by(TrainingExample.id)
    return [ExampleText(*row) for row in (await session.execute(look)).all()]


async def examples_by_id(session: AsyncSession, ids: Iterable[int]) -> dict[int, TrainingExample]:
    """Those there are, removed ones too."""
    wanted, found = sorted(set(ids)), {}
    for at in range(0, len(wanted), MOST_IN_ONE_QUERY):
        look = select(TrainingExample).where(TrainingExample.id.in_(wanted[at : at + MOST_IN_ONE_QUERY]))
        rows = await session.scalars(look.execution_options(populate_existing=True))
        found.update({row.id: row for row in rows})
    return found


async def count_examples(session: AsyncSession) -> Counter[tuple[str, str]]:
    """How many are in use, by intent and language."""
    look = (
        select(TrainingExample.intent, TrainingExample.language, func.count())
        .where(TrainingExample.removed_at.is_(None))
        .group_by(TrainingExample.intent, TrainingExample.language)
    )
    return Counter({(intent, language): count for intent, language, count in (await session.execute(look)).all()})


async def insert_many(session: AsyncSession, table: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """In bulk: for the seed."""
    if rows:
        await session.execute(insert(table), rows)


async def answers(session: AsyncSession) -> list[LivingAnswer]:
    return list((await session.scalars(select(LivingAnswer).order_by(LivingAnswer.key))).all())


async def lock_answers(session: AsyncSession, keys: Collection[str]) -> dict[str, LivingAnswer]:
    look = (
        select(LivingAnswer)
        .where(LivingAnswer.key.in_(keys))
        .order_by(LivingAnswer.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {answer.key: answer for answer in (await session.scalars(look)).all()}


async def thresholds(session: AsyncSession) -> list[LivingThresholds]:
    return list((await session.scalars(select(LivingThresholds).order_by(LivingThresholds.language))).all())


async def lock_thresholds(session: AsyncSession, languages: Collection[str]) -> dict[str, LivingThresholds]:
    look = (
        select(LivingThresholds)
        .where(LivingThresholds.language.in_(languages))
        .order_by(LivingThresholds.language)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {bands.language: bands for bands in (await session.scalars(look)).all()}


async def newest_change(session: AsyncSession) -> int:
    """Grows with every edit; 0: nothing was ever seeded."""
    return await session.scalar(select(func.max(Change.id))) or 0


async def history(
    session: AsyncSession, subject: str | None = None, key: str | None = None, *, before: int | None = None,
    limit: int = 100,
) -> list[Change]:  # fmt: skip
    """Rows newest first, those that are part of an edit of something else too where a `key` is asked for."""
    look = select(Change).order_by(Change.id.desc()).limit(limit)
    look = look.where(Change.part_of.is_(None)) if key is None else look.where(Change.key == key)
    if subject is not None:
        look = look.where(Change.subject == subject)
    if before is not None:
        look = look.where(Change.id < before)
    return list((await session.scalars(look)).all())


async def changes_since(session: AsyncSession, subject: str, key: str, version: int) -> list[Change]:
    """What happened to `key` after it had this version, oldest first."""
    look = (
        select(Change).where(Change.subject == subject, Change.key == key, Change.version > version).order_by(Change.id)
    )
    return list((await session.scalars(look)).all())


async def changes_after(session: AsyncSession, change_id: int) -> list[Change]:
    """Whole edits after this one, oldest first."""
    look = select(Change).where(Change.id > change_id, Change.part_of.is_(None)).order_by(Change.id)
    return list((await session.scalars(look)).all())


async def last_version(session: AsyncSession, subject: str, key: str) -> int:
    """The version that `key` had last, whether it is still there or not; 0: it never was."""
    look = select(func.max(Change.version)).where(Change.subject == subject, Change.key == key)
    return await session.scalar(look) or 0


async def last_of_kind(session: AsyncSession, kinds: Collection[str]) -> Change | None:
    look = select(Change).where(Change.kind.in_(kinds)).order_by(Change.id.desc()).limit(1)
    return await session.scalar(look)


async def edited_since(session: AsyncSession, change_id: int) -> set[tuple[str, str]]:
    """(subject, key) of all that was changed after this edit."""
    after = Change.id > change_id, Change.part_of.is_distinct_from(change_id)
    look = select(Change.subject, Change.key).where(*after).distinct()
    return {(subject, key) for subject, key in (await session.execute(look)).all()}


async def lock_seeding(session: AsyncSession) -> None:
    """Only one process at a time gets past this; on SQLite there is one writer anyway."""
    if is_postgres(session):
        await session.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": SEED_LOCK})
