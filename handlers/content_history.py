"""Every edit of living data on record: refused where somebody else was faster, shown afterwards, taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers import living_state
from handlers.errors import SupportError
from handlers.living_state import State, Subject, Touched
from storage import training
from storage.training import Change

UNDONE = "undone"


class ChangedMeanwhile(SupportError):
    """Somebody else changed it since the editor looked; `changes` are theirs, oldest first."""

    def __init__(self, subject: str, key: str, changes: Iterable[Change]) -> None:
        self.subject, self.key, self.changes = subject, key, tuple(changes)
        who = ", ".join(sorted({change.by for change in self.changes})) or "somebody"
        super().__init__(f"{subject} {key} was changed meanwhile by {who}")


class CannotUndo(SupportError):
    """`newer` are the edits that build on it, oldest first; none: it is no edit that could be taken back."""

    def __init__(self, change: Change, newer: Iterable[Change] = ()) -> None:
        self.change, self.newer = change, tuple(newer)
        what = ", ".join(f"{one.kind} of {one.key} by {one.by} (change {one.id})" for one in self.newer)
        super().__init__(f"change {change.id} cannot be undone" + (f": {what} came after it" if what else ""))


@dataclass(frozen=True)
class Editor:
    """Who edits, in which transaction, and when. `by`: `admin:<login>`, `agent:<name>` or `cli`."""

    session: AsyncSession
    by: str
    now: datetime


async def begin(editor: Editor, subject: Subject, key: str, seen: int | None, others: Iterable[Touched] = ()) -> None:
    """Nobody else edits `key` and `others` until the transaction ends. `seen`: the version the editor looked at, None
    where it does not matter. Raises `ChangedMeanwhile`."""
    versions = await living_state.lock(editor.session, {(subject, key), *others})
    if seen is not None and versions[subject, key] != seen:
        changes = await training.changes_since(editor.session, subject, key, seen)
        raise ChangedMeanwhile(
            subject, key, _kept(editor.session, [await whole(editor.session, one) for one in changes])
        )


def _kept(session: AsyncSession, changes: Iterable[Change]) -> list[Change]:
    """Readable also after the transaction is rolled back, as it is where they are told of."""
    unique = {change.id: change for change in changes}
    for change in unique.values():
        session.expunge(change)
    return list(unique.values())


async def commit(
    editor: Editor, kind: str, subject: Subject, key: str, before: State, after: State, undoes: int | None = None
) -> Change:
    """Writes `after` and puts the edit on record, in the history of all that it touches."""
    touched = before.touched | after.touched | {(subject, key)}
    versions = {name: version + 1 for name, version in (await living_state.lock(editor.session, touched)).items()}
    await living_state.write(editor.session, after, versions, editor.by, editor.now)
    change = Change(
        at=editor.now, by=editor.by, kind=kind, subject=subject, key=key, before=before.to_json(),
        after=after.to_json(), undoes=undoes, version=versions[subject, key],
    )  # fmt: skip
    editor.session.add(change)
    await editor.session.flush()
    for other, name in sorted(touched - {(subject, key)}):
        editor.session.add(
            Change(at=editor.now, by=editor.by, kind=kind, subject=other, key=name, before=None, after=None,
                   undoes=undoes, part_of=change.id, version=versions[other, name])
        )  # fmt: skip
    await editor.session.flush()
    return change


async def whole(session: AsyncSession, change: Change) -> Change:
    """The edit that a row of the history belongs to."""
    return change if change.part_of is None else await session.get_one(Change, change.part_of)


async def history(
    session: AsyncSession, subject: Subject | None = None, key: str | None = None, *, before: int | None = None,
    limit: int = 100,
) -> list[Change]:  # fmt: skip
    """Edits newest first: all, or those that touched `key`; older than the change `before`, for the next page."""
    rows = await training.history(session, subject, key, before=before, limit=limit)
    return [await whole(session, row) for row in rows]


async def undo(editor: Editor, change_id: int) -> Change:
    """Takes the edit back, all of it. Raises `CannotUndo` where something newer touches the same."""
    session = editor.session
    change = await whole(session, await session.get_one(Change, change_id))
    if change.before is None or change.after is None:
        raise CannotUndo(_kept(session, [change])[0])
    found, left = State.from_json(change.before), State.from_json(change.after)
    await living_state.lock(session, found.touched | left.touched)
    now = await living_state.current(session, left)
    if now != left or not await _has_homes(session, found):
        newer = await _building_on(session, change)
        raise CannotUndo(_kept(session, [change])[0], _kept(session, newer))
    return await commit(editor, UNDONE, Subject(change.subject), change.key, left, found, undoes=change.id)


async def _has_homes(session: AsyncSession, state: State) -> bool:
    """Whether every example that comes back has an intent to come back to."""
    owners = {example["intent"] for example in state.examples.values() if example} - state.intents.keys()
    rows = await training.lock_intents(session, owners) if owners else {}
    return all(living_state.of_intent(rows.get(name)) is not None for name in owners)


async def _building_on(session: AsyncSession, change: Change) -> list[Change]:
    """Later edits of the same things, without those that are taken back themselves."""
    later = await training.changes_after(session, change.id)
    ids = {one.id for one in later}
    gone = {one.undoes for one in later} | {one.id for one in later if one.undoes in ids}
    mine = _named(change) | {("intents", key) for subject, key in _touched(change) if subject == Subject.INTENT}
    return [one for one in later if one.id not in gone and _named(one) & mine]


def _named(change: Change) -> set[tuple[str, str]]:
    return {(name, key) for side in (change.before, change.after) for name in side or {} for key in (side or {})[name]}


def _touched(change: Change) -> set[Touched]:
    return State.from_json(change.before).touched | State.from_json(change.after).touched
