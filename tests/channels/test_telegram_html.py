"""Our markup as Telegram shows it: read back by the stand-in's own entity parser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import PermanentDeliveryError
from bot.channels.telegram.html import in_messages, to_html
from bot.channels.telegram.keyboard import keyboard
from bot.sandbox.telegram.html_text import parse_html
from handlers.buttons import Button
from handlers.markup import escape, to_plain


def shown(text: str) -> tuple[str, list[str]]:
    """The text as people see it, and what kinds of emphasis are in it."""
    read = parse_html(to_html(text))
    return read.text, [str(entity["type"]) for entity in read.entities]


def test_emphasis_lists_and_links_are_shown() -> None:
    text, kinds = shown("**Zwrot**:\n- do 30 dni\n- [formularz](https://sklep.example/z?a=1&b=2)")
    assert text == "Zwrot:\n• do 30 dni\n• formularz"
    assert kinds == ["bold", "text_link"]
    assert to_html("[a](https://x.example/?a=1&b=2)") == '<a href="https://x.example/?a=1&amp;b=2">a</a>'


@pytest.mark.parametrize(
    "typed", ["<b>x</b> & \"y\" 'z'", "1 < 2 > 0", "<script>", "&lt;", "</a><tg-spoiler>", "**x**"]
)
def test_what_a_customer_typed_stays_text(typed: str) -> None:
    assert shown(escape(typed)) == (typed, [])


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc")), max_size=60))
def test_nothing_that_is_typed_can_have_a_message_refused(typed: str) -> None:
    parse_html(to_html(typed))
    assert shown(escape(typed))[0].strip() == typed.strip()


@pytest.mark.parametrize("filler", ["słowo ", "👩‍👩‍👧", "a&b<c> ", "**gruby** "])
def test_a_long_text_is_split_within_the_limit_and_loses_nothing(filler: str) -> None:
    """PLATFORM 12: at most 4096 UTF-16 units after parsing, never inside a surrogate pair, styles opened again."""
    text = filler * 2_000
    pieces = [shown(piece)[0] for piece in in_messages(text)]
    assert all(len(piece.encode("utf-16-le")) // 2 <= 4096 for piece in pieces)
    assert "".join(pieces).replace(" ", "") == to_plain(text).replace(" ", "")


def test_more_emphasis_than_telegram_keeps_makes_two_messages() -> None:
    assert len(in_messages("\n\n".join(["**x** y"] * 150))) == 2


def test_short_labels_stand_side_by_side_and_long_ones_alone() -> None:
    labels = ["Tak", "Nie", "Porozmawiaj z konsultantem", "Anuluj"]
    made = keyboard(tuple(Button(label, "a") for label in labels))
    assert made is not None
    rows = [[button.text for button in row] for row in made.inline_keyboard]
    assert rows == [["Tak", "Nie"], ["Porozmawiaj z konsultantem"], ["Anuluj"]]
    assert keyboard(()) is None


@pytest.mark.parametrize(("scores", "lengths"), [(5, [5]), (7, [7]), (11, [6, 5])])
def test_scores_stand_in_rows_of_much_the_same_length(scores: int, lengths: list[int]) -> None:
    made = keyboard((*(Button(str(score), "a") for score in range(scores)), Button("Nie pytaj więcej", "a")))
    assert made is not None
    assert [len(row) for row in made.inline_keyboard] == [*lengths, 1]


@pytest.mark.parametrize("action", ["", "ą" * 33])
def test_an_action_telegram_would_not_take_is_refused_before_sending(action: str) -> None:
    """PLATFORM 11: 64 bytes, not characters."""
    assert keyboard((Button("x", "ą" * 32),)) is not None
    with pytest.raises(PermanentDeliveryError, match="1 to 64"):
        keyboard((Button("x", action),))
