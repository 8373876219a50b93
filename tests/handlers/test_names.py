from __future__ import annotations

import pytest

from handlers.content import Content, FirstName
from handlers.names import address
from handlers.texts import Catalogue, Texts

KNOWN = {
    "Anna": FirstName(vocative="Anno", sex="f"),
    "Marek": FirstName(vocative="Marku", sex="m"),
    "Łucja": FirstName(vocative="Łucjo", sex="f"),
}
TY, PAN, ENGLISH = Catalogue("ty")["pl"], Catalogue("pan")["pl"], Catalogue("ty")["en"]


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("Anna", TY, "Anno"),
        ("anna kowalska", TY, "Anno"),
        ("ANNA KOWALSKA", TY, "Anno"),
        ("łucja", TY, "Łucjo"),
        ("Marek", TY, "Marku"),
        ("Anna", PAN, "Pani Anno"),
        ("Marek Nowak", PAN, "Panie Marku"),
        ("Anna", ENGLISH, "Anna"),
        ("john smith", ENGLISH, "John"),
        ("JOHN", ENGLISH, "John"),
        ("LeBron", ENGLISH, "LeBron"),
        ("McKenzie Ford", ENGLISH, "McKenzie"),
    ],
)
def test_a_known_name_is_said_in_the_right_form(name: str, texts: Texts, expected: str) -> None:
    assert address(name, texts, KNOWN) == expected


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        (None, ENGLISH),
        ("", ENGLISH),
        ("  ", ENGLISH),
        ("\u200b", ENGLISH),
        ("🦄 Unicorn", ENGLISH),
        ("xX_anna_Xx", ENGLISH),
        ("Anna-Maria", ENGLISH),
        ("user4711", ENGLISH),
        ("A" * 21, ENGLISH),
        ("**Anna**", ENGLISH),
        ("John", TY),  # no vocative is known
        ("John", PAN),
        ("Pani Anna", TY),
    ],
)
def test_nobody_is_called_by_a_name_that_may_be_wrong(name: str | None, texts: Texts) -> None:
    assert address(name, texts, KNOWN) is None


def test_every_shipped_name_is_found_by_its_own_spelling(content: Content) -> None:
    assert [name for name in content.names if address(name, TY, content.names) != content.names[name].vocative] == []
