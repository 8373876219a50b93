"""What the product asks besides its messengers, as cheap as it can be: a language server and a shop's orders.

The language server speaks Rasa's protocol (see `bot/rasa.py`) and reads by a list of words, so that a run that is
about durability measures nothing else. Every order has been shipped.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.telegram.server import serving

TOKEN = "bench-only"  # noqa: S105 - opens nothing but this stub
MODEL = "bench"
ORDER = re.compile(r"\bZAM-\d+\b")

TEXTS: Mapping[str, str] = {
    "ile mam dni na zwrot?": "return_policy",
    "dzięki za pomoc": "thank_you",
    "jak mogę dostać przesyłkę?": "delivery_options",
    "do której dziś pracujecie?": "opening_hours",
    "gdzie jest moje zamówienie ZAM-20481?": "track_order",
}
"""Each is answered at once and leaves the chat with the bot, so that every turn has exactly one reply."""


@dataclass(frozen=True)
class Shop:
    """Where it answers, as the product's settings name it."""

    url: str

    def settings(self) -> dict[str, str]:
        return {"NLU_URL": self.url, "NLU_TOKEN": TOKEN, "ORDERS_URL": f"{self.url}/orders"}


@asynccontextmanager
async def open_shop() -> AsyncIterator[Shop]:
    routes = [
        Route("/model/parse", _parse, methods=["POST"]),
        Route("/status", _status),
        Route("/orders/{number}", _order),
    ]
    async with serving(Starlette(routes=routes)) as url:
        yield Shop(url)


async def _parse(request: Request) -> Response:
    try:
        asked = await request.json()
    except ClientDisconnect:
        return Response()  # the worker was killed while it asked
    return JSONResponse(read(str(asked["text"])))


def read(text: str) -> dict[str, Any]:
    """As Rasa answers. A burst of several is read by its last line."""
    last = text.splitlines()[-1]
    intent = {"name": TEXTS.get(last, "thank_you"), "confidence": 0.99}
    found = ORDER.search(last)
    entities = []
    if found is not None:
        start = len(text) - len(last) + found.start()
        entities = [
            {"entity": "order_number", "value": found[0], "start": start, "end": start + len(found[0])},
        ]
    return {
        "text": text,
        "intent": intent,
        "intent_ranking": [intent],
        "entities": entities,
        "language": {"name": "pl", "confidence": 0.99},
        "model_id": MODEL,
    }


async def _status(_request: Request) -> JSONResponse:
    return JSONResponse({"model_id": MODEL, "model_file": f"{MODEL}.tar.gz"})


async def _order(request: Request) -> JSONResponse:
    number = request.path_params["number"]
    return JSONResponse({"number": number, "status": "shipped", "carrier": "InPost", "tracking_number": "620011"})
