"""What is different between two states of living data, line by line, for people to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from handlers.living_state import State, Values
from handlers.training_markup import Span, Utterance, to_markup
from storage.training import Change


@dataclass(frozen=True)
class DiffLine:
    """One thing of `key` (an intent, an answer, a language) that is more (`+`), less (`-`) or other (`~`). `what`:
    intent, example, title, or the answer's field."""

    sign: str
    key: str
    what: str
    old: str | None = None
    new: str | None = None


def diff_of(change: Change) -> list[DiffLine]:
    return diff(State.from_json(change.before), State.from_json(change.after))


def diff(before: State, after: State) -> list[DiffLine]:
    lines: list[DiffLine] = []
    for name, old, new in _pairs(before.intents, after.intents):
        if (old is None) != (new is None):
            lines.append(
                DiffLine(
                    "-" if new is None else "+",
                    name,
                    "intent",
                    name if old is not None else None,
                    name if new is not None else None,
                )
            )
        lines += _fields(name, _flat((old or {}).get("title")), _flat((new or {}).get("title")), "title")
    for _, old, new in _pairs(before.examples, after.examples):
        lines += _example(old, new)
    for pairs in (_pairs(before.answers, after.answers), _pairs(before.thresholds, after.thresholds)):
        for key, old, new in pairs:
            lines += _fields(key, _flat(old), _flat(new))
    return lines


def example_line(example: Mapping[str, Any]) -> str:
    """As it stands in a file."""
    spans = tuple(map(Span.from_json, example["entities"]))
    return f"{example['language']}: {to_markup(Utterance(example['text'], spans))}"


def _example(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[DiffLine]:
    if old and new and old["intent"] != new["intent"]:
        return [*_example(old, None), *_example(None, new)]
    key = (new or old or {}).get("intent", "")
    return list(_line(key, "example", example_line(old) if old else None, example_line(new) if new else None))


def _fields(key: str, old: Mapping[str, str], new: Mapping[str, str], prefix: str = "") -> Iterator[DiffLine]:
    for name in [*new, *(name for name in old if name not in new)]:
        yield from _line(key, f"{prefix} {name}".strip(), old.get(name), new.get(name))


def _line(key: str, what: str, old: str | None, new: str | None) -> Iterator[DiffLine]:
    if old != new:
        sign = "+" if old is None else "-" if new is None else "~"
        yield DiffLine(sign, key, what, old, new)


def _flat(value: Any, name: str = "") -> dict[str, str]:
    """`wordings.pl.1` → text: a tree as lines."""
    match value:
        case None:
            return {}
        case dict():
            children = value.items()
        case [*items]:
            children = {str(index): item for index, item in enumerate(items, 1)}.items()
        case _:
            return {name: str(value)}
    return {key: text for part, item in children for key, text in _flat(item, f"{name}.{part}".strip(".")).items()}


def _pairs(before: Values, after: Values) -> Iterator[tuple[str, dict[str, Any] | None, dict[str, Any] | None]]:
    for key in [*before, *(key for key in after if key not in before)]:
        yield key, before.get(key), after.get(key)
