"""What is wrong with examples, told while they are typed: duplicates, contradictions, too few, out of balance."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from statistics import median

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.bands import OUT_OF_SCOPE
from handlers.same_words import LONGEST_COMPARED, are_near, same_words
from handlers.texts import LANGUAGES
from handlers.training import is_in_code
from storage import training
from storage.training import ExampleText

LEAST_EXAMPLES = 25
LEAST_OUT_OF_SCOPE = 150
MUCH_MORE = 4.0
MOST_MATCHES = 20


class Likeness(StrEnum):
    """Worst first: the same text under another intent teaches a contradiction, under the same it teaches nothing."""

    CONFLICT = "conflict"
    DUPLICATE = "duplicate"
    NEAR_CONFLICT = "near_conflict"
    NEAR_DUPLICATE = "near_duplicate"


@dataclass(frozen=True)
class Match:
    """An example that is there and is like what is typed."""

    likeness: Likeness
    example_id: int
    intent: str
    language: str
    text: str


class ExampleIndex:
    """All examples by their folded words; `change` is the newest edit in it. Built once an edit, asked as one types.
    `before`: an earlier one, whose texts need not be folded again."""

    def __init__(self, examples: Iterable[ExampleText], change: int, before: ExampleIndex | None = None) -> None:
        self.change = change
        self._folded: dict[str, str] = {}
        self._by_words: dict[str, list[ExampleText]] = defaultdict(list)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        self._by_order: dict[tuple[str, ...], list[str]] = defaultdict(list)
        known = before._folded if before is not None else {}
        for example in examples:
            words = known.get(example.text) or same_words(example.text)
            self._folded[example.text] = words
            self._by_words[words].append(example)
        for words in self._by_words:
            self._by_length[len(words)].append(words)
            self._by_order[tuple(sorted(words.split()))].append(words)

    def like(self, text: str, intent: str | None, but: int | None = None) -> list[Match]:
        """What is like `text`, which is to teach `intent`, worst first; `but` is the example being edited."""
        words = same_words(text)
        if not words:
            return []
        near = set(self._by_order.get(tuple(sorted(words.split())), ()))
        if len(words) <= LONGEST_COMPARED:
            for length in range(len(words) - 1, len(words) + 2):
                near |= {other for other in self._by_length.get(length, ()) if are_near(words, other)}
        matches = [
            Match(_likeness(other == words, row.intent == intent), row.id, row.intent, row.language, row.text)
            for other in near | ({words} & self._by_words.keys())
            for row in self._by_words[other]
            if row.id != but
        ]
        order = list(Likeness)
        return sorted(matches, key=lambda match: (order.index(match.likeness), match.example_id))[:MOST_MATCHES]

    def conflicts(self) -> list[list[Match]]:
        """All texts that stand under more than one intent, each with its examples."""
        found = [rows for rows in self._by_words.values() if len({row.intent for row in rows}) > 1]
        return [
            [Match(Likeness.CONFLICT, row.id, row.intent, row.language, row.text) for row in rows] for rows in found
        ]

    def duplicates(self) -> list[list[Match]]:
        """All texts that stand more than once under the same intent."""
        found = []
        for rows in self._by_words.values():
            by_intent = defaultdict(list)
            for row in rows:
                by_intent[row.intent].append(row)
            found += [same for same in by_intent.values() if len(same) > 1]
        return [
            [Match(Likeness.DUPLICATE, row.id, row.intent, row.language, row.text) for row in rows] for rows in found
        ]


def _likeness(is_same: bool, is_own: bool) -> Likeness:
    if is_same:
        return Likeness.DUPLICATE if is_own else Likeness.CONFLICT
    return Likeness.NEAR_DUPLICATE if is_own else Likeness.NEAR_CONFLICT


async def fresh_index(session: AsyncSession, known: ExampleIndex | None = None) -> ExampleIndex:
    """`known`, unless something was edited since."""
    newest = await training.newest_change(session)
    if known is not None and known.change == newest:
        return known
    return await asyncio.to_thread(ExampleIndex, await training.example_texts(session), newest, known)


@dataclass(frozen=True)
class IntentRow:
    """An intent as the list of them shows it. `too_few`, `too_many`: the languages in which it is out of balance."""

    name: str
    title: Mapping[str, str] | None
    version: int
    counts: Mapping[str, int]
    in_code: bool
    too_few: tuple[str, ...]
    too_many: tuple[str, ...]
    updated_at: datetime
    updated_by: str


async def overview(session: AsyncSession) -> list[IntentRow]:
    """Every intent in use, by name."""
    counts = await training.count_examples(session)
    intents = await training.intents(session)
    middle = {one: median([counts[intent.name, one] for intent in intents] or [0]) for one in LANGUAGES}
    most = {one: MUCH_MORE * max(middle[one], LEAST_EXAMPLES) for one in LANGUAGES}
    return [
        IntentRow(
            intent.name, intent.title, intent.version,
            {one: counts[intent.name, one] for one in LANGUAGES}, is_in_code(intent.name),
            tuple(one for one in LANGUAGES if counts[intent.name, one] < least(intent.name)),
            tuple(one for one in LANGUAGES if intent.name != OUT_OF_SCOPE and counts[intent.name, one] > most[one]),
            intent.updated_at, intent.updated_by,
        )
        for intent in intents
    ]  # fmt: skip


def least(intent: str) -> int:
    """How many examples it needs in each language."""
    return LEAST_OUT_OF_SCOPE if intent == OUT_OF_SCOPE else LEAST_EXAMPLES
