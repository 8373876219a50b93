from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from handlers.content_file import ContentError, read_model, read_yaml


class Lamp(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    watts: int = 5


class Shop(BaseModel):
    lamps: dict[str, Lamp]
    colours: tuple[str, ...] = ()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "shop.yml"


def test_a_good_file_becomes_the_model(path: Path) -> None:
    path.write_text("lamps:\n  a: {name: Łuna, watts: 7}\ncolours: [biały]\n", encoding="utf-8")
    assert read_model(path, Shop) == Shop(lamps={"a": Lamp(name="Łuna", watts=7)}, colours=("biały",))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("lamps:\n  a:\n    name: A\n    watts: dużo\n", 4, "lamps.a.watts: Input should be a valid integer"),
        ("lamps:\n  a: {name: A}\n  b:\n    watts: 3\n", 3, "lamps.b.name: Field required"),
        ("lamps:\n  a:\n    name: A\n    colour: red\n", 4, "lamps.a.colour: Extra inputs are not permitted"),
        ("lamps:\n  a: {name: A}\n  b: Łuna\n", 3, "lamps.b: Input should be a valid dictionary"),
        ("lamps: {}\ncolours:\n  - biały\n  - 7\n", 4, "colours.1: Input should be a valid string"),
        ("# nothing but a comment\n", 1, "Input should be a valid dictionary"),
        ("", 1, "Input should be a valid dictionary"),
        ("- a\n- b\n", 1, "Input should be a valid dictionary"),
        ("lamps: {}\nlamps: {}\n", 2, 'found duplicate key "lamps"'),
        ("lamps:\n  a: [1,\n", 3, ""),
        ("lamps:\n\ta: 1\n", 2, "found character '\\t' that cannot start any token"),
        ("lamps: \u0001\n", 1, "special characters are not allowed"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_reason(path: Path, text: str, line: int, reason: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        read_model(path, Shop)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert reason in str(refused.value)


def test_a_file_saved_in_another_encoding_is_told_by_its_line(path: Path) -> None:
    path.write_bytes("lamps: {}\n# żarówka\n".encode("cp1250"))
    with pytest.raises(ContentError, match=r"shop\.yml:2: the file is not saved as UTF-8"):
        read_yaml(path)


def test_a_missing_file_is_told(path: Path) -> None:
    with pytest.raises(ContentError, match=r"shop\.yml: the file is missing"):
        read_yaml(path)
