"""Whatever people write can be taught, and never becomes anything but words: asked of Rasa's own loader."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.nlu_environment import NLUEnvironment
from bot.nlu_progress import log_progress
from handlers.content import Answer, Content
from handlers.content_folder import answer_file, intent_file
from handlers.example_files import read_example_file
from handlers.living_answers import AnswerRefused, body_of, checked
from handlers.training_markup import MOST_CHARACTERS, BadExample, Span, Utterance, clean, from_markup, to_markup

VARIANTS = ("pl", "pl@formal", "en")
TRICKS = [
    "- x", "[a](b)", "[a](date)", '[a]{"entity": "date"}', "[a][{}]", "${HOME}", "$HOME", "${A} ${B}",
    "## intent: greet", '{"a": 1}', "\\", "\\n", "\\u000a- x", "a\nb", "a\r\n- intent: x", "/intent",
    " //greet", "/", "'", '"', '"""', "#", "# x", ": ", "key: value", "---", "...", "|", ">", "&a", "*a",
    "!tag", "%TAG", "@", "`", "? x", "[", "]", "][", "{", "}", "](", "~", "null", "true", "1.0", "0x1F", "🙂",
    "👩‍👩‍👧", "🇵🇱", "שלום", "\u202eabc", "\u200b", "\ufeff", "\u2028- x", "\u2029", "\x85- x", "\x0b- x",
    "\x0c", "\x1c- x", "\x00", "\x07", "\x7f", "\ud800", "\ufffe", "\uffff", "\t- x", "é", "e\u0301",
    "\u0301", "x" * MOST_CHARACTERS,
]  # fmt: skip

words = st.text(st.one_of(st.characters(), st.sampled_from("[]{}()/\\-#:$ \n\t\"'&*!|>")), max_size=60)
texts = st.one_of(st.sampled_from(TRICKS), words, st.lists(st.sampled_from(TRICKS), max_size=4).map(" ".join))


@st.composite
def typed(draw: st.DrawFn) -> tuple[str, tuple[Span, ...]]:
    """Words somebody typed, and pieces of them they marked."""
    pieces, spans, text = draw(st.lists(texts, min_size=1, max_size=4)), [], ""
    for piece in pieces:
        if piece and draw(st.booleans()):
            more = (("value", draw(texts)),) if draw(st.booleans()) else ()
            spans.append(Span(len(text), len(text) + len(piece), draw(st.sampled_from(["date", "product"])), more))
        text += piece
    return text, tuple(spans)


def cleaned(text: str, spans: tuple[Span, ...]) -> Utterance | None:
    try:
        return clean(text, spans)
    except BadExample:
        return None


@given(typed())
def test_cleaning_twice_changes_nothing_and_a_line_is_read_back_as_it_was(what: tuple[str, tuple[Span, ...]]) -> None:
    utterance = cleaned(*what)
    if utterance is not None:
        assert clean(utterance.text, utterance.spans) == utterance
        assert from_markup(to_markup(utterance)) == utterance
        assert "\n" not in to_markup(utterance)


@pytest.mark.parametrize("trick", ["- x", "## intent: greet", "'", "null", "🙂", "שלום", "x" * MOST_CHARACTERS])
def test_harmless_words_are_kept_as_they_are(trick: str) -> None:
    assert clean(trick).text == trick


@pytest.mark.parametrize(
    ("trick", "kept"),
    [
        ("[a](b)", "(a)(b)"),
        ("${HOME}", "$(HOME)"),
        ("/greet", "greet"),
        ("a\r\n- b", "a  - b"),
        ('{"a": 1}', '("a": 1)'),
    ],
)
def test_what_would_be_markup_is_words(trick: str, kept: str) -> None:
    assert clean(trick).text == kept


def as_rasa_reads(language: str, utterance: Utterance, intent: str) -> dict[str, Any]:
    entities = [
        {
            "start": span.start, "end": span.end, "name": span.name,
            "value": dict(span.more).get("value", utterance.text[span.start : span.end]),
        }
        for span in utterance.spans
    ]  # fmt: skip
    return {"intent": intent, "text": utterance.text, "language": language, "entities": entities}


def examples_of_every_kind() -> list[tuple[str, Utterance]]:
    """Each trick alone, all hypothesis comes up with, and an all-ASCII file's worth of backslashes."""
    found: dict[str, tuple[str, Utterance]] = {}

    @settings(max_examples=400, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(typed(), st.sampled_from(["pl", "en"]))
    def collect(what: tuple[str, tuple[Span, ...]], language: str) -> None:
        utterance = cleaned(*what)
        if utterance is not None:
            found.setdefault(f"{language}{to_markup(utterance)}", (language, utterance))

    collect()
    for trick in TRICKS:
        utterance = cleaned(trick, ())
        if utterance is not None:
            found.setdefault(f"pl{to_markup(utterance)}", ("pl", utterance))
    return list(found.values())


async def read_by_rasa(*paths: Path) -> list[list[dict[str, Any]]]:
    environment = NLUEnvironment()
    await environment.install(log_progress)
    process = await asyncio.create_subprocess_exec(
        str(environment.python), str(Path(__file__).parent / "rasa_load.py"), *map(str, paths),
        env=environment.variables() | {"HOME": "/smuggled"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return [json.loads(line) for line in out.decode().splitlines()]


def in_order(read: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(one, sort_keys=True) for one in read)


async def test_rasa_reads_from_the_file_exactly_what_people_wrote(tmp_path: Path) -> None:
    every = examples_of_every_kind()
    assert len(every) > 200
    ascii_only = [(language, one) for language, one in every if to_markup(one).isascii() and "\\" in one.text]
    written = {"every": every, "ascii": ascii_only, "empty": []}
    for name, examples in written.items():
        (tmp_path / f"{name}.yml").write_text(intent_file(name, examples), encoding="utf-8", newline="\n")
    read = await read_by_rasa(*(tmp_path / f"{name}.yml" for name in written))
    for (name, examples), found in zip(written.items(), read, strict=True):
        assert in_order(found) == in_order([as_rasa_reads(*example, name) for example in examples])
        ours = read_example_file(tmp_path / f"{name}.yml")
        assert ours.problems == ()
        assert {(one.language, from_markup(one.source)) for one in ours.examples} == set(examples)


@given(st.lists(texts, min_size=1, max_size=3), texts)
def test_an_answers_words_are_read_back_as_they_were(content: Content, wordings: list[str], owner: str) -> None:
    fields = {"owner": owner, "review_by": "2027-01-01", "wordings": dict.fromkeys(VARIANTS, wordings)}
    try:
        answer = checked("newsletter", fields, content)
    except AnswerRefused:
        return
    assert Answer.model_validate(YAML(typ="safe", pure=True).load(answer_file(body_of(answer)))) == answer
