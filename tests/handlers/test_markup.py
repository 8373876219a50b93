from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.markup import Line, Span, escape, parse, split, to_plain, unparse

LINK = "https://sklep.example/a?b=c"
one_line = st.text(st.characters(exclude_characters="\n"), min_size=1)
markup_heavy = st.text("ab*[]()\\-: ", min_size=1)


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("zwykły tekst", [Span("zwykły tekst")]),
        ("", []),
        ("a **b** c", [Span("a "), Span("b", bold=True), Span(" c")]),
        ("**a** **b**", [Span("a", bold=True), Span(" "), Span("b", bold=True)]),
        (f"[sklep]({LINK})", [Span("sklep", url=LINK)]),
        (f"**[sklep]({LINK})**", [Span("sklep", bold=True, url=LINK)]),
        (f"**w [sklepie]({LINK})**", [Span("w ", bold=True), Span("sklepie", bold=True, url=LINK)]),
        (r"\*\*a\*\*", [Span("**a**")]),
        (r"2 \* 3", [Span("2 * 3")]),
        (rf"\[sklep\]({LINK})", [Span(f"[sklep]({LINK})")]),
        (rf"[a\]b]({LINK})", [Span("a]b", url=LINK)]),
        ("2 * 3 * 4", [Span("2 * 3 * 4")]),
        ("**", [Span("**")]),
        ("**nie zamknięte", [Span("**nie zamknięte")]),
        ("[x](javascript:alert(1))", [Span("[x](javascript:alert(1))")]),
        ("[x](http://a b)", [Span("[x](http://a b)")]),
        (r"C:\temp", [Span(r"C:\temp")]),
    ],
)
def test_a_line_is_read_as_spans(text: str, spans: list[Span]) -> None:
    assert parse(text) == [Line(tuple(spans))]


def test_lines_that_begin_with_a_dash_and_a_space_are_items() -> None:
    assert parse("a:\n- **b**\n-c\n – d") == [
        Line((Span("a:"),)),
        Line((Span("b", bold=True),), item=True),
        Line((Span("-c"),)),
        Line((Span(" – d"),)),
    ]


@given(one_line | markup_heavy)
def test_what_a_customer_typed_stays_plain_words(text: str) -> None:
    assert parse(escape(text)) == [Line((Span(text),))]


@given(one_line | markup_heavy)
def test_what_a_customer_typed_can_stand_in_bold_and_in_a_label(text: str) -> None:
    assert parse(f"**{escape(text)}**") == [Line((Span(text, bold=True),))]
    assert parse(f"[{escape(text)}]({LINK})") == [Line((Span(text, url=LINK),))]


def test_a_customers_line_break_does_not_begin_a_list() -> None:
    assert parse(f"- {escape('a' + chr(10) + '- b')}") == [Line((Span("a - b"),), item=True)]


@pytest.mark.parametrize("text", ["- to nie lista", "-", "--- a"])
def test_a_leading_dash_of_a_person_makes_no_list(text: str) -> None:
    assert parse(escape(text)) == [Line((Span(text),))]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("a **b** c", "a b c"),
        (f"[sklep]({LINK})", f"sklep ({LINK})"),
        (f"Mamy:\n- **b**\n- [c]({LINK})", f"Mamy:\n• b\n• c ({LINK})"),
        (r"\*\*a", "**a"),
        ("a\n\nb", "a\n\nb"),
    ],
)
def test_plain_text_keeps_addresses_and_bullets(text: str, plain: str) -> None:
    assert to_plain(text) == plain


MARKED = st.lists(
    st.sampled_from(["słowo ", "**ważne** ", "[link](https://a.pl/x) ", "\n", "\n\n", "- punkt", "a" * 40, "\\*", " "]),
    max_size=40,
).map("".join)


@given(MARKED, st.integers(12, 60))
def test_a_long_text_is_split_into_pieces_that_fit_and_loses_no_word(text: str, most: int) -> None:
    pieces = split(text, lambda piece: len("".join(span.text for line in parse(piece) for span in line.spans)) <= most)
    assert pieces
    for piece in pieces:
        assert sum(len(span.text) for line in parse(piece) for span in line.spans) <= most
    assert "".join(words(text).split()) == "".join("".join(words(piece).split()) for piece in pieces)


def words(text: str) -> str:
    return " ".join("".join(span.text for span in line.spans) for line in parse(text))


def test_pieces_end_between_paragraphs_where_they_can() -> None:
    text = f"{'a ' * 20}\n\n{'b ' * 20}\n- {'c ' * 10}"
    assert split(text, lambda piece: len(piece) <= 70) == [("a " * 20), f"{'b ' * 20}\n- {'c ' * 10}"]


def test_bold_words_that_are_cut_stay_bold_on_both_sides() -> None:
    assert split("**raz dwa trzy**", lambda piece: len(piece) <= 12) == ["**raz dwa **", "**trzy**"]


@given(st.text(max_size=60))
def test_what_was_parsed_is_written_again_as_it_was_read(text: str) -> None:
    assert parse(unparse(parse(text))) == parse(text)
