"""A content folder's examples, answers and thresholds as plain values, and written: the same values, the same bytes.

`export.yml` tells what was in an exported folder, so that an import can tell an edit of the file from one made in the
database meanwhile.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from handlers.content import Answer, Topics
from handlers.content_file import ContentError, read_model, read_yaml
from handlers.example_files import read_example_file
from handlers.living_answers import body_of
from handlers.texts import LANGUAGES
from handlers.training_markup import BadExample, Span, Utterance, from_markup, to_markup

MANIFEST = "export.yml"
DIGEST_LETTERS = 16
# Not plain ASCII: Rasa would read `\u…` in an example of a wholly ASCII file as the character it names.
_HEAD = '# Written by `supportbot nlu export` – sorted, one example a line.\nversion: "3.1"\nnlu:\n'
_ANSWER_ORDER = ("intent", "owner", "review_by", "expires_on", "mandatory", "next", "file", "wordings")

Examples = tuple[tuple[str, Utterance], ...]


@dataclass(frozen=True)
class Snapshot:
    """By name: examples (language, utterance), answers' bodies, thresholds (`act`, `ask`); titles of those intents that
    have one of their own."""

    examples: Mapping[str, Examples] = field(default_factory=dict)
    answers: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    thresholds: Mapping[str, dict[str, float]] = field(default_factory=dict)
    titles: Mapping[str, dict[str, str]] = field(default_factory=dict)

    def digests(self) -> dict[str, dict[str, str]]:
        """Of each thing, equal when, and only when, it is."""
        intents = {name: [_plain(examples), self.titles.get(name)] for name, examples in self.examples.items()}
        parts: tuple[tuple[str, Mapping[str, Any]], ...] = (
            ("intents", intents), ("answers", self.answers), ("thresholds", self.thresholds)
        )  # fmt: skip
        return {part: {name: digest_of(value) for name, value in sorted(of.items())} for part, of in parts}


def digest_of(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LETTERS]


def _plain(examples: Iterable[tuple[str, Utterance]]) -> list[list[str]]:
    return sorted([language, to_markup(utterance)] for language, utterance in examples)


def read_folder(folder: Path) -> Snapshot:
    """Raises `ContentError` naming file and line of the first mistake."""
    examples = {path.stem: _read_examples(path) for path in sorted((folder / "intents").glob("*.yml"))}
    if not examples:
        raise ContentError(f"{folder}: there are no intents/*.yml")
    answers = {path.stem: read_model(path, Answer) for path in sorted((folder / "answers").glob("*.yml"))}
    thresholds = folder / "thresholds.yml"
    topics = folder / "topics.yml"
    titles = read_model(topics, Topics).root if topics.exists() else {}
    return Snapshot(
        examples,
        {key: body_of(answer) for key, answer in answers.items()},
        _read_thresholds(thresholds) if thresholds.exists() else {},
        {name: title.model_dump() for name, title in titles.items() if name in examples},
    )


def _read_examples(path: Path) -> Examples:
    file = read_example_file(path)
    if file.problems:
        raise ContentError(str(file.problems[0]))
    found: dict[tuple[str, str], Utterance] = {}
    for example in file.examples:
        if example.language not in LANGUAGES or example.intent != path.stem:
            raise ContentError(f"{example.place}: {example.intent} in {example.language} does not belong here")
        try:
            utterance = from_markup(example.source)
        except BadExample as error:
            raise ContentError(f"{example.place}: {error}") from error
        found.setdefault((example.language, utterance.text), utterance)
    return tuple((language, utterance) for (language, _), utterance in found.items())


def _read_thresholds(path: Path) -> dict[str, dict[str, float]]:
    try:
        return {
            str(name): {"act": float(pair["act"]), "ask": float(pair["ask"])} for name, pair in read_yaml(path).items()
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ContentError(f"{path}:1: a language needs `act` and `ask`: {error}") from error


def read_manifest(folder: Path) -> dict[str, dict[str, str]] | None:
    """What was exported to this folder; None: it is no exported one."""
    path = folder / MANIFEST
    if not path.exists():
        return None
    try:
        return {
            str(part): {str(name): str(value) for name, value in of.items()} for part, of in read_yaml(path).items()
        }
    except AttributeError as error:
        raise ContentError(f"{path}:1: not what an export writes: {error}") from error


def write_folder(snapshot: Snapshot, base: Path, folder: Path) -> None:
    """All of it, with a domain; entities' names come from `base`. Files of what is gone are taken away, others left."""
    _write_all(folder / "intents", {name: intent_file(name, of) for name, of in snapshot.examples.items()})
    _write_all(folder / "answers", {key: answer_file(body) for key, body in snapshot.answers.items()})
    _write(folder / "domain.yml", domain_file(snapshot, base))
    _write(folder / "topics.yml", _topics_file(snapshot, base))
    _write(folder / "thresholds.yml", _thresholds_file(snapshot.thresholds))
    _write(
        folder / MANIFEST,
        "# What was exported; `supportbot nlu import` compares with it.\n" + dumped(snapshot.digests()),
    )


