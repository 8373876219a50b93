from __future__ import annotations

import pytest

from handlers.language import asked_for, choose_language


@pytest.mark.parametrize(
    ("reading", "confidence", "hint", "default", "expected"),
    [
        ("en", 0.95, "pl", "pl", "en"),  # what is written counts more than the channel's hint
        ("pl", 0.9, "en", "en", "pl"),
        ("en", 0.89, "pl-PL", "en", "pl"),
        (None, 0.0, "pl", "en", "pl"),
        (None, 0.0, "PL-pl", "en", "pl"),
        (None, 0.0, "en-GB", "pl", "en"),
        (None, 0.0, "de", "pl", "en"),  # neither language is theirs: English serves better
        (None, 0.0, None, "pl", "pl"),
        (None, 0.0, "", "en", "en"),
        ("de", 0.99, None, "pl", "pl"),
    ],
)
def test_first_message_is_answered_in_what_it_is_written_in_else_by_hint_else_by_default(
    reading: str | None, confidence: float, hint: str | None, default: str, expected: str
) -> None:
    chosen = choose_language(
        current=None, chosen=False, reading=reading, confidence=confidence, words=1, hint=hint, default=default
    )
    assert chosen == expected


@pytest.mark.parametrize(
    ("reading", "confidence", "words", "chosen", "expected"),
    [
        ("en", 0.95, 2, False, "en"),
        ("en", 0.95, 1, False, "pl"),  # "ok", "stop" are no change of language
        ("en", 0.89, 9, False, "pl"),
        ("en", 1.0, 9, True, "pl"),  # their own choice holds
        ("de", 1.0, 9, False, "pl"),
        (None, 0.0, 9, False, "pl"),
        ("pl", 1.0, 9, False, "pl"),
    ],
)
def test_later_only_a_clear_message_of_two_words_changes_the_language(
    reading: str | None, confidence: float, words: int, chosen: bool, expected: str
) -> None:
    language = choose_language(
        current="pl", chosen=chosen, reading=reading, confidence=confidence, words=words, hint="en", default="en"
    )
    assert language == expected


@pytest.mark.parametrize(
    ("text", "current", "expected"),
    [
        ("po polsku proszę", "en", "pl"),
        ("po polsku", "pl", "pl"),
        ("Can we speak Polish?", "en", "pl"),
        ("in English please", "pl", "en"),
        ("po angielsku", "pl", "en"),
        ("ENG", "pl", "en"),
        ("zmień język", "pl", "en"),
        ("change the language", "en", "pl"),
        ("polski czy angielski?", "pl", "en"),  # both named: the other one
        ("zmień z polskiego na angielski", "pl", "en"),
        ("switch from English to Polish", "en", "pl"),
    ],
)
def test_the_language_asked_for_is_the_named_one_else_the_other(text: str, current: str, expected: str) -> None:
    assert asked_for(text, current) == expected
