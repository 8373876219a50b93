from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.nlu_cli import nlu_app
from bot.nlu_noise import noisy
from bot.nlu_score import LEAST_TO_ACT, Answered, confused, curve, measure_bands, score
from bot.nlu_sets import LabelledText, SetError, read_set
from bot.nlu_thresholds import read_thresholds, write_thresholds
from bot.nlu_trial import never_trained_on
from handlers.bands import Bands, Thresholds, ThresholdsError
from handlers.nlu import Intent, ParsedMessage


def answered(wanted: str, *ranking: tuple[str, float]) -> Answered:
    intents = tuple(Intent(name, confidence) for name, confidence in ranking)
    return Answered(LabelledText("x", wanted, "en"), ParsedMessage("x", intents, language="en"))


def right(confidence: float) -> Answered:
    return answered("greet", ("greet", confidence), ("help", 0.01))


def wrong(confidence: float, second: str = "help") -> Answered:
    return answered("greet", ("goodbye", confidence), (second, 0.01))


def test_the_act_border_lies_where_97_percent_are_right() -> None:
    bands = measure_bands([*(right(0.9) for _ in range(97)), *(wrong(0.8) for _ in range(3)), wrong(0.7)])
    assert bands.act == 0.8


def test_below_one_half_nothing_is_acted_upon_however_good_the_set_looks() -> None:
    assert measure_bands([right(0.2) for _ in range(100)]).act == LEAST_TO_ACT


def test_the_ask_border_lies_where_80_percent_hold_the_right_one() -> None:
    sure = [right(0.9) for _ in range(100)]
    offers = [
        *(wrong(0.45, "greet") for _ in range(80)),
        *(wrong(0.4) for _ in range(20)),
        *(wrong(0.35) for _ in range(9)),
    ]
    assert measure_bands([*sure, *(wrong(0.6) for _ in range(9)), *offers]).ask <= 0.45


def test_out_of_scope_is_never_one_of_the_two_offers() -> None:
    assert answered("greet", ("goodbye", 0.5), ("out_of_scope", 0.4), ("greet", 0.1)).right_in_two


def test_refused_is_what_is_neither_acted_upon_nor_asked_about() -> None:
    strays = [answered("out_of_scope", ("out_of_scope", 0.9)), answered("out_of_scope", ("greet", 0.2))]
    result = score([*strays, right(0.9), right(0.1), right(0.6)], Bands(act=0.8, ask=0.5))
    assert (result.out_of_scope_recall, result.out_of_scope_refused) == (0.5, 1.0)
    assert result.false_alarms == 0
    assert result.in_scope_refused == pytest.approx(1 / 3)


def test_pairs_are_counted_most_confused_first() -> None:
    assert confused([wrong(0.9), wrong(0.9), answered("help")]) == (("greet", "goodbye", 2), ("help", "", 1))
    assert curve([right(0.9)])[0].right == 1.0


def test_noise_is_the_same_for_the_same_seed_and_strips_diacritics() -> None:
    first = noisy("Zażółć gęślą jaźń", random.Random(1))
    assert first == noisy("Zażółć gęślą jaźń", random.Random(1))
    assert first.isascii()
    assert noisy("123 🙏", random.Random(1)) == "123 🙏"


def test_sets_are_read_in_all_their_forms(tmp_path: Path) -> None:
    expected = [LabelledText("cześć", "greet", "pl")]
    (tmp_path / "x.pl.yml").write_text("greet: [cześć]")
    (tmp_path / "x.jsonl").write_text(json.dumps({"text": "cześć", "intent": "greet", "language": "pl"}) + "\n")
    (tmp_path / "x.tsv").write_text("text\tintent\tlanguage\ncześć\tgreet\tpl\n")
    for name in ("x.pl.yml", "x.jsonl", "x.tsv"):
        assert read_set(tmp_path / name) == expected


@pytest.mark.parametrize(
    ("name", "content"), [("x.yml", "greet: [a]"), ("x.pl.yml", "- a"), ("x.jsonl", "{"), ("x.tsv", "a\nb\n")]
)
def test_what_is_no_set_is_named(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(SetError, match=name):
        read_set(tmp_path / name)


def test_texts_that_training_has_are_not_scored(tmp_path: Path) -> None:
    (tmp_path / "intents").mkdir()
    text = "nlu:\n- intent: greet\n  metadata:\n    language: pl\n  examples: |\n    - Cześć!\n"
    (tmp_path / "intents" / "greet.yml").write_text(text)
    texts = [LabelledText("czesc", "greet", "pl"), LabelledText("hejka", "greet", "pl")]
    assert never_trained_on(texts, tmp_path) == texts[1:]


def test_thresholds_are_the_same_after_writing(tmp_path: Path) -> None:
    thresholds = Thresholds({"pl": Bands(0.812, 0.4), "en": Bands(0.5, 0.5)})
    write_thresholds(tmp_path / "thresholds.yml", thresholds)
    assert read_thresholds(tmp_path / "thresholds.yml") == thresholds
    with pytest.raises(ThresholdsError):
        read_thresholds(tmp_path / "missing.yml")


def test_bad_content_ends_the_command_with_code_1(tmp_path: Path) -> None:
    result = CliRunner().invoke(nlu_app, ["validate", "--content", str(tmp_path)])
    assert result.exit_code == 1
    assert "domain.yml:1" in result.stderr