def _write_all(folder: Path, files: Mapping[str, str]) -> None:
    for path in folder.glob("*.yml"):
        if path.stem not in files:
            path.unlink()
    for name, text in files.items():
        _write(folder / f"{name}.yml", text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def intent_file(name: str, examples: Iterable[tuple[str, Utterance]]) -> str:
    """Rasa's format, as its loader and ours read it."""
    blocks = []
    for language in LANGUAGES:
        lines = sorted({to_markup(utterance) for of, utterance in examples if of == language}, key=_by_letters)
        if lines:
            head = f"- intent: {name}\n  metadata:\n    language: {language}\n  examples: |\n"
            blocks.append(head + "".join(f"    - {line}\n" for line in lines))
    return _HEAD + "\n".join(blocks) if blocks else _HEAD.replace("nlu:\n", "nlu: []\n")


def _by_letters(line: str) -> tuple[str, str]:
    return line.casefold(), line


def answer_file(body: Mapping[str, Any]) -> str:
    value: dict[str, Any] = {name: body[name] for name in _ANSWER_ORDER if name in body}
    for name in ("review_by", "expires_on"):
        if name in value:
            value[name] = date.fromisoformat(value[name])
    value["wordings"] = {
        variant: [LiteralScalarString(text + "\n") for text in texts] for variant, texts in body["wordings"].items()
    }
    return dumped(value)


def domain_file(snapshot: Snapshot, base: Path) -> str:
    entities = {str(name) for name in read_yaml(base / "domain.yml").get("entities", [])}
    used = {span.name for examples in snapshot.examples.values() for _, one in examples for span in one.spans}
    names = sorted(name for name, examples in snapshot.examples.items() if examples)
    return dumped({"version": "3.1", "intents": names, "entities": sorted(entities | used)})


def _topics_file(snapshot: Snapshot, base: Path) -> str:
    topics = read_model(base / "topics.yml", Topics).root if (base / "topics.yml").exists() else {}
    return dumped(
        dict(sorted({**{name: title.model_dump() for name, title in topics.items()}, **snapshot.titles}.items()))
    )


def _thresholds_file(thresholds: Mapping[str, Mapping[str, float]]) -> str:
    return "# Confidence from which the bot acts on a reading, and from which it asks.\n" + dumped(
        {language: {"act": bands["act"], "ask": bands["ask"]} for language, bands in sorted(thresholds.items())}
    )


def dumped(value: Any) -> str:
    yaml = YAML()
    yaml.width = 1_000_000
    yaml.allow_unicode = True
    yaml.default_flow_style = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(value, stream)
    return stream.getvalue()


def spans_of(entities: Iterable[dict[str, Any]]) -> tuple[Span, ...]:
    return tuple(map(Span.from_json, entities))
