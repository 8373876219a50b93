"""What contradicts the canonical answer is found; a paraphrase is none."""

from __future__ import annotations

import pytest

from handlers.audit import Verdict, compare, measures, score

RETURNS = (
    "Masz **14 dni** na zwrot, licząc od odbioru paczki. Zwrot jest bezpłatny przy zamówieniu od 299 zł.",
    "Towar możesz zwrócić w ciągu 14 dni od odebrania paczki. Produkt nie może być używany.",
)
OPEN = ("We are open Monday to Friday, 8:00-16:00. At weekends we do not answer the phone.",)


@pytest.mark.parametrize(
    ("said", "canonical", "verdict"),
    [
        (f"Cześć! {RETURNS[0]}", RETURNS, Verdict.SAME),
        ("Na zwrot paczki są dwa tygodnie od odbioru.", RETURNS, Verdict.PARAPHRASE),
        ("Może Pani zwrócić towar do czternastu dni, proszę wypełnić formularz ZW-7.", RETURNS, Verdict.PARAPHRASE),
        ("Zwrot towaru jest możliwy w 14 dni, zamówienie nr 123456 już widzę.", RETURNS, Verdict.PARAPHRASE),
        ("Na zwrot ma Pani 30 dni od odbioru paczki.", RETURNS, Verdict.CONTRADICTION),
        ("Zwrot towaru w ciągu miesiąca? Tak, 1 miesiąc od odbioru paczki.", RETURNS, Verdict.CONTRADICTION),
        ("Zwrot nie jest bezpłatny, ale mamy 14 dni.", RETURNS, Verdict.CONTRADICTION),
        ("Zwrot bezpłatny od 199 zł, w ciągu 14 dni od odbioru.", RETURNS, Verdict.CONTRADICTION),
        ("Już sprawdzam, chwileczkę.", RETURNS, Verdict.UNRELATED),
        ("", RETURNS, Verdict.MISSING),
        ("Monday to Friday from 8:00 until 16:00", OPEN, Verdict.PARAPHRASE),
        ("Open Monday to Friday, 9:00-17:00", OPEN, Verdict.CONTRADICTION),
        ("We answer the phone at weekends too, open Monday to Friday.", OPEN, Verdict.CONTRADICTION),
    ],
)
def test_what_contradicts_the_answer(said: str, canonical: tuple[str, ...], verdict: Verdict) -> None:
    assert compare(said, canonical).verdict is verdict


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("w ciągu 14 dni, od 1 299,50 zł", {"days": {14}, "money": {1299.5}}),
        ("PLN 299, two weeks, 2 lata", {"money": {299}, "days": {14, 720}}),
        ("rabat 10%, od 8:00, 12.12.2026, #1042", {"percent": {10}}),
        ("14 dni roboczych, 5 working days", {"days": {14, 5}}),
    ],
)
def test_numbers_are_read_with_what_they_count(text: str, found: dict[str, set[float]]) -> None:
    assert measures(text) == found


def test_the_score_leaves_out_what_is_no_answer() -> None:
    assert score([Verdict.SAME, Verdict.PARAPHRASE, Verdict.CONTRADICTION, Verdict.UNRELATED, Verdict.MISSING]) == 50.0
    assert score([Verdict.UNRELATED]) is None
