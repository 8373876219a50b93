"""Labelled texts to score a model with: the held-out sets, or files of the same kind given by hand."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from handlers.errors import SupportError

HELD_OUT = Path(__file__).resolve().parent.parent / "nlu_data" / "held_out"
LANGUAGES = ("pl", "en")


class SetError(SupportError):
    """A set of labelled texts cannot be read; the text names the file."""


@dataclass(frozen=True)
class LabelledText:
    """One text with the intent a person gave it."""

    text: str
    intent: str
    language: str


def _from_yaml(path: Path) -> Iterator[LabelledText]:
    """`intent: [texts]`; the language is the last part of the name: `a.pl.yml`."""
    language = path.stem.rpartition(".")[2]
    if language not in LANGUAGES:
        raise SetError(f"{path}: the name must tell the language, as in a.pl.yml")
    for intent, texts in YAML(typ="safe").load(path).items():
        for text in texts:
            yield LabelledText(str(text), str(intent), language)


def _from_rows(path: Path) -> Iterator[LabelledText]:
    """JSON lines, or tab-separated with a heading: text, intent, language."""
    with path.open(encoding="utf-8", newline="") as file:
        if path.suffix == ".jsonl":
            rows = [json.loads(line) for line in file if line.strip()]
        else:
            rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        yield LabelledText(str(row["text"]), str(row["intent"]), str(row["language"]))


def read_set(path: Path) -> list[LabelledText]:
    """Raises SetError."""
    try:
        return list(_from_rows(path) if path.suffix in (".jsonl", ".tsv") else _from_yaml(path))
    except (OSError, YAMLError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SetError(f"{path} is not a set of labelled texts: {error}") from error


def read_sets(paths: Sequence[Path]) -> list[LabelledText]:
    """All of `paths`; the held-out sets we ship when none is given. Raises SetError."""
    files = list(paths) or sorted(HELD_OUT.glob("*.yml"))
    if not files:
        raise SetError(f"there are no held-out sets in {HELD_OUT}")
    return [example for path in files for example in read_set(path)]
