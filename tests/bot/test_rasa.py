from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.circuit import Circuit
from bot.rasa import RasaNLU
from bot.rasa_text import MAX_CHARACTERS, prepare
from handlers.nlu import Entity, Intent, NLUUnavailable

TOKEN = "hush"
GOOD: dict[str, Any] = {
    "text": "x",
    "intent": {"name": "greet", "confidence": 0.9},
    "intent_ranking": [{"name": "greet", "confidence": 0.9}, {"name": "goodbye", "confidence": 0.1}],
    "entities": [],
    "language": {"name": "pl", "confidence": 0.99},
    "model_id": "abc",
}


class FakeRasa:
    """Answers parse requests with `answer`, or does what `answer` raises; remembers what it was asked."""

    def __init__(self, answer: Callable[[dict[str, Any]], httpx.Response]) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.params["token"] == TOKEN
        if request.url.path == "/status":
            return httpx.Response(200, json={"model_file": "m1.tar.gz", "model_id": "abc"})
        self.asked.append(json.loads(request.content))
        return self.answer(self.asked[-1])

    def nlu(self, **settings: Any) -> RasaNLU:
        client = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return RasaNLU("http://rasa:5005/", TOKEN, client, **settings)


def answering(data: Any, status: int = 200) -> FakeRasa:
    return FakeRasa(lambda _: httpx.Response(status, content=data if isinstance(data, bytes) else json.dumps(data)))


async def test_a_reading_comes_back_as_ours() -> None:
    parsed = await answering(GOOD).nlu().parse("cześć", "1")
    assert parsed.intents == (Intent("greet", 0.9), Intent("goodbye", 0.1))
    assert (parsed.language, parsed.language_confidence, parsed.model) == ("pl", 0.99, "m1")


async def test_entities_stand_where_they_stand_in_the_customers_text() -> None:
    found = {"entity": "order_number", "start": 9, "end": 18, "value": "ZAM-20481"}
    rasa = answering(GOOD | {"entities": [found]})
    parsed = await rasa.nlu().parse("  /\u200bgdzie\u200b\tto ZAM-20481", "1")
    assert rasa.asked[0]["text"] == "gdzie to ZAM-20481"
    entity = parsed.entities[0]
    assert entity == Entity("order_number", "ZAM-20481", entity.start, entity.end)
    assert parsed.text[entity.start : entity.end] == "ZAM-20481"


@pytest.mark.parametrize(
    "data",
    [
        b"<html>",
        b"",
        [],
        {},
        GOOD | {"intent": None},
        GOOD | {"intent": {"confidence": 1.0}},
        GOOD | {"intent": {"name": 7, "confidence": 1.0}},
        GOOD | {"intent": {"name": "greet", "confidence": float("nan")}},
        GOOD | {"intent": {"name": "greet", "confidence": "high"}},
        GOOD | {"intent_ranking": {"greet": 1}},
        GOOD | {"entities": None},
        GOOD | {"entities": [{"entity": "date"}]},
        GOOD | {"entities": [{"entity": "date", "start": 5, "end": 900, "value": "x"}]},
    ],
)
async def test_nonsense_is_an_outage_not_a_reading(data: Any) -> None:
    with pytest.raises(NLUUnavailable):
        await answering(data).nlu().parse("cześć", "1")


async def test_no_intent_is_no_intent() -> None:
    parsed = await answering(GOOD | {"intent": {"name": None, "confidence": 0.0}}).nlu().parse("cześć", "1")
    assert parsed.intents == ()


async def test_a_server_error_is_tried_once_more() -> None:
    answers = iter([httpx.Response(500), httpx.Response(200, json=GOOD)])
    rasa = FakeRasa(lambda _: next(answers))
    assert (await rasa.nlu().parse("cześć", "1")).best == Intent("greet", 0.9)


@pytest.mark.parametrize(("status", "attempts"), [(500, 2), (401, 1), (409, 1)])
async def test_what_asking_again_cannot_change_is_not_asked_again(status: int, attempts: int) -> None:
    rasa = answering({}, status)
    with pytest.raises(NLUUnavailable):
        await rasa.nlu().parse("cześć", "1")
    assert len(rasa.asked) == attempts


async def test_a_server_that_keeps_failing_is_left_alone() -> None:
    def refuse(_: dict[str, Any]) -> httpx.Response:
        raise httpx.ConnectTimeout("no answer")

    rasa = FakeRasa(refuse)
    nlu = rasa.nlu(circuit=Circuit(failures_to_open=2, open_seconds=600))
    for _ in range(4):
        with pytest.raises(NLUUnavailable):
            await nlu.parse("cześć", "1")
    assert len(rasa.asked) == 4  # two messages, each twice; then nobody is asked


async def test_a_text_with_nothing_to_read_is_not_sent() -> None:
    rasa = answering(GOOD)
    assert (await rasa.nlu().parse(" /\u200b\n// ", "1")).intents == ()
    assert rasa.asked == []


async def test_neither_the_text_nor_the_token_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await answering(GOOD).nlu().parse("my secret", "1")
    assert TOKEN not in caplog.text
    assert "secret" not in caplog.text


@given(st.text(max_size=1500))
def test_whatever_is_typed_no_text_can_name_an_intent(text: str) -> None:
    prepared = prepare(text)
    assert not prepared.text.lstrip().startswith("/")
    assert prepared.text == prepared.text.strip()
    assert len(prepared.text) <= MAX_CHARACTERS
    prepared.text.encode()  # no lone surrogate is left
    assert len(prepared.origins) == len(prepared.text)
    for char, origin in zip(prepared.text, prepared.origins, strict=True):
        assert char in {text[origin], " "}
