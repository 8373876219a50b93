"""The components' tests: the pure ones here, the numeric ones in Rasa's own environment."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu_environment import NLUEnvironment
from bot.nlu_progress import log_progress


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("Zażółć GĘŚLĄ", "zazolc gesla"),
        ("haaaalooo", "halo"),
        ("zamówienie  1000", "zamowienie 1000"),
        ("ﬁlter ｋettle", "filter ketle"),
        ("łódź", "lodz"),
    ],
)
def test_spellings_of_the_same_word_look_alike(typed: str, seen: str) -> None:
    from components.normalise import normalise

    assert normalise(typed) == seen


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    from components.normalise import normalise

    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("gdzie jest moja paczka", "gdzie jest moja paczka"),
        ("gdize jest moja paczkka", "gdzie jest moja paczka"),
        ("gdzie jset mja pcazuka", "gdzie jest moja paczka"),
        ("xyzzy 123 qqq", "xyzzy 123 qqq"),
        ("", ""),
    ],
)
def test_typos_are_read_as_known_words(typed: str, read: str) -> None:
    from components.typos import TypoMapper

    assert TypoMapper.fit(["gdzie jest moja paczka", "gdzie moja paczka"]).apply(typed) == read


def test_the_neighbouring_words_decide_between_two_readings() -> None:
    from components.typos import TypoMapper

    mapper = TypoMapper.fit(["my code fails", "my code", "the core melts"])
    assert mapper.apply("the cote melts") == "the core melts"
    assert mapper.apply("my cote fails") == "my code fails"


def test_a_very_long_word_costs_no_time() -> None:
    from components.typos import TypoMapper

    word = "abcdefghij" * 100
    began = time.process_time()
    assert TypoMapper.fit(["gdzie jest moja paczka", word]).apply(f"{word}x") == f"{word}x"
    assert time.process_time() - began < 0.2


@given(st.text(alphabet="abc", max_size=7), st.text(alphabet="abc", max_size=7))
def test_slips_are_counted_the_same_both_ways(left: str, right: str) -> None:
    from components.typos import slips_between

    assert slips_between(left, right) == slips_between(right, left)
    assert (slips_between(left, right) == 0) == (left == right)


async def test_the_numeric_components_pass_their_tests_in_rasas_environment() -> None:
    environment = NLUEnvironment()
    await environment.install(log_progress)
    process = await asyncio.create_subprocess_exec(
        *(str(environment.python), "-m", "unittest", "discover", "-s", "tests", "-t", "."),
        cwd=environment.project,
        env=environment.variables(),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
