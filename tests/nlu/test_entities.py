"""What is found in a text, with the patterns that we ship."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.nlu_environment import DEFAULT_CONTENT
from handlers.example_files import read_example_file

if TYPE_CHECKING:
    from components.entity_patterns import EntityPatterns


def shipped() -> EntityPatterns:
    from components.entity_patterns import EntityPatterns, Pattern

    yaml = YAML(typ="safe")
    pipeline = yaml.load(DEFAULT_CONTENT / "config.yml")["pipeline"]
    order = next(part["order"] for part in pipeline if "order" in part)
    blocks = [
        block for path in sorted((DEFAULT_CONTENT / "entities").glob("*.yml")) for block in yaml.load(path)["nlu"]
    ]

    def lines(block: dict[str, str]) -> list[str]:
        return [line.removeprefix("- ") for line in block["examples"].splitlines()]

    patterns = [Pattern(block["regex"], line) for block in blocks if "regex" in block for line in lines(block)]
    patterns.sort(key=lambda pattern: order.index(pattern.name))
    forms = {block["lookup"]: {line: line for line in lines(block)} for block in blocks if "lookup" in block}
    for block in blocks:
        if "synonym" in block:
            forms["product"].update(dict.fromkeys(lines(block), block["synonym"]))
    return EntityPatterns(patterns, forms)


PATTERNS = None


def found(text: str) -> dict[str, str]:
    global PATTERNS  # noqa: PLW0603 (compiled once)
    PATTERNS = PATTERNS or shipped()
    return {entity.name: entity.value for entity in PATTERNS.find(text)}


@pytest.mark.parametrize(
    ("text", "entities"),
    [
        ("co z ZAM-20481?", {"order_number": "ZAM-20481"}),
        ("zam nr 20481", {"order_number": "ZAM-20481"}),
        ("zam20481", {"order_number": "ZAM-20481"}),
        ("ord 12345 pls", {"order_number": "ORD-12345"}),
        ("zamówienie 2048", {"order_number": "2048"}),
        ("zamówienia nr: 600100200", {"order_number": "600100200"}),
        ("my order number is 20481", {"order_number": "20481"}),
        ("order #20481", {"order_number": "20481"}),
        ("gdzie 1048211", {"order_number": "1048211"}),
        ("mam 1234 pytania", {}),
        ("#1042", {"ticket_number": "1042"}),
        ("zgłoszenie nr 10423", {"ticket_number": "10423"}),
        ("any news on case 1042", {"ticket_number": "1042"}),
        ("ticket #77 please", {"ticket_number": "77"}),
        ("RR123456789PL", {"tracking_number": "RR123456789PL"}),
        ("1Z999AA10123456784", {"tracking_number": "1Z999AA10123456784"}),
        ("123456789012345678901234", {"tracking_number": "123456789012345678901234"}),
        ("13 cyfr: 1234567890123", {"tracking_number": "1234567890123"}),
        ("mój tel 600 100 200", {"phone": "+48600100200"}),
        ("600-100-200", {"phone": "+48600100200"}),
        ("+48 600100200", {"phone": "+48600100200"}),
        ("0048600100200", {"phone": "+48600100200"}),
        ("22 123 45 67", {"phone": "+48221234567"}),
        ("call +44 20 7946 0958", {"phone": "+442079460958"}),
        ("525-244-57-67", {"nip": "5252445767"}),
        ("525-24-45-767", {"nip": "5252445767"}),
        ("5252445767", {"nip": "5252445767"}),
        ("5252445768", {}),
        ("NIP: 525 244 57 68", {"nip": "5252445768"}),
        ("za 129,99 zł", {"amount": "129.99 PLN"}),
        ("1 299 zl", {"amount": "1299.00 PLN"}),
        ("£20 off", {"amount": "20.00 GBP"}),
        ("50 EUR", {"amount": "50.00 EUR"}),
        ("costs 1,299.50 dollars", {"amount": "1299.50 USD"}),
        ("12.05", {"date": "--05-12"}),
        ("12.05.2026", {"date": "2026-05-12"}),
        ("2026-05-12", {"date": "2026-05-12"}),
        ("12/05/2026", {"date": "2026-05-12"}),
        ("12.50", {}),
        ("31.02.2026", {}),
        ("otwarte 24/7?", {}),
        ("jutro rano", {"date": "tomorrow"}),
        ("w piątek", {"date": "friday"}),
        ("next Monday", {"date": "next monday"}),
        ("3 dni temu", {"date": "-3 day"}),
        ("15 sierpnia", {"date": "--08-15"}),
        ("June 3rd", {"date": "--06-03"}),
        ("pisz na jan.nowak@example.com.", {"email": "jan.nowak@example.com"}),
        ("reklamacja ekspresu do kawy", {"product": "ekspres do kawy"}),
        ("two KETTLES", {"product": "kettle"}),
        ("lampka i sluchawki", {"product": "słuchawki"}),
        ("dzień dobry", {}),
    ],
)
def test_entities_are_found_once_and_in_one_form(text: str, entities: dict[str, str]) -> None:
    assert found(text) == entities


@given(st.text(alphabet=st.sampled_from("0123456789 -+#./zamord@złPLN€ąŁ\u0130ß"), max_size=60))
def test_no_stretch_of_text_is_two_entities(text: str) -> None:
    patterns = shipped() if PATTERNS is None else PATTERNS
    spans = [(entity.start, entity.end) for entity in patterns.find(text)]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(spans))


def test_nearly_all_that_writers_marked_is_found() -> None:
    files = [read_example_file(path) for path in sorted((DEFAULT_CONTENT / "intents").glob("*.yml"))]
    marked = [(example.text, name) for file in files for example in file.examples for _, name in example.entities]
    missed = [(text, name) for text, name in marked if name not in found(text)]
    print(f"{len(missed)} of {len(marked)} marked entities are not found")
    assert len(missed) <= 0.06 * len(marked), missed
