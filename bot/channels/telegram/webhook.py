"""POST /telegram/webhook. https://core.telegram.org/bots/api#setwebhook"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import NoReturn

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from bot.channels.telegram.fields import Json
from bot.intake import NotAccepted

PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
MOST_BYTES = 2**20

Take = Callable[[Json], Awaitable[None]]


class _Refused(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def webhook_route(secret: str, take: Take) -> Callable[[Request], Awaitable[Response]]:
    """The route's function. 2xx only for what is on record; after a 5xx Telegram sends it again, in order."""

    async def receive(request: Request) -> Response:
        try:
            _check_caller(request, secret)
            await take(await _update(request))
        except _Refused as refused:
            return Response(status_code=refused.status)
        except NotAccepted:
            return Response(status_code=503)
        return Response(status_code=200)

    return receive


def _check_caller(request: Request, secret: str) -> None:
    """Before anything is read: in constant time, so that the secret cannot be felt out."""
    given = request.headers.get(SECRET_HEADER, "")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        raise _Refused(403)


async def _update(request: Request) -> Json:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise _Refused(400)
    try:
        update = json.loads(await _body(request), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _Refused(400) from error
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        raise _Refused(400)
    return update


async def _body(request: Request) -> bytes:
    """The whole body, or 413 as soon as it is too large, whatever it claims to be."""
    claimed = request.headers.get("content-length", "0")
    if not claimed.isdigit() or int(claimed) > MOST_BYTES:
        raise _Refused(413)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                raise _Refused(413)
    except ClientDisconnect as error:
        raise _Refused(400) from error
    return bytes(body)


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and the like are no JSON, and no database takes them
