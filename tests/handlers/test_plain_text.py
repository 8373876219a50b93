from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.plain_text import fold, has_words, is_only_emoji, readable, shorten, storable, word_count

anything = st.text(st.characters())  # surrogates and all


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ""),
        ("", ""),
        ("a\x00b", "ab"),
        ("ok \ud83d", "ok ?"),
        ("  dwie\nlinie\t", "  dwie\nlinie\t"),
        ("👩\u200d👧 zażółć", "👩\u200d👧 zażółć"),
    ],
)
def test_what_a_database_cannot_carry_is_taken_out_and_nothing_else(text: str | None, expected: str) -> None:
    assert storable(text) == expected


@given(anything)
def test_a_stored_text_can_be_encoded_and_has_no_nul(text: str) -> None:
    assert "\x00" not in storable(text).encode("utf-8").decode("utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  a \n\n b\t", "a b"),
        ("pa\u200bsz\u00adport", "paszport"),
        ("\u202eabc\u202c", "abc"),
        ("a\u0007b", "ab"),
        ("a\u2028b\u2029c\u0085d", "a b c d"),
        ("a\x0bb\x0cc", "a b c"),  # soft line breaks, as pasted from an office program
        ("a\u00a0b\u202fc", "a b c"),
        ("Zażółć gęślą jaźń!", "Zażółć gęślą jaźń!"),
        ("👍🏽", "👍🏽"),
        ("\x00\u200b", ""),
    ],
)
def test_a_text_is_shown_without_invisible_characters(text: str, expected: str) -> None:
    assert readable(text) == expected


@given(anything)
def test_a_readable_text_is_one_line_and_stays_as_it_is(text: str) -> None:
    shown = readable(text)
    assert readable(shown) == shown
    assert shown == " ".join(shown.split())
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in shown)


@pytest.mark.parametrize(
    ("text", "words", "emoji"),
    [
        ("👍", False, True),
        ("❤️", False, True),
        ("👍🏽 🎉", False, True),
        ("👨\u200d👩\u200d👧", False, True),
        ("🇵🇱", False, True),
        ("👍 ok", True, False),
        ("...", False, False),
        ("?!", False, False),
        ("", False, False),
        ("\u200b", False, False),
        ("1", True, False),
        ("ó", True, False),
        ("привет", True, False),
    ],
)
def test_words_and_emoji_are_told_apart(text: str, words: bool, emoji: bool) -> None:
    assert has_words(text) is words
    assert is_only_emoji(text) is emoji


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("a", 1), ("a - b", 2), ("👍 👍", 0), ("nie\ndziała\n\nlampa", 3), ("a,b", 1)]
)
def test_words_are_counted_without_lone_punctuation(text: str, count: int) -> None:
    assert word_count(text) == count


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("krótki", 6, "krótki"),
        ("krótkie", 6, "krótk…"),
        ("lampa nie działa", 15, "lampa nie…"),
        ("lampa, która nie działa", 8, "lampa…"),
        ("a bcdefghijkl", 8, "a bcdef…"),  # the last space lies too far back
        ("dwie\nlinie", 20, "dwie linie"),
    ],
)
def test_a_long_text_is_cut_at_a_word(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit) == expected


@given(anything, st.integers(min_value=1, max_value=60))
def test_a_shortened_text_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert short == readable(text) or short.endswith("…")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ZAŻÓŁĆ gęślą jaźń", "zazolc gesla jazn"),
        ("Zaz\u0307o\u0301łc\u0301", "zazolc"),  # decomposed, as some phones send it
        ("Łódź", "lodz"),
        ("don't  know!!", "don t know"),
        ("kon\u200bsultant", "konsultant"),
        ("𝐊𝐎𝐍𝐒𝐔𝐋𝐓𝐀𝐍𝐓", "konsultant"),
        ("#1042", "1042"),
        ("👍", ""),
    ],
)
def test_texts_are_compared_without_case_diacritics_and_punctuation(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_no_character_is_left_in_upper_case() -> None:
    letters = map(chr, [*range(0x2FFF), *range(0xA000, 0xABFF), *range(0xFB00, 0x10000), *range(0x1D400, 0x1F200)])
    assert [char for char in letters if (folded := fold(char)) != folded.lower()] == []
