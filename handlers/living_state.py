"""Living data as plain values: what an edit found and what it left. Written to the tables, and read from them.

A `State` names what it speaks of by (subject, key); None: it is not there (any more). Removed rows stay in the tables,
so that bringing something back brings back the very same thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from storage import training
from storage.training import LivingAnswer, LivingThresholds, Source, TrainingExample, TrainingIntent


class Subject(StrEnum):
    """What has a version and a history of its own."""

    INTENT = "intent"
    ANSWER = "answer"
    THRESHOLDS = "thresholds"


Values = dict[str, dict[str, Any] | None]
Touched = tuple[Subject, str]


@dataclass(frozen=True)
class State:
    """By key: intents (`title`), examples by id (`intent`, `language`, `text`, `entities`), answers (their `body`),
    thresholds (`act`, `ask`)."""

    intents: Values = field(default_factory=dict)
    examples: Values = field(default_factory=dict)
    answers: Values = field(default_factory=dict)
    thresholds: Values = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {name: values for name, values in vars(self).items() if values}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> State:
        return cls(**(data or {}))

    @property
    def touched(self) -> set[Touched]:
        """What is changed by writing it, besides what its examples were part of before."""
        owners = {example["intent"] for example in self.examples.values() if example}
        return (
            {(Subject.INTENT, name) for name in self.intents.keys() | owners}
            | {(Subject.ANSWER, key) for key in self.answers}
            | {(Subject.THRESHOLDS, language) for language in self.thresholds}
        )


def of_example(example: TrainingExample | None) -> dict[str, Any] | None:
    if example is None or example.removed_at is not None:
        return None
    return {name: getattr(example, name) for name in ("intent", "language", "text", "entities")}


def of_intent(intent: TrainingIntent | None) -> dict[str, Any] | None:
    return None if intent is None or intent.removed_at is not None else {"title": intent.title}


def of_answer(answer: LivingAnswer | None) -> dict[str, Any] | None:
    return None if answer is None else answer.body


def of_thresholds(bands: LivingThresholds | None) -> dict[str, Any] | None:
    return None if bands is None else {"act": bands.act, "ask": bands.ask}


async def lock(session: AsyncSession, touched: Iterable[Touched]) -> dict[Touched, int]:
    """The versions of these, 0 for what was never there; nobody else changes them until this transaction ends."""
    names: dict[Subject, list[str]] = {subject: [] for subject in Subject}
    for subject, key in touched:
        names[subject].append(key)
    found: dict[Touched, int] = {}
    if keys := names[Subject.INTENT]:
        rows = await training.lock_intents(session, keys)
        found |= {(Subject.INTENT, key): row.version for key, row in rows.items()}
    if keys := names[Subject.ANSWER]:
        answers = await training.lock_answers(session, keys)
        found |= {(Subject.ANSWER, key): answer.version for key, answer in answers.items()}
    if keys := names[Subject.THRESHOLDS]:
        bands = await training.lock_thresholds(session, keys)
        found |= {(Subject.THRESHOLDS, key): row.version for key, row in bands.items()}
    for subject, keys in names.items():
        for key in keys:
            if (subject, key) not in found:
                found[subject, key] = await training.last_version(session, subject, key)
    return found


async def current(session: AsyncSession, like: State) -> State:
    """How what `like` speaks of stands now."""
    intents = await training.lock_intents(session, like.intents) if like.intents else {}
    examples = await training.examples_by_id(session, map(int, like.examples))
    answers = await training.lock_answers(session, like.answers) if like.answers else {}
    bands = await training.lock_thresholds(session, like.thresholds) if like.thresholds else {}
    return State(
        {name: of_intent(intents.get(name)) for name in like.intents},
        {key: of_example(examples.get(int(key))) for key in like.examples},
        {key: of_answer(answers.get(key)) for key in like.answers},
        {key: of_thresholds(bands.get(key)) for key in like.thresholds},
    )


async def write(
    session: AsyncSession, state: State, versions: Mapping[Touched, int], by: str, now: datetime
) -> None:  # fmt: skip
    """Makes it so; `versions`: what those touched have from now on."""
    await _write_intents(session, state, versions, by, now)
    await _write_examples(session, state, by, now)
    await _write_answers(session, state, versions, by, now)
    rows = await training.lock_thresholds(session, state.thresholds) if state.thresholds else {}
    for language, value in state.thresholds.items():
        bands = rows.get(language)
        if value is None:
            if bands is not None:
                await session.delete(bands)
            continue
        if bands is None:
            bands = LivingThresholds(language=language)
            session.add(bands)
        bands.act, bands.ask = value["act"], value["ask"]
        bands.version = versions[Subject.THRESHOLDS, language]
        bands.updated_at, bands.updated_by = now, by
    await session.flush()


async def _write_intents(
    session: AsyncSession, state: State, versions: Mapping[Touched, int], by: str, now: datetime
) -> None:
    names = [key for subject, key in versions if subject == Subject.INTENT]
    rows = await training.lock_intents(session, names) if names else {}
    for name in names:
        intent = rows.get(name)
        if intent is None:
            intent = TrainingIntent(name=name, removed_at=None, title=None)
            session.add(intent)
        if name in state.intents:
            value = state.intents[name]
            intent.removed_at = None if value else now
            intent.title = value["title"] if value else intent.title
        intent.version = versions[Subject.INTENT, name]
        intent.updated_at, intent.updated_by = now, by
    await session.flush()


async def _write_examples(session: AsyncSession, state: State, by: str, now: datetime) -> None:
    rows = await training.examples_by_id(session, map(int, state.examples))
    for key, value in state.examples.items():
        example = rows[int(key)]
        if value is None:
            example.removed_at, example.removed_by = now, by
            continue
        example.removed_at = example.removed_by = None
        example.intent, example.language = value["intent"], value["language"]
        example.text, example.entities = value["text"], value["entities"]


async def _write_answers(
    session: AsyncSession, state: State, versions: Mapping[Touched, int], by: str, now: datetime
) -> None:
    rows = await training.lock_answers(session, state.answers) if state.answers else {}
    for key, body in state.answers.items():
        answer = rows.get(key)
        if body is None:
            if answer is not None:
                await session.delete(answer)
            continue
        if answer is None:
            answer = LivingAnswer(key=key)
            session.add(answer)
        answer.body, answer.expires_on = body, body.get("expires_on")
        answer.version = versions[Subject.ANSWER, key]
        answer.updated_at, answer.updated_by = now, by


async def new_examples(
    session: AsyncSession, values: Iterable[Mapping[str, Any]], source: Source, by: str, now: datetime
) -> list[int]:
    """Rows for them, not in use before `write`; their ids. `values` may name the `review_item_id` each comes from."""
    rows = [
        TrainingExample(source=source, added_by=by, added_at=now, removed_at=now, removed_by=None, **value)
        for value in values
    ]
    await training.ensure_intents(session, {row.intent for row in rows}, by, now)
    session.add_all(rows)
    await session.flush()
    return [row.id for row in rows]
