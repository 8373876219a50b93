"""Our NLU protocol over Rasa's HTTP API. Neither texts nor the token are ever logged."""

from __future__ import annotations

import logging
import math
import time
from typing import Any

import httpx

from bot.circuit import Circuit
from bot.rasa_text import PreparedText, prepare
from handlers.nlu import Entity, Intent, NLUUnavailable, ParsedMessage

TIMEOUT_SECONDS = 2.0
ATTEMPTS = 2
_MODEL_SUFFIX = ".tar.gz"


class _NonsenseError(Exception):
    """The answer is not what Rasa's parse endpoint promises."""


def _confidence(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _NonsenseError("a confidence is not a number")
    return min(max(float(value), 0.0), 1.0)


def _intent(data: Any) -> Intent | None:
    """None for Rasa's "no intent", whose name is null."""
    if not isinstance(data, dict) or "name" not in data:
        raise _NonsenseError("an intent has no name")
    name = data["name"]
    if name is None:
        return None
    if not isinstance(name, str) or not name:
        raise _NonsenseError("an intent's name is not a text")
    return Intent(name, _confidence(data.get("confidence")))


def _intents(data: dict[str, Any]) -> tuple[Intent, ...]:
    best = _intent(data.get("intent"))
    if best is None:
        return ()
    ranking = data.get("intent_ranking") or []
    if not isinstance(ranking, list):
        raise _NonsenseError("the ranking is not a list")
    others = [intent for entry in ranking if (intent := _intent(entry)) is not None and intent.name != best.name]
    return (best, *others)


def _entity(data: Any, prepared: PreparedText) -> Entity:
    try:
        start, end = prepared.span_in_original(int(data["start"]), int(data["end"]))
        return Entity(name=str(data["entity"]), value=str(data["value"]), start=start, end=end)
    except (KeyError, TypeError, ValueError) as error:
        raise _NonsenseError("an entity is incomplete") from error


def _language(data: dict[str, Any]) -> tuple[str | None, float]:
    """The tagger's reading; none where the model has no tagger."""
    tag = data.get("language")
    if not isinstance(tag, dict) or not isinstance(tag.get("name"), str):
        return None, 0.0
    return tag["name"], _confidence(tag.get("confidence"))


def read_answer(data: Any, text: str, prepared: PreparedText) -> ParsedMessage:
    """Rasa's JSON → ours, offsets into `text`. Raises _NonsenseError."""
    if not isinstance(data, dict):
        raise _NonsenseError("the answer is not an object")
    entities = data.get("entities")
    if not isinstance(entities, list):
        raise _NonsenseError("there is no list of entities")
    language, confidence = _language(data)
    return ParsedMessage(
        text=text,
        intents=_intents(data),
        entities=tuple(_entity(entity, prepared) for entity in entities),
        language=language,
        language_confidence=confidence,
    )


class RasaNLU:
    """Reads texts with a Rasa server: two attempts of 2 s each, then NLUUnavailable."""

    def __init__(self, url: str, token: str, client: httpx.AsyncClient, circuit: Circuit | None = None) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._client = client
        self._circuit = circuit or Circuit()
        self._model_names: dict[str, str] = {}
        # httpx logs each URL at INFO, and Rasa takes its token nowhere but in the URL.
        logging.getLogger("httpx").setLevel(logging.WARNING)

    async def parse(self, text: str, message_id: str) -> ParsedMessage:
        """As `handlers.nlu.NLU.parse`. A text with nothing to read in it has no intents; Rasa is not asked."""
        prepared = prepare(text)
        if not prepared.text:
            return ParsedMessage(text=text)
        if not self._circuit.allows(time.monotonic()):
            raise NLUUnavailable("the language server has failed too often just now")
        try:
            data = await self._ask(prepared.text, message_id)
            parsed = read_answer(data, text, prepared)
            model = await self._model_name(data)
        except _NonsenseError as error:
            self._circuit.failed(time.monotonic())
            raise NLUUnavailable(f"the language server answered nonsense: {error}") from error
        except NLUUnavailable:
            self._circuit.failed(time.monotonic())
            raise
        self._circuit.succeeded()
        return ParsedMessage(
            text=parsed.text,
            intents=parsed.intents,
            entities=parsed.entities,
            language=parsed.language,
            language_confidence=parsed.language_confidence,
            model=model,
        )

    async def _ask(self, text: str, message_id: str) -> Any:
        last: Exception | None = None
        for _ in range(ATTEMPTS):
            try:
                response = await self._request("POST", "/model/parse", {"text": text, "message_id": message_id})
            except httpx.HTTPError as error:
                last = error
                continue
            if response.status_code == httpx.codes.OK:
                return _json(response)
            last = NLUUnavailable(f"the language server answered {response.status_code}")
            if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                break  # a wrong token or no model: asking again changes nothing
        if isinstance(last, NLUUnavailable):
            raise last
        raise NLUUnavailable(f"the language server cannot be reached: {type(last).__name__}") from last

    async def _request(self, method: str, path: str, body: dict[str, str] | None = None) -> httpx.Response:
        return await self._client.request(
            method, self._url + path, params={"token": self._token}, json=body, timeout=TIMEOUT_SECONDS
        )

    async def _model_name(self, data: dict[str, Any]) -> str:
        """The name of the model file behind the id in the answer; the id itself where the server will not say."""
        model_id = data.get("model_id")
        if not isinstance(model_id, str):
            return ""
        if model_id not in self._model_names:
            try:
                response = await self._request("GET", "/status")
                status = _json(response) if response.status_code == httpx.codes.OK else {}
            except (httpx.HTTPError, _NonsenseError):
                status = {}
            if not isinstance(status, dict) or status.get("model_id") != model_id:
                return model_id
            self._model_names[model_id] = str(status.get("model_file", model_id)).removesuffix(_MODEL_SUFFIX)
        return self._model_names[model_id]


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError as error:
        raise _NonsenseError("the answer is not JSON") from error
