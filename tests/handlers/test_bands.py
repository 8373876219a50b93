from __future__ import annotations

import pytest

from handlers.bands import Band, Bands, Thresholds, ThresholdsError, band_of, misfits
from handlers.nlu import Intent, ParsedMessage

THRESHOLDS = Thresholds({"pl": Bands(act=0.8, ask=0.4), "en": Bands(act=0.6, ask=0.5)})


def parsed(name: str, confidence: float, language: str | None = "pl") -> ParsedMessage:
    return ParsedMessage("x", (Intent(name, confidence),), language=language)


@pytest.mark.parametrize(
    ("confidence", "language", "band"),
    [
        (1.0, "pl", Band.ACT),
        (0.8, "pl", Band.ACT),
        (0.7999, "pl", Band.ASK),
        (0.4, "pl", Band.ASK),
        (0.3999, "pl", Band.UNSURE),
        (0.0, "pl", Band.UNSURE),
        (0.6, "en", Band.ACT),
        (0.5, "en", Band.ASK),
        (0.79, None, Band.ASK),  # an unknown language gets the strictest borders of all
        (0.49, "de", Band.UNSURE),
    ],
)
def test_the_border_itself_belongs_to_the_better_band(confidence: float, language: str | None, band: Band) -> None:
    assert band_of(parsed("greet", confidence, language), THRESHOLDS) is band


def test_out_of_scope_is_said_at_once_however_sure() -> None:
    assert band_of(parsed("out_of_scope", 0.1), THRESHOLDS) is Band.OUT_OF_SCOPE


def test_no_reading_at_all_is_unsure() -> None:
    assert band_of(ParsedMessage("x"), THRESHOLDS) is Band.UNSURE


@pytest.mark.parametrize(("act", "ask"), [(0.4, 0.5), (1.1, 0.5), (0.5, -0.1), (float("nan"), 0.1)])
def test_bands_that_make_no_sense_are_refused(act: float, ask: float) -> None:
    with pytest.raises(ThresholdsError):
        Bands(act=act, ask=ask)


@pytest.mark.parametrize("data", [None, [], {}, {"pl": 3}, {"pl": {"act": 0.5}}, {"pl": {"act": "high", "ask": 0}}])
def test_a_wrong_file_of_thresholds_is_named_as_such(data: object) -> None:
    with pytest.raises(ThresholdsError):
        Thresholds.from_mapping(data)


def test_borders_that_a_new_model_moved_by_more_than_a_little_are_named() -> None:
    measured = {"pl": {"act": 0.71, "ask": 0.55}, "en": {"act": 0.75, "ask": 0.5}}
    assert misfits(THRESHOLDS, measured) == [("pl", "ask", 0.4, 0.55), ("en", "act", 0.6, 0.75)]
