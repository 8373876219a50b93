from __future__ import annotations

import pytest
from pydantic import ValidationError

from handlers.cliches import Cliches
from handlers.content import Content

CLICHES = Cliches.model_validate({"pl": ["dołoż* wszelkich starań", "za niedogodności"], "en": ["don't hesitate"]})


@pytest.mark.parametrize(
    ("text", "language", "hints"),
    [
        ("Dołożymy wszelkich starań, Anno!", "pl", ("Dołożymy wszelkich starań",)),
        ("DOLOZE  wszelkich\nstaran", "pl", ("DOLOZE  wszelkich\nstaran",)),
        (
            "Za niedogodności przepraszamy. Dołożę wszelkich starań.",
            "pl",
            ("Za niedogodności", "Dołożę wszelkich starań"),
        ),
        ("Za niedogodności. Za niedogodności.", "pl", ("Za niedogodności", "Za niedogodności")),
        ("Please don’t hesitate to write", "en", ("don’t hesitate",)),
        ("Please don't hesitate to write", "pl", ()),
        ("Nie dołożymy nowych starań", "pl", ()),
        ("za niedogodnościami", "pl", ()),
        ("Wyślemy paczkę jutro.", "pl", ()),
        ("", "pl", ()),
    ],
)
def test_an_agent_is_shown_the_empty_phrases_of_the_draft_as_they_wrote_them(
    text: str, language: str, hints: tuple[str, ...]
) -> None:
    assert CLICHES.hints(text, language) == hints


def test_of_phrases_that_begin_alike_the_longest_is_shown() -> None:
    both = Cliches.model_validate({"pl": ["za wszelkie niedogodności", "za wszelkie"], "en": []})
    assert both.hints("Przepraszamy za wszelkie niedogodności.", "pl") == ("za wszelkie niedogodności",)


@pytest.mark.parametrize("phrase", ["", "*", "…"])
def test_a_phrase_that_would_fit_everything_is_refused(phrase: str) -> None:
    with pytest.raises(ValidationError, match="a phrase without words"):
        Cliches.model_validate({"pl": [phrase], "en": []})


@pytest.mark.parametrize("language", ["pl", "en"])
def test_every_shipped_phrase_is_found(content: Content, language: str) -> None:
    phrases = content.cliches.pl if language == "pl" else content.cliches.en
    said = {phrase: phrase.replace("*", "ymy") for phrase in phrases}
    assert [phrase for phrase, text in said.items() if not content.cliches.hints(f"Hm, {text}.", language)] == []
