from __future__ import annotations

from pathlib import Path

import pytest

from bot.nlu_environment import DEFAULT_CONTENT
from bot.nlu_validate import validate_content
from handlers.training_checks import LEAST_EXAMPLES

HEAD = 'version: "3.1"\nnlu:\n'


def block(intent: str, language: str, *examples: str) -> str:
    lines = "".join(f"    - {example}\n" for example in examples)
    return f"- intent: {intent}\n  metadata:\n    language: {language}\n  examples: |\n{lines}"


def enough(language: str, word: str) -> list[str]:
    return [f"{word} {language} {number}" for number in range(LEAST_EXAMPLES)]


@pytest.fixture
def content(tmp_path: Path) -> Path:
    (tmp_path / "intents").mkdir()
    (tmp_path / "entities").mkdir()
    (tmp_path / "domain.yml").write_text("intents: [greet, goodbye]\nentities: [date]\n")
    for intent in ("greet", "goodbye"):
        text = HEAD + block(intent, "pl", *enough("pl", intent)) + block(intent, "en", *enough("en", intent))
        (tmp_path / "intents" / f"{intent}.yml").write_text(text)
    return tmp_path


def add(content: Path, *examples: str) -> int:
    """Add a block to greet.yml; the line of its first example."""
    path = content / "intents" / "greet.yml"
    before = path.read_text()
    path.write_text(before + block("greet", "en", *examples))
    return before.count("\n") + 5


def messages(content: Path) -> list[str]:
    return [str(problem).removeprefix(str(content)) for problem in validate_content(content).problems]


def test_the_content_we_ship_is_in_order() -> None:
    assert [str(problem) for problem in validate_content(DEFAULT_CONTENT).problems] == []


def test_good_content_has_no_problems(content: Path) -> None:
    assert messages(content) == []


@pytest.mark.parametrize(
    ("example", "complaint"),
    [
        ("/start", "command"),
        ("costs ${HOME}", "environment"),
        ("see [this", "bracket"),
        ("on [Monday](weekday)", "no entity called weekday"),
        ("on [Monday ](date)", "space"),
        ("GREET en, 3!", "the same as"),
        ("goodbye EN 3", "where it is goodbye"),
    ],
)
def test_a_bad_example_is_named_with_its_line(content: Path, example: str, complaint: str) -> None:
    line = add(content, "fine words", example)
    found = messages(content)
    assert len(found) == 1
    assert found[0].startswith(f"/intents/greet.yml:{line + 1}: ")
    assert complaint in found[0]


def test_too_few_examples_are_counted_by_language(content: Path) -> None:
    path = content / "intents" / "greet.yml"
    path.write_text(HEAD + block("greet", "pl", *enough("pl", "greet")) + block("greet", "en", "hello"))
    assert messages(content) == [f"/intents/greet.yml:1: 1 examples in en; at least {LEAST_EXAMPLES} are needed"]


def test_files_and_domain_must_name_the_same_intents(content: Path) -> None:
    (content / "intents" / "goodbye.yml").rename(content / "intents" / "farewell.yml")
    found = "\n".join(messages(content))
    assert "there is no intents/goodbye.yml" in found
    assert "no intent called farewell" in found


def test_what_is_not_yaml_is_told_with_its_line(content: Path) -> None:
    (content / "intents" / "greet.yml").write_text(HEAD + "- intent: [")
    assert any("/intents/greet.yml:3: not YAML" in message for message in messages(content))


def test_a_pattern_that_does_not_compile_is_told(content: Path) -> None:
    (content / "entities" / "date.yml").write_text(HEAD + "- regex: date\n  examples: |\n    - fine\n    - (\n")
    assert any("/entities/date.yml:6: not a regular expression" in message for message in messages(content))
