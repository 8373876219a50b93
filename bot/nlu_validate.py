"""Checks the content a model is trained from, so that an editor hears of a mistake before Rasa stumbles over it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.nlu_concepts import concept_problems
from bot.nlu_sets import LANGUAGES
from handlers.example_files import ExampleFile, Place, Problem, TrainingExample, read_example_file
from handlers.training_checks import least

_ENVIRONMENT = re.compile(r"\$\{")
_BRACKETS = re.compile(r"[\[\]{}]")
_SEPARATORS = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")


@dataclass(frozen=True)
class Checked:
    """What was found. `counts`: examples by intent and language."""

    problems: tuple[Problem, ...]
    counts: dict[tuple[str, str], int]


def validate_content(content: Path) -> Checked:
    """All problems of domain.yml, intents/, entities/ and concepts/ in `content`, in the order of files and lines."""
    domain, domain_problems = _read_domain(content / "domain.yml")
    files = [read_example_file(path) for path in sorted((content / "intents").glob("*.yml"))]
    examples = [example for file in files for example in file.examples]
    problems = [
        *domain_problems,
        *(problem for file in files for problem in file.problems),
        *_names(files, domain.intents, content),
        *(problem for example in examples for problem in _example(example, domain.entities)),
        *_counts(files, domain.intents),
        *_twice(examples),
        *_entity_files(content / "entities", domain.entities),
        *concept_problems(content / "concepts"),
    ]
    counts = Counter((example.intent, example.language) for example in examples)
    return Checked(tuple(sorted(problems, key=lambda one: (str(one.place.path), one.place.line))), dict(counts))


@dataclass(frozen=True)
class _Domain:
    intents: frozenset[str] = frozenset()
    entities: frozenset[str] = frozenset()


def _read_domain(path: Path) -> tuple[_Domain, list[Problem]]:
    try:
        data = YAML(typ="safe").load(path)
        return _Domain(frozenset(map(str, data["intents"])), frozenset(map(str, data["entities"]))), []
    except (OSError, YAMLError, KeyError, TypeError) as error:
        return _Domain(), [Problem(Place(path, 1), f"needs lists of intents and entities: {error}")]


def _names(files: Sequence[ExampleFile], intents: frozenset[str], content: Path) -> Iterator[Problem]:
    """A file is named after the one intent in it; the domain names all of them."""
    for file in files:
        start = Place(file.path, 1)
        if file.path.stem not in intents:
            yield Problem(start, f"domain.yml has no intent called {file.path.stem}")
        for intent in sorted({example.intent for example in file.examples} - {file.path.stem}):
            yield Problem(start, f"the file is named after {file.path.stem} but holds examples of {intent}")
    for intent in sorted(intents - {file.path.stem for file in files}):
        yield Problem(Place(content / "domain.yml", 1), f"there is no intents/{intent}.yml")


def _example(example: TrainingExample, entities: frozenset[str]) -> Iterator[Problem]:
    place, source = example.place, example.source
    if not example.text.strip():
        yield Problem(place, "an empty example")
    if source.startswith("/"):
        yield Problem(place, "begins with `/`: Rasa would take it for a command")
    if _ENVIRONMENT.search(source):
        yield Problem(place, "has `${`: Rasa would put an environment variable there")
    elif _BRACKETS.search(example.bare):
        yield Problem(place, "has a bracket that is not entity markup, `[text](entity)`")
    if _SEPARATORS.search(source):
        yield Problem(place, "has a control character or an unusual line separator")
    if example.language not in LANGUAGES:
        yield Problem(place, f"language {example.language} is not one of {', '.join(LANGUAGES)}")
    for marked, entity in example.entities:
        if entity not in entities:
            yield Problem(place, f"domain.yml has no entity called {entity}")
        if not marked.strip() or marked != marked.strip():
            yield Problem(place, f"the marked text {marked!r} is empty or begins or ends with a space")


def _counts(files: Sequence[ExampleFile], intents: frozenset[str]) -> Iterator[Problem]:
    for file in files:
        if file.path.stem not in intents:
            continue
        for language in LANGUAGES:
            count = sum(example.language == language for example in file.examples)
            if count < (needed := least(file.path.stem)):
                yield Problem(Place(file.path, 1), f"{count} examples in {language}; at least {needed} are needed")


def _twice(examples: Iterable[TrainingExample]) -> Iterator[Problem]:
    """The same words twice teach nothing; under two intents they teach a contradiction."""
    first: dict[str, TrainingExample] = {}
    for example in examples:
        known = first.setdefault(example.key, example)
        if known is example:
            continue
        if known.intent == example.intent:
            yield Problem(example.place, f"the same as {known.place}")
        else:
            yield Problem(example.place, f"the same as {known.place}, where it is {known.intent}")


def _entity_files(folder: Path, entities: frozenset[str]) -> Iterator[Problem]:
    """Patterns compile; look-up lists and patterns are of known entities."""
    for path in sorted(folder.glob("*.yml")):
        try:
            blocks = YAML().load(path)["nlu"]
            entries = [(blocks.lc.item(index)[0] + 1, dict(block)) for index, block in enumerate(blocks)]
        except (OSError, YAMLError, KeyError, TypeError, AttributeError) as error:
            yield Problem(Place(path, 1), f"needs a list called `nlu`: {error}")
            continue
        for line, block in entries:
            yield from _entity_block(Place(path, line), block, entities)


def _entity_block(place: Place, block: dict[str, object], entities: frozenset[str]) -> Iterator[Problem]:
    name = block.get("regex") or block.get("lookup")
    if name is None and "synonym" not in block:
        yield Problem(place, "a block is one of regex, lookup or synonym")
    if name is not None and name not in entities:
        yield Problem(place, f"domain.yml has no entity called {name}")
    if "regex" not in block:
        return
    for offset, line in enumerate(str(block.get("examples", "")).splitlines()):
        try:
            re.compile(line.strip().removeprefix("- "))
        except re.error as error:
            yield Problem(Place(place.path, place.line + 2 + offset), f"not a regular expression: {error}")
