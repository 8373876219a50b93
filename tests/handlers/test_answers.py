from __future__ import annotations

from datetime import UTC, datetime

import pytest

from handlers.answers import choose_wording, variables
from handlers.content import VARIABLES, Content
from handlers.content_file import ContentError
from handlers.texts import Catalogue
from tests.bot_under_test import MONDAY_NOON, SATURDAY_NIGHT

SEEDS = [f"seed-{number}" for number in range(40)]
PLAIN, OTHER, NAMED, CLOSED = "Bez imienia.", "Inaczej.", "{name}, proszę.", "Wracamy {next_opening}."


def chosen(wordings: tuple[str, ...], values: dict[str, str]) -> set[str]:
    """All that is said over many conversations."""
    return {choose_wording(wordings, values, seed) for seed in SEEDS}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, {PLAIN, OTHER}),
        ({"name": "Anno"}, {PLAIN, OTHER, "Anno, proszę."}),
        ({"next_opening": "jutro o 8:00"}, {"Wracamy jutro o 8:00."}),
        ({"name": "Anno", "next_opening": "jutro o 8:00"}, {"Wracamy jutro o 8:00."}),
    ],
)
def test_only_wordings_that_can_be_filled_are_said_and_the_one_for_closed_hours_first(
    values: dict[str, str], said: set[str]
) -> None:
    assert chosen((PLAIN, OTHER, NAMED, CLOSED), values) == said


def test_the_same_turn_is_answered_in_the_same_words() -> None:
    assert len({choose_wording((PLAIN, OTHER), {}, "a") for _ in range(5)}) == 1


@pytest.mark.parametrize("wordings", [(), (NAMED,), (NAMED, CLOSED)])
def test_nothing_that_could_be_said_is_an_error_not_half_a_sentence(wordings: tuple[str, ...]) -> None:
    with pytest.raises(ContentError):
        choose_wording(wordings, {}, "a")


@pytest.mark.parametrize(
    ("register", "language", "name", "now", "expected"),
    [
        ("ty", "pl", "anna", MONDAY_NOON, {"name": "Anno"}),
        ("pan", "pl", "Anna", MONDAY_NOON, {"name": "Pani Anno"}),
        ("ty", "en", "Anna", MONDAY_NOON, {"name": "Anna"}),
        ("ty", "pl", None, MONDAY_NOON, {}),
        ("ty", "pl", "Xyz", MONDAY_NOON, {}),
        ("ty", "pl", None, SATURDAY_NIGHT, {"next_opening": "w poniedziałek o 8:00"}),
        ("ty", "en", None, SATURDAY_NIGHT, {"next_opening": "on Monday at 8:00"}),
        ("ty", "pl", None, datetime(2026, 12, 23, 17, 0, tzinfo=UTC), {"next_opening": "w poniedziałek o 8:00"}),
    ],
)
def test_name_and_next_opening_are_known_only_when_they_are(
    content: Content, register: str, language: str, name: str | None, now: datetime, expected: dict[str, str]
) -> None:
    values = variables(content, Catalogue(register)[language], name, now)
    assert {key: values[key] for key in ("name", "next_opening") if key in values} == expected


def test_facts_are_in_the_language_of_the_conversation(content: Content) -> None:
    polish = variables(content, Catalogue()["pl"], None, MONDAY_NOON)
    english = variables(content, Catalogue()["en"], None, MONDAY_NOON)
    assert polish["free_delivery_from"] == "299 zł"
    assert english["free_delivery_from"] == "PLN 299"
    assert polish["opening_hours"] == "pon.–pt. 8:00–18:00, sob. 9:00–14:00"
    assert english["opening_hours"] == "Mon–Fri 8:00–18:00, Sat 9:00–14:00"
    assert polish["return_days"] == english["return_days"] == "14"


def test_every_variable_that_content_may_use_is_provided(content: Content) -> None:
    assert set(variables(content, Catalogue()["pl"], "Anna", SATURDAY_NIGHT)) == VARIABLES
