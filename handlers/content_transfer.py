"""Living data in and out: the first filling, export, and the folder a model is trained from."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.content_folder import (
    Snapshot,
    domain_file,
    intent_file,
    read_folder,
    spans_of,
    write_folder,
)
from handlers.errors import SupportError
from handlers.intents import INTENTS
from handlers.living_state import Subject
from handlers.training import value_of
from handlers.training_markup import Utterance
from storage import training
from storage.training import Change, LivingAnswer, LivingThresholds, Source, TrainingExample, TrainingIntent

SEEDED = "seeded"
WHOLE = "content"
SUBJECTS = {"intents": Subject.INTENT, "answers": Subject.ANSWER, "thresholds": Subject.THRESHOLDS}


class AlreadySeeded(SupportError):
    """There are living data already; the starter content would overwrite them."""


async def is_seeded(session: AsyncSession) -> bool:
    return await training.newest_change(session) > 0


async def seed_if_empty(session: AsyncSession, content_dir: Path, now: datetime) -> bool:
    """Whether there was anything to do."""
    await training.lock_seeding(session)
    if await is_seeded(session):
        return False
    await seed(session, content_dir, now)
    return True


async def seed(session: AsyncSession, content_dir: Path, now: datetime) -> Snapshot:
    """Fills the empty tables with the starter content. Raises `AlreadySeeded`, `ContentError`."""
    if await is_seeded(session):
        raise AlreadySeeded("there are living data already; supportbot nlu import shows what a folder would change")
    found = read_folder(content_dir)
    stamp = {"version": 1, "updated_at": now, "updated_by": SEEDED}
    titles = {name: title for name, title in found.titles.items() if name not in INTENTS}
    await training.insert_many(
        session, TrainingIntent,
        [{"name": name, "title": titles.get(name), "removed_at": None, **stamp} for name in found.examples],
    )  # fmt: skip
    await training.insert_many(session, TrainingExample, [
        {**value_of(name, language, utterance), "source": Source.SEED, "added_by": SEEDED, "added_at": now}
        for name, examples in found.examples.items() for language, utterance in examples
    ])  # fmt: skip
    await training.insert_many(session, LivingAnswer, [
        {"key": key, "body": body, "expires_on": body.get("expires_on"), **stamp} for key, body in found.answers.items()
    ])  # fmt: skip
    await training.insert_many(
        session, LivingThresholds, [{"language": name, **bands, **stamp} for name, bands in found.thresholds.items()]
    )
    named = [(SUBJECTS[part], key) for part, of in found.digests().items() for key in of]
    whole = Change(at=now, by=SEEDED, kind=SEEDED, subject=WHOLE, key=WHOLE, before=None, after=None, version=1)
    session.add(whole)
    await session.flush()
    await training.insert_many(session, Change, [
        {"at": now, "by": SEEDED, "kind": SEEDED, "subject": subject, "key": key, "part_of": whole.id, "version": 1}
        for subject, key in named
    ])  # fmt: skip
    return found


async def snapshot(session: AsyncSession) -> Snapshot:
    """All living data that are in use."""
    examples: dict[str, list[tuple[str, Utterance]]] = {}
    titles = {}
    for intent in await training.intents(session):
        examples[intent.name] = []
        if intent.title:
            titles[intent.name] = intent.title
    for row in await training.examples(session):
        examples[row.intent].append((row.language, Utterance(row.text, spans_of(row.entities))))
    return Snapshot(
        {name: tuple(of) for name, of in examples.items()},
        {row.key: row.body for row in await training.answers(session)},
        {row.language: {"act": row.act, "ask": row.ask} for row in await training.thresholds(session)},
        titles,
    )


async def export(session: AsyncSession, folder: Path, content_dir: Path) -> Snapshot:
    """Writes the folder; what no table holds (entities' names, topics) comes from `content_dir`."""
    found = await snapshot(session)
    write_folder(found, content_dir, folder)
    return found


async def training_content(session: AsyncSession, content_dir: Path, folder: Path) -> str:
    """Writes all that a model is trained from to `folder`, which is replaced; entities and concepts come from
    `content_dir`. Its digest: equal for data that teach the same, whatever the files look like."""
    found = await snapshot(session)
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("entities", "concepts"):
        if (content_dir / name).is_dir():
            shutil.copytree(content_dir / name, folder / name)
    (folder / "intents").mkdir(parents=True, exist_ok=True)
    (folder / "domain.yml").write_text(domain_file(found, content_dir), encoding="utf-8")
    for name, examples in found.examples.items():
        if examples:
            (folder / "intents" / f"{name}.yml").write_text(intent_file(name, examples), encoding="utf-8", newline="\n")
    return _digest(found, content_dir)


async def data_digest(session: AsyncSession, content_dir: Path) -> str:
    """Of what `training_content` would write."""
    return _digest(await snapshot(session), content_dir)


def folder_digest(content_dir: Path) -> str:
    """As `data_digest`, of a content folder's own files: equal as long as nobody has edited what was seeded from it.
    Raises `ContentError`."""
    return _digest(read_folder(content_dir), content_dir)


def _digest(found: Snapshot, content_dir: Path) -> str:
    digest = hashlib.sha256()
    taught = replace(found, titles={}, examples={name: of for name, of in found.examples.items() if of})
    for name, value in sorted(taught.digests()["intents"].items()):
        digest.update(f"{name}={value}\n".encode())
    for path in _files(content_dir, ("entities", "concepts")):
        digest.update(f"{path.parent.name}/{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _files(folder: Path, names: Iterable[str]) -> list[Path]:
    return [path for name in names for path in sorted((folder / name).glob("*.yml"))]
