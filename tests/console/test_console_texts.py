"""What admins read: every text there is asked for, every text asked for is there, in both languages alike."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

from handlers.placeholders import names_in
from handlers.texts import LOCALE

ROOT = Path(__file__).parent.parent.parent
PATTERN = re.compile(r"""["'(](console\.[a-z_]+(?:\.[a-z_]+)+)["')]""")


def catalogue(language: str) -> dict[str, str | tuple[str, ...]]:
    with (LOCALE / language / "LC_MESSAGES" / "console.po").open("rb") as source:
        read = [message for message in read_po(source, locale=language) if message.id]
    return {message.id[0] if message.pluralizable else message.id: message.string for message in read}


PL, EN = catalogue("pl"), catalogue("en")


def sources() -> Iterator[ast.AST]:
    for path in (ROOT / "bot" / "console").rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def keys() -> set[str]:
    literal = {
        node.value
        for node in sources()
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("console.")
    }
    in_pages = {
        found
        for path in (ROOT / "bot" / "console").glob("*.html")
        for found in PATTERN.findall(path.read_text(encoding="utf-8"))
    }
    return literal | in_pages


def beginnings() -> tuple[str, ...]:
    """Of keys whose end is only known at run time: `console.role.{…}`."""
    first = (node.values[0] for node in sources() if isinstance(node, ast.JoinedStr) and node.values)
    found = {one.value for one in first if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return tuple(begin for begin in found if begin.startswith("console.") and begin.endswith((".", "_")))


def gaps(text: str | tuple[str, ...]) -> set[str]:
    return {name for one in ((text,) if isinstance(text, str) else text) for name in names_in(one)}


LOGGED = {"console.signed_in", "console.refused", "console.personal_data_shown", "console.off"}


def test_both_languages_have_the_same_texts_with_the_same_gaps() -> None:
    assert sorted(PL) == sorted(EN)
    assert [key for key in PL if gaps(PL[key]) != gaps(EN[key])] == []
    assert [key for key in PL if not all(PL[key]) or not all(EN[key])] == []


def test_every_text_asked_for_is_there() -> None:
    assert sorted(key for key in keys() - PL.keys() - LOGGED if not key.endswith((".", "_"))) == []


def test_no_text_is_left_that_nobody_reads() -> None:
    begins = beginnings()
    assert {"console.role.", "console.tickets."} <= set(begins)
    assert sorted(key for key in PL.keys() - keys() if not key.startswith(begins)) == []
