"""Reads a content file into a typed model; what is wrong is said with file and line (R106)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from handlers.errors import SupportError

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Fault:
    """What is wrong, for those who tell it in another language: `kind` is pydantic's name for it or one of ours,
    `where` the way to it (`ladder.0.call`), `given` what the kind's words need."""

    kind: str
    where: str = ""
    given: Mapping[str, str] = field(default_factory=dict)


def fault_of(error: ErrorDetails) -> Fault:
    given = {name: str(value) for name, value in error.get("ctx", {}).items()}
    return Fault(error["type"], ".".join(map(str, error["loc"])), given)


class ContentError(SupportError):
    """Editable content is missing or wrong; the text names file, line and reason. `fault`: where a person may have made
    it in the console."""

    def __init__(self, text: str, fault: Fault | None = None) -> None:
        super().__init__(text)
        self.fault = fault


def read_yaml(path: Path) -> Any:
    """The parsed file with its line numbers, which is not to be changed. Raises `ContentError`."""
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ContentError(f"{path}: the file is missing") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ContentError(f"{path}:{line}: the file is not saved as UTF-8") from error
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(f"{path}:{line}: {error.problem}", Fault("yaml")) from error
    except YAMLError as error:
        raise ContentError(f"{path}:1: {error}", Fault("yaml")) from error


@lru_cache(maxsize=512)
def _parsed(text: str) -> Any:
    """Kept, because parsing is slow and of a whole folder that is read again few files are other than before."""
    return YAML(typ="rt").load(text)


def read_model(path: Path, model: type[Model], context: object = None) -> Model:
    """The file as a `model`, its validators given `context`. Raises `ContentError` with the first mistake's line."""
    data = read_yaml(path)
    try:
        return model.model_validate(data, context=context)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        fault = fault_of(first)
        raise ContentError(f"{path}:{_line(data, first['loc'])}: {where}: {first['msg']}", fault) from error


def _line(data: Any, location: tuple[str | int, ...]) -> int:
    """The line of the deepest part of `location` that the file has."""
    line = 1 if not isinstance(data, (CommentedMap, CommentedSeq)) else data.lc.line + 1
    for step in location:
        if not isinstance(data, (CommentedMap, CommentedSeq)):
            break
        try:
            position = data.lc.key(step) if isinstance(data, CommentedMap) else data.lc.item(step)
            data = data[step]
        except (KeyError, IndexError, TypeError):
            break
        line = position[0] + 1
    return line
