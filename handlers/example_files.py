"""Training examples as they stand in the files, each with its line, read without Rasa."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from handlers.same_words import same_words
from handlers.training_markup import MARKUP

_EXAMPLE = re.compile(r"^\s*- (.*)$")


@dataclass(frozen=True)
class Place:
    """Where something stands: a file and a line, counted from 1."""

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """Something an editor must put right."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True)
class TrainingExample:
    """`source` is the line with its entity markup, `text` the same without."""

    place: Place
    intent: str
    language: str
    source: str

    @property
    def text(self) -> str:
        return MARKUP.sub(r"\g<text>", self.source)

    @property
    def entities(self) -> list[tuple[str, str]]:
        """(marked text, entity) as annotated."""
        return [(match["text"], _entity_of(match)) for match in MARKUP.finditer(self.source)]

    @property
    def bare(self) -> str:
        """What is left when all good markup is taken out: brackets in it are stray."""
        return MARKUP.sub("", self.source)

    @property
    def key(self) -> str:
        return same_words(self.text)


def _entity_of(match: re.Match[str]) -> str:
    """The entity's name; of `[words]{…}` that is not JSON, what stands there."""
    if match["name"]:
        return match["name"]
    try:
        return str(json.loads(match["more"])["entity"])
    except (ValueError, KeyError, TypeError):
        return match["more"]


@dataclass(frozen=True)
class ExampleFile:
    """What one file under intents/ holds, and what is wrong with its form."""

    path: Path
    examples: tuple[TrainingExample, ...]
    problems: tuple[Problem, ...]


def read_example_file(path: Path) -> ExampleFile:
    """Never raises for what the file holds: a wrong form is among the problems."""
    try:
        data = YAML().load(path)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return ExampleFile(path, (), (Problem(Place(path, line), f"not YAML: {error.problem}"),))
    except (OSError, YAMLError, UnicodeDecodeError) as error:
        return ExampleFile(path, (), (Problem(Place(path, 1), f"cannot be read: {error}"),))
    blocks = data.get("nlu") if isinstance(data, dict) else None
    if not isinstance(blocks, CommentedSeq):
        return ExampleFile(path, (), (Problem(Place(path, 1), "there is no list called `nlu`"),))
    examples: list[TrainingExample] = []
    problems: list[Problem] = []
    for index, block in enumerate(blocks):
        line = blocks.lc.item(index)[0] + 1
        try:
            intent, language = str(block["intent"]), str(block["metadata"]["language"])
            first = block.lc.value("examples")[0] + 2
            body = str(block["examples"])
        except (KeyError, TypeError, AttributeError) as error:
            message = f"a block needs intent, metadata.language and examples: {error}"
            problems.append(Problem(Place(path, line), message))
            continue
        found = list(_lines(path, first, body, intent, language))
        examples += [one for one in found if isinstance(one, TrainingExample)]
        problems += [one for one in found if isinstance(one, Problem)]
    return ExampleFile(path, tuple(examples), tuple(problems))


def _lines(path: Path, first: int, body: str, intent: str, language: str) -> Iterator[TrainingExample | Problem]:
    for offset, line in enumerate(body.split("\n")):
        if not line.strip():
            continue
        place = Place(path, first + offset)
        match = _EXAMPLE.match(line)
        if match is None:
            yield Problem(place, "an example must begin with `- `")
        else:
            yield TrainingExample(place, intent, language, match.group(1).strip())
