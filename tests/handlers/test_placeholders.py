from __future__ import annotations

import pytest

from handlers.placeholders import fill, names_in


@pytest.mark.parametrize(
    ("text", "names"),
    [("", set()), ("bez", set()), ("{a} i {b_2} i {a}", {"a", "b_2"}), ("{a.b} {0!r} {} { a }", set())],
)
def test_only_plain_names_are_placeholders(text: str, names: set[str]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#{number}: {words}", "#7: {number}"),  # a filled value is not expanded again
        ("{words.__class__}", "{words.__class__}"),
        ("{number:>9}", "{number:>9}"),
        ("100%", "100%"),
    ],
)
def test_placeholders_are_filled_once_and_formats_are_not_obeyed(text: str, expected: str) -> None:
    assert fill(text, {"number": 7, "words": "{number}"}) == expected


def test_a_placeholder_without_a_value_is_refused() -> None:
    with pytest.raises(KeyError, match="by"):
        fill("Odpiszemy {by}.", {"day": "dziś"})


def test_backslashes_in_a_value_stay_as_they_are() -> None:
    assert fill("{path}", {"path": r"C:\1\g<0>"}) == r"C:\1\g<0>"
