from __future__ import annotations

from pathlib import Path

import pytest

from handlers.texts import Catalogue, UnknownText

HEADER = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);\\n"
"""


def entry(key: str, text: str) -> str:
    return f'\nmsgid "{key}"\nmsgstr "{text}"\n'


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Catalogues with a text for both registers, a text for one, a plural and a text only English has."""
    plural = (
        '\nmsgid "n"\nmsgid_plural "n"\nmsgstr[0] "{count} sprawa"\nmsgstr[1] "{count} sprawy"\nmsgstr[2] "spraw"\n'
    )
    files = {
        "pl": entry("hello", "Cześć, {name}") + entry("both", "Wspólne") + plural,
        "pl@formal": entry("hello", "Dzień dobry, {name}"),
        "en": entry("hello", "Hello, {name}") + entry("english", "Only English"),
    }
    for name, text in files.items():
        folder = tmp_path / name / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "supportbot.po").write_text(HEADER + text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("register", "language", "expected"),
    [
        ("ty", "pl", "Cześć, Anno"),
        ("pan", "pl", "Dzień dobry, Anno"),
        ("ty", "en", "Hello, Anno"),
        ("pan", "en", "Hello, Anno"),
    ],
)
def test_each_language_and_register_has_its_own_words(
    directory: Path, register: str, language: str, expected: str
) -> None:
    assert Catalogue(register, directory)[language]("hello", name="Anno") == expected


def test_a_text_not_reworded_for_formal_terms_is_taken_from_polish(directory: Path) -> None:
    formal = Catalogue("pan", directory)["pl"]
    assert formal("both") == "Wspólne"
    assert formal.plural("n", 2) == "2 sprawy"


@pytest.mark.parametrize("register", ["ty", "pan"])
def test_a_key_the_language_lacks_is_a_fault_and_never_said(directory: Path, register: str) -> None:
    texts = Catalogue(register, directory)["pl"]
    with pytest.raises(UnknownText, match="pl: english"):
        texts("english")
    with pytest.raises(UnknownText, match="pl: m"):
        texts.plural("m", 2)


def test_a_missing_value_is_a_fault(directory: Path) -> None:
    with pytest.raises(KeyError, match="name"):
        Catalogue("ty", directory)["pl"]("hello")


def test_a_language_we_do_not_have_is_refused() -> None:
    with pytest.raises(KeyError):
        Catalogue()["de"]


@pytest.mark.parametrize(
    ("register", "language", "variants"),
    [("ty", "pl", ("pl",)), ("pan", "pl", ("pl@formal", "pl")), ("ty", "en", ("en",)), ("pan", "en", ("en",))],
)
def test_content_is_looked_for_in_the_most_fitting_variant_first(
    register: str, language: str, variants: tuple[str, ...]
) -> None:
    assert Catalogue(register)[language].variants == variants
