"""Reads concepts/*.yml: one file per concept, named after it; in it, for each language, a list of forms."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML


def read_concepts(folder: Path) -> dict[str, list[str]]:
    """Concept → its forms in all languages together; empty where there is no such folder.

    Trusts the content: `supportbot nlu validate` checks it. Raises YAMLError for what is not YAML.
    """
    reader = YAML(typ="safe")
    found = {}
    for path in sorted(folder.glob("*.yml")):
        languages = reader.load(path) or {}
        found[path.stem] = [str(form) for forms in languages.values() for form in forms or ()]
    return found
