"""Concept files as an editor writes them, and what is wrong with them: nlu_data/concepts/<concept>.yml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bot.nlu_sets import LANGUAGES
from handlers.example_files import Place, Problem

LEAST_LETTERS_OF_STEM = 3  # `ab*` would take in half the dictionary
MOST_WORDS = 5
_CONCEPT = re.compile(r"[a-z][a-z0-9_]*")
_WORD = r"(?:[a-z0-9]+(?:['&+./-][a-z0-9]+)*(?:'|\*)?|&)"
_FORM = re.compile(rf"{_WORD}(?: {_WORD})*")


def concept_problems(folder: Path) -> Iterator[Problem]:
    """All problems of the files in `folder`; none where there is no such folder."""
    for path in sorted(folder.glob("*.yml")):
        if not _CONCEPT.fullmatch(path.stem):
            yield Problem(Place(path, 1), "the name of a concept is of the letters a to z, digits and _")
        try:
            data = YAML().load(path)
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            yield Problem(Place(path, line), f"not YAML: {error.problem}")
        except (OSError, YAMLError, UnicodeDecodeError) as error:
            yield Problem(Place(path, 1), f"cannot be read: {error}")
        else:
            yield from _file(path, data)


def _file(path: Path, data: object) -> Iterator[Problem]:
    if not isinstance(data, CommentedMap):
        yield Problem(Place(path, 1), f"needs a list of words for each of {', '.join(LANGUAGES)}")
        return
    for language, forms in data.items():
        place = Place(path, data.lc.key(language)[0] + 1)
        if language not in LANGUAGES:
            yield Problem(place, f"language {language} is not one of {', '.join(LANGUAGES)}")
        if not isinstance(forms, CommentedSeq):
            yield Problem(place, f"the words of {language} are not a list")
            continue
        seen: set[object] = set()
        for index, form in enumerate(forms):
            here = Place(path, forms.lc.item(index)[0] + 1)
            yield from (Problem(here, message) for message in _form(form))
            if form in seen:
                yield Problem(here, f"{form!r} is there twice")
            seen.add(form)


def _form(form: object) -> Iterator[str]:
    if not isinstance(form, str):
        yield f"{form!r} is not a text: put it in quotes"
        return
    if not _FORM.fullmatch(form):
        yield f"{form!r} is not words in lower case without diacritics, `*` at their ends, one space between them"
    words = form.split()
    if len(words) > MOST_WORDS:
        yield f"{form!r} has more than {MOST_WORDS} words"
    for word in words:
        if word.endswith("*") and len(word) - 1 < LEAST_LETTERS_OF_STEM:
            yield f"{word!r} is too short a stem: at least {LEAST_LETTERS_OF_STEM} letters"
