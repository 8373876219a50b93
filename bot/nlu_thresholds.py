"""The file of measured thresholds, `nlu_data/thresholds.yml`: read and written."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from handlers.bands import Thresholds, ThresholdsError

FILE_NAME = "thresholds.yml"
_HEADER = """\
# Confidence from which the bot acts on a reading, and from which it asks "did you mean …?".
# Written by `supportbot nlu test --write-thresholds` from the held-out sets; do not edit by hand.
"""


def read_thresholds(path: Path) -> Thresholds:
    """Raises ThresholdsError when the file is missing or wrong."""
    try:
        return Thresholds.from_mapping(YAML(typ="safe").load(path))
    except (OSError, YAMLError) as error:
        raise ThresholdsError(f"{path} cannot be read: {error}") from error


def write_thresholds(path: Path, thresholds: Thresholds) -> None:
    lines = [_HEADER.rstrip()]
    for language, bands in sorted(thresholds.by_language.items()):
        lines += [f"{language}:", f"  act: {bands.act:.3f}", f"  ask: {bands.ask:.3f}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
