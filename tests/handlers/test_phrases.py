from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest

from handlers import phrases
from handlers.plain_text import fold


@pytest.mark.parametrize(
    "text",
    [
        "konsultant", "KONSULTANT!!", "Konsultanta proszę", "chcę człowieka", "Nie chcę bota, chcę człowieka",
        "człowiek", "agent", "human", "operator",
        "połącz mnie z konsultantem", "chcę porozmawiać z kimś", "połącz z pracownikiem", "daj mi kogoś z obsługi",
        "niech ktoś od was połączy mnie z konsultantem", "𝐤𝐨𝐧𝐬𝐮𝐥𝐭𝐚𝐧𝐭", "I want to talk to a human",
        "speak to someone", "connect me to an agent", "live agent", "real person please",
    ],
)  # fmt: skip
def test_a_plain_call_for_a_person_is_heard(text: str) -> None:
    assert phrases.asks_for_human(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "👍", "gdzie jest moja paczka", "nie chcę konsultanta", "bez konsultanta", "czy rozmawiam z człowiekiem?",
        "jesteś człowiekiem?", "are you a human?", "is this a real person", "konsultant był niemiły",
        "skarga na konsultanta", "the agent was helpful", "the operator was slow", "I don't want an agent",
        "your agent is great", "not a human",
        "wczoraj konsultant mówił że paczka przyjdzie jutro rano a dalej jej nie ma i co",
    ],
)  # fmt: skip
def test_talk_about_people_is_no_call_for_one(text: str) -> None:
    assert not phrases.asks_for_human(text)


@pytest.mark.parametrize(
    ("means", "yes", "no"),
    [
        (phrases.means_skip, ["Pomiń", "nie wiem", "I don't know", "dont have it", "SKIP!"], ["nie", "pomoc", ""]),
        (
            phrases.means_yes,
            ["Tak", "tak, zgadza się!", "OK", "that's right", "👍", "👍🏽", "✅"],
            ["nie", "takie", "👎", ""],
        ),
        (phrases.means_no, ["Nie.", "źle", "no", "wrong", "👎", "👎🏿", "❌"], ["tak", "nie wiem", "👍", ""]),
        (phrases.means_stop, ["Stop", "anuluj", "never mind", "jednak nie"], ["anuluj zamówienie", "nie", ""]),
    ],
)
def test_short_answers_mean_what_they_say(means: Callable[[str], bool], yes: list[str], no: list[str]) -> None:
    assert [text for text in yes if not means(text)] == []
    assert [text for text in no if means(text)] == []


SETS = {name: getattr(phrases, name) for name in ("_SKIP", "_YES", "_NO", "_STOP")}


@pytest.mark.parametrize("name", SETS)
def test_every_phrase_is_written_as_it_is_compared(name: str) -> None:
    assert [phrase for phrase in SETS[name] if fold(phrase) != phrase] == []


@pytest.mark.parametrize(("one", "other"), list(combinations(SETS, 2)))
def test_no_phrase_means_two_things(one: str, other: str) -> None:
    assert SETS[one] & SETS[other] == set()
