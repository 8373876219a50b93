"""Concepts: how words find them, what reading makes of them, and what is wrong with a file of them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.nlu_concepts import concept_problems
from bot.nlu_environment import DEFAULT_CONTENT

FORMS = {
    "product": ["sluchawk*", "kettle*", "fairy light*"],
    "light": ["light*"],
    "broken": ["nie dziala*", "doesn't work", "kaputt"],
}


def found(text: str) -> list[tuple[int, int, str]]:
    from components.concepts import Lexicon

    return [(mark.start, mark.end, mark.name) for mark in Lexicon(FORMS).find(text.split())]


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("moje sluchawki", [(1, 2, "product")]),
        ("sluchawk", [(0, 1, "product")]),
        ("ketles", [(0, 1, "product")]),  # normalised: doubled letters count once
        ("fairy lights", [(0, 2, "product"), (1, 2, "light")]),
        ("fairy", []),
        ("to nie dzialalo", [(1, 3, "broken")]),
        ("nie to dziala", []),
        ("doesn t work", [(0, 3, "broken")]),
        ("kaputter", []),
        ("", []),
    ],
)
def test_words_stems_and_phrases_are_found(text: str, marks: list[tuple[int, int, str]]) -> None:
    assert found(text) == marks


def test_a_long_text_is_searched_quickly() -> None:
    from components.concept_files import read_concepts
    from components.concepts import Lexicon

    lexicon = Lexicon(read_concepts(DEFAULT_CONTENT / "concepts"))
    words = ("nie dziala mi fairy lights gdzie paczka " * 25).split()
    began = time.process_time()
    lexicon.find(words)
    assert time.process_time() - began < 0.02


def test_a_missing_folder_is_no_concepts(tmp_path: Path) -> None:
    from components.concept_files import read_concepts

    assert read_concepts(tmp_path / "concepts") == {}
    assert list(concept_problems(tmp_path / "concepts")) == []


def marked(text: str, shape: str = "", typos: tuple[str, ...] = ()) -> list[str]:
    """The marks of `text`, in which the first place of `shape` is a number."""
    from components.concepts import Lexicon
    from components.reading import Reader, Shape, Utterance
    from components.typos import TypoMapper

    at = text.index(shape)
    shapes = (Shape(at, at + len(shape), "number"),) if shape else ()
    reader = Reader(Lexicon(FORMS), TypoMapper.fit(typos) if typos else None)
    return sorted(reader.read(Utterance(text, shapes)).marked.split())


def test_a_shape_stands_alone_and_beside_its_neighbours() -> None:
    assert marked("gdzie 12-34?", "12-34") == ["gdzie|§number", "§number", "§number|$"]


def test_a_bare_number_fills_the_message() -> None:
    assert marked("#2418", "#2418") == ["^|§number", "§number", "§number|$"]


def test_marks_are_neighbours_of_marks() -> None:
    found = marked("Słuchawki 12 kaputt", "12")
    assert {"§product|§number", "§number|§broken", "§product|12", "sluchawki|§number"} <= set(found)


def test_a_concept_is_seen_through_a_typo() -> None:
    assert "§broken" in marked("to kapuut", typos=("kaputt",))


def test_a_word_of_the_lexicon_is_no_typo() -> None:
    assert "§product" in marked("sluchawki", typos=("sluchacz sluchaczki",))


def test_nobody_can_type_a_mark() -> None:
    assert marked("§product §number|$ ^") == []


def problems(folder: Path, content: str, name: str = "thing.yml") -> list[str]:
    (folder / name).write_text(content)
    return [str(problem).removeprefix(str(folder)) for problem in concept_problems(folder)]


def test_a_good_file_has_no_problems(tmp_path: Path) -> None:
    assert problems(tmp_path, '# things\npl: [rzecz*, "to i owo"]\nen: [thing*, don\'t, t&c, 24/7]\n') == []


@pytest.mark.parametrize(
    ("content", "line", "complaint"),
    [
        ("pl: [rzecz*]\nen:\n  - Thing\n", 3, "lower case"),
        ("pl: [rzecz*,\n  słowo]\n", 2, "diacritics"),
        ("en: [ab*]\n", 1, "too short"),
        ('en: ["as long as it is needed"]\n', 1, "more than 5 words"),
        ("en: [c++]\n", 1, "lower case"),
        ("en: [thing,\n thing]\n", 2, "twice"),
        ("en: [24]\n", 1, "not a text"),
        ("pl: [rzecz]\nde: [ding]\n", 2, "language de"),
        ("pl: [rzecz]\nen: thing\n", 2, "not a list"),
        ("- thing\n", 1, "needs a list"),
        ("en: [thing\n", 2, "not YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, content: str, line: int, complaint: str) -> None:
    told = problems(tmp_path, content)
    assert len(told) == 1
    assert told[0].startswith(f"/thing.yml:{line}: ")
    assert complaint in told[0]
