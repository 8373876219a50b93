"""What an imported folder would change, shown first; then written, as one edit. Nothing is overwritten silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import living_state
from handlers.content import Content, Localised
from handlers.content_diff import DiffLine, diff
from handlers.content_folder import Snapshot, read_folder, read_manifest
from handlers.content_history import Editor, commit
from handlers.content_transfer import SEEDED, snapshot
from handlers.errors import SupportError
from handlers.intents import FAQ, INTENTS
from handlers.living_answers import checked
from handlers.living_state import State, Subject, Values
from handlers.training import value_of
from storage import training
from storage.training import Change, Source

IMPORTED = "imported"
SUBJECTS = {"intents": Subject.INTENT, "answers": Subject.ANSWER, "thresholds": Subject.THRESHOLDS}


class PlanOutdated(SupportError):
    """Living data were edited between the look and the import: look again."""


class Conflicts(StrEnum):
    """What becomes of what was edited in the database and is different in the folder: `OURS`, the database's, stays."""

    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True)
class Step:
    """One intent, answer or language that differs. `conflict`: it was edited in the database since the export (or,
    where the folder was not exported, since the last seed or import). `kept`: why it is left as it is all the same."""

    subject: Subject
    key: str
    lines: tuple[DiffLine, ...]
    conflict: bool = False
    kept: str | None = None


@dataclass(frozen=True)
class Plan:
    """What an import would do; nothing is written yet."""

    steps: tuple[Step, ...]
    change: int

    @property
    def conflicts(self) -> list[Step]:
        return [step for step in self.steps if step.conflict]

    def chosen(self, conflicts: Conflicts) -> list[Step]:
        """What is written."""
        return [step for step in self.steps if not step.kept and (conflicts == Conflicts.THEIRS or not step.conflict)]


async def plan_import(session: AsyncSession, folder: Path, content: Content) -> Plan:
    """Compares. Raises `ContentError`, `AnswerRefused`."""
    ours, theirs = await snapshot(session), read_folder(folder)
    theirs = _without_our_titles(theirs)
    known = replace(
        content, topics={**content.topics, **{name: Localised(**title) for name, title in theirs.titles.items()}}
    )
    for key, body in theirs.answers.items():
        checked(key, body, known)
    manifest = read_manifest(folder)
    since = await training.last_of_kind(session, [SEEDED, IMPORTED])
    edited = await training.edited_since(session, since.id) if since else set()
    steps = []
    for part, subject in SUBJECTS.items():
        old, new = ours.digests()[part], theirs.digests()[part]
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) == new.get(key):
                continue
            base = manifest.get(part, {}).get(key) if manifest is not None else None
            is_edited = (subject, key) in edited if manifest is None else base != old.get(key)
            lines = tuple(_lines(subject, key, ours, theirs))
            steps.append(Step(subject, key, lines, is_edited, _why_kept(subject, key, theirs)))
    return Plan(tuple(steps), await training.newest_change(session))


def _without_our_titles(found: Snapshot) -> Snapshot:
    """What the code has a title for has it from topics.yml."""
    return replace(found, titles={name: title for name, title in found.titles.items() if name not in INTENTS})


def _why_kept(subject: Subject, key: str, theirs: Snapshot) -> str | None:
    if subject == Subject.INTENT and key not in theirs.examples and key in INTENTS:
        return "the bot's code acts on this intent"
    if subject == Subject.ANSWER and key not in theirs.answers and key in FAQ:
        return "the bot needs this answer"
    if subject == Subject.ANSWER and key in theirs.answers and key not in theirs.examples:
        return "there is no intent of this name"
    return None


def _lines(subject: Subject, key: str, ours: Snapshot, theirs: Snapshot) -> Iterator[DiffLine]:
    """What is different in `key`; a changed example is one that goes and one that comes."""
    yield from diff(_state_of(subject, key, ours), _state_of(subject, key, theirs))


def _state_of(subject: Subject, key: str, of: Snapshot) -> State:
    match subject:
        case Subject.ANSWER:
            return State(answers={key: of.answers.get(key)})
        case Subject.THRESHOLDS:
            return State(thresholds={key: dict(of.thresholds[key]) if key in of.thresholds else None})
        case _:
            if key not in of.examples:
                return State({key: None})
            values = [value_of(key, *example) for example in of.examples[key]]
            named: Values = {f"{value['language']} {value['text']} {value['entities']}": value for value in values}
            return State({key: {"title": of.titles.get(key)}}, named)


async def import_(editor: Editor, folder: Path, content: Content, plan: Plan, conflicts: Conflicts) -> Change | None:
    """Writes what the plan showed, as one edit that can be undone; None: there is nothing to write. Raises
    `PlanOutdated`."""
    session = editor.session
    await training.lock_seeding(session)
    if (await training.newest_change(session)) != plan.change or await plan_import(session, folder, content) != plan:
        raise PlanOutdated("living data were edited meanwhile: look at what differs once more")
    theirs = _without_our_titles(read_folder(folder))
    steps = plan.chosen(conflicts)
    if not steps:
        return None
    await living_state.lock(session, {(step.subject, step.key) for step in steps})
    before, after = State(), State()
    for step in steps:
        if step.subject == Subject.ANSWER:
            before.answers[step.key] = await _living_answer(session, step.key)
            after.answers[step.key] = theirs.answers.get(step.key)
        elif step.subject == Subject.THRESHOLDS:
            now = await living_state.current(session, State(thresholds={step.key: None}))
            before.thresholds.update(now.thresholds)
            after.thresholds[step.key] = dict(theirs.thresholds[step.key]) if step.key in theirs.thresholds else None
        else:
            await _import_intent(editor, step.key, theirs, before, after)
    first = steps[0]
    return await commit(editor, IMPORTED, first.subject, first.key, before, after)


async def _living_answer(session: AsyncSession, key: str) -> dict[str, Any] | None:
    return living_state.of_answer((await training.lock_answers(session, [key])).get(key))


async def _import_intent(editor: Editor, name: str, theirs: Snapshot, before: State, after: State) -> None:
    """Examples that stay keep their rows, and with them who added them and when."""
    rows = await training.examples(editor.session, name)
    intent = (await training.lock_intents(editor.session, [name])).get(name)
    old, new_title = living_state.of_intent(intent), theirs.titles.get(name)
    wanted = {_key(value): value for value in (value_of(name, *example) for example in theirs.examples.get(name, ()))}
    there = {_key(value): row for row in rows if (value := living_state.of_example(row))}
    title = new_title or (old or {}).get("title")
    new = {"title": title} if name in theirs.examples else None
    if new != old:
        before.intents[name], after.intents[name] = old, new
    for key, row in there.items():
        if key not in wanted:
            before.examples[str(row.id)], after.examples[str(row.id)] = living_state.of_example(row), None
    values = [value for key, value in wanted.items() if key not in there]
    ids = (
        await living_state.new_examples(editor.session, values, Source.IMPORT, editor.by, editor.now) if values else []
    )
    for key, value in zip(map(str, ids), values, strict=True):
        before.examples[key], after.examples[key] = None, value


def _key(value: Mapping[str, Any]) -> str:
    return f"{value['language']} {value['text']} {value['entities']}"
