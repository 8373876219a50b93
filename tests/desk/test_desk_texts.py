"""What agents read: every text there is asked for, every text asked for is there, in both languages alike."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from handlers.placeholders import names_in
from handlers.texts import LOCALE

ROOT = Path(__file__).parent.parent.parent
KEY = re.compile(r"desk\.[a-z_]+(\.[a-z_]+)*")


def catalogue(language: str) -> dict[str, str]:
    with (LOCALE / language / "LC_MESSAGES" / "desk.po").open("rb") as source:
        return {str(message.id): str(message.string) for message in read_po(source, locale=language) if message.id}


PL, EN = catalogue("pl"), catalogue("en")


def strings() -> Iterator[ast.Constant | ast.JoinedStr]:
    for folder in ("bot", "handlers"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, (ast.Constant, ast.JoinedStr)):
                    yield node


def keys() -> set[str]:
    return {
        node.value
        for node in strings()
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY.fullmatch(node.value)
    }


def beginnings() -> set[str]:
    """Of keys whose end is only known at run time: `desk.status.{…}`."""
    first = (node.values[0] for node in strings() if isinstance(node, ast.JoinedStr) and node.values)
    found = {one.value for one in first if isinstance(one, ast.Constant) and isinstance(one.value, str)}
    return {begin for begin in found if begin.startswith("desk.") and begin.endswith(".")}


LOGGED = re.compile(r"desk\.[a-z_]+")  # names of log events look alike


def test_both_languages_have_the_same_texts_with_the_same_gaps() -> None:
    assert sorted(PL) == sorted(EN)
    assert {key: names_in(PL[key]) ^ names_in(EN[key]) for key in PL if names_in(PL[key]) != names_in(EN[key])} == {}


def test_every_text_asked_for_is_there() -> None:
    assert sorted(key for key in keys() - PL.keys() if not LOGGED.fullmatch(key)) == []


def test_no_text_is_left_that_nobody_reads() -> None:
    begins = tuple(beginnings())
    assert {"desk.event.", "desk.status.", "desk.more."} <= set(begins)
    assert sorted(key for key in PL.keys() - keys() if not key.startswith(begins)) == []


@pytest.mark.parametrize("language", ["pl", "en"])
def test_buttons_and_menu_entries_fit_into_slack(language: str) -> None:
    texts = {"pl": PL, "en": EN}[language]
    assert [key for key in texts if key.startswith("desk.button.") and len(texts[key]) > 40] == []
    assert [key for key in texts if key.startswith("desk.more.") and len(texts[key]) > 75] == []
    assert [
        key for key in texts if key in {"desk.form.close", "desk.form.send", "desk.form.do"} and len(texts[key]) > 24
    ] == []
