from __future__ import annotations

import re

import pytest

from handlers import link_codes, phrases
from handlers.link_codes import TypedCode


def test_a_code_has_no_look_alikes_and_looks_like_no_word() -> None:
    made = [link_codes.new_code() for _ in range(500)]
    assert len(set(made)) == 500
    for alike in ("0O", "1IL", "2Z", "5S", "8B", "UV"):
        assert len(set("".join(made)) & set(alike)) <= 1, alike
    for code in made:
        assert re.fullmatch(r"[A-Z3-9]{8}", code)
        for half in (code[:4], code[4:]):
            assert any(char.isdigit() for char in half)
            assert any(char.isalpha() for char in half)
        assert link_codes.typed(link_codes.shown(code)) == TypedCode(code, has_link_word=False)


@pytest.mark.parametrize(
    ("text", "has_link_word"),
    [
        ("K7PQ-4MXR", False),
        ("k7pq-4mxr", False),
        ("K7PQ4MXR", False),
        ("K7PQ 4MXR", False),
        ("k7pq – 4mxr", None),
        ("k7pq–4mxr", False),
        ("  `K7PQ-4MXR`  ", False),
        ("**K7PQ-4MXR**.", False),
        ("kod: K7PQ-4MXR", False),
        ("link K7PQ-4MXR", True),
        ("/link k7pq4mxr", True),
        ("połącz K7PQ-4MXR", True),
        ("Połącz: „K7PQ-4MXR”", True),
        ("polacz k7pq 4mxr", True),
        ("mam kod K7PQ-4MXR i co teraz", None),
        ("K7PQ-4MXR K7PQ-4MXR", None),
        ("zamówienie K7PQ-4MXR", None),
        ("K7PQ-4MXRA", None),
        ("AK7PQ-4MXR", None),
        ("ZAM-20481", None),
        ("zam 20481", None),
        ("ORD 204819", None),
        ("20481234", None),
        ("2048-1234", None),
        ("RABAT-2024", None),
        ("MARKET24", None),
        ("WXYZKLMN", None),
        ("problemy", None),
        ("#1001", None),
        ("", None),
        ("połącz", None),
    ],
)
def test_only_a_text_that_is_nothing_but_a_code_is_one(text: str, has_link_word: bool | None) -> None:
    expected = None if has_link_word is None else TypedCode("K7PQ4MXR", has_link_word)
    assert link_codes.typed(text) == expected


def test_a_code_is_hidden_however_it_was_typed() -> None:
    for text in ("/link K7PQ-4MXR", "k7pq4mxr", "start:link-K7PQ4MXR", "link:k7pq 4mxr"):
        hidden = link_codes.without(text, "K7PQ4MXR")
        assert link_codes.HIDDEN in hidden
        assert "pq" not in hidden.lower()
    assert link_codes.without("A3CD-4EFG", "K7PQ4MXR") == "A3CD-4EFG"
    assert link_codes.without_codes("kod: **K7PQ-4MXR**, napisz /link K7PQ-4MXR") == (
        f"kod: **{link_codes.HIDDEN}**, napisz /link {link_codes.HIDDEN}"
    )


@pytest.mark.parametrize(
    "text",
    [
        "połącz konta", "Polacz konta", "chcę połączyć konta", "połącz moje konta!", "jak połączyć konta?",
        "połącz konto na Telegramie z kontem na Slacku", "połącz telegram ze slackiem", "/link", "link my accounts",
        "Link accounts",
        "how do I link my accounts?", "connect my Telegram to Slack", "please link my Telegram account",
    ],
)  # fmt: skip
def test_the_wish_to_link_is_read_without_the_model(text: str) -> None:
    assert phrases.asks_to_link(text)
    assert not phrases.asks_to_unlink(text)


@pytest.mark.parametrize(
    "text", ["rozłącz konta", "Rozlacz konto", "chcę rozłączyć konta", "/unlink", "unlink my accounts", "unlink Slack"]
)
def test_the_wish_to_unlink_is_read_without_the_model(text: str) -> None:
    assert phrases.asks_to_unlink(text)
    assert not phrases.asks_to_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "link", "połącz", "połącz z człowiekiem", "połącz mnie z konsultantem", "wyślij mi link do konta",
        "the link to my account does not work", "połącz konto z kartą podarunkową", "usuń konto", "nie łącz kont",
        "czy mogę połączyć zamówienia?", "connect me to a person", "link do śledzenia", "delete my account",
    ],
)  # fmt: skip
def test_other_wishes_are_left_alone(text: str) -> None:
    assert not phrases.asks_to_link(text)
    assert not phrases.asks_to_unlink(text)
