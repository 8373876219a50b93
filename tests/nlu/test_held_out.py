"""The held-out sets against the model that is trained from what we ship. Improve the content, never the sets."""

from __future__ import annotations

import pytest
from rich.console import Console

from bot.nlu_environment import DEFAULT_CONTENT
from bot.nlu_progress import log_progress
from bot.nlu_report import print_report
from bot.nlu_server import NLUServer, NLUServerSettings
from bot.nlu_sets import LANGUAGES, read_sets
from bot.nlu_thresholds import FILE_NAME, read_thresholds
from bot.nlu_trial import Trial, try_model


@pytest.fixture(scope="session")
async def trial(rasa_server: NLUServer) -> Trial:
    """After `rasa_server`, so that the model is there already."""
    measured = await try_model(NLUServerSettings(), read_sets([]), log_progress, measure_training=False)
    print_report(measured, Console(width=150), show_misread=True)
    return measured


@pytest.mark.parametrize("language", LANGUAGES)
def test_intents_are_right(trial: Trial, language: str) -> None:
    assert trial.clean[language].accuracy >= 0.95


@pytest.mark.parametrize("language", LANGUAGES)
def test_typos_and_missing_diacritics_are_borne(trial: Trial, language: str) -> None:
    assert trial.noisy[language].accuracy >= 0.92


@pytest.mark.parametrize("language", LANGUAGES)
def test_strays_are_refused_and_customers_are_not(trial: Trial, language: str) -> None:
    assert trial.clean[language].out_of_scope_refused >= 0.90
    assert trial.clean[language].in_scope_refused <= 0.05


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_told(trial: Trial, language: str) -> None:
    assert trial.clean[language].language_accuracy >= 0.97


def test_the_thresholds_we_ship_are_of_this_model(trial: Trial) -> None:
    """After a change of content: `supportbot nlu test --write-thresholds`."""
    shipped = read_thresholds(DEFAULT_CONTENT / FILE_NAME)
    for language, bands in trial.thresholds.by_language.items():
        assert shipped.of(language).act == pytest.approx(bands.act, abs=0.02)
        assert shipped.of(language).ask == pytest.approx(bands.ask, abs=0.02)
