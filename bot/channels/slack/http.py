"""`POST /slack/events`: events, interactivity and commands over HTTP.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import time
from http import HTTPStatus

import structlog
from fastapi import Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from starlette.requests import ClientDisconnect

log = structlog.get_logger(__name__)

MOST_BYTES = 1_000_000
READING_SECONDS = 10.0
MOST_SKEW_SECONDS = 300
CONTENT_TYPES = frozenset({"application/json", "application/x-www-form-urlencoded"})
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


class _TurnedAway(Exception):
    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


class SlackWebhook:
    """Only what carries Slack's signature is read at all: bolt parses first, and answers junk with 500."""

    def __init__(self, app: AsyncApp, signing_secret: str) -> None:
        self._app = app
        self._secret = signing_secret.encode()

    async def take(self, request: Request) -> Response:
        try:
            body = await self._verified(request)
            bolt_request = _parsed(body, request)
        except _TurnedAway as away:
            log.warning("slack.turned_away", status=int(away.status), why=str(away))
            return JSONResponse({"error": str(away)}, away.status)
        answer = await self._app.async_dispatch(bolt_request)
        headers = answer.first_headers_without_set_cookie()
        return PlainTextResponse(answer.body, answer.status, headers=headers)

    async def _verified(self, request: Request) -> bytes:
        """The raw body, which the signature is made over. Cheap refusals come first."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in CONTENT_TYPES:
            raise _TurnedAway(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content type")
        timestamp = request.headers.get("x-slack-request-timestamp", "")
        signature = request.headers.get("x-slack-signature", "")
        if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
            raise _TurnedAway(HTTPStatus.UNAUTHORIZED, "signature")
        body = await _read(request)
        if not self._is_slacks(body, timestamp, signature):
            raise _TurnedAway(HTTPStatus.UNAUTHORIZED, "signature")
        return body

    def _is_slacks(self, body: bytes, timestamp: str, signature: str) -> bool:
        """On the bytes as they came: slack_sdk's verifier decodes them first, and fails on what is no UTF-8."""
        if abs(time.time() - int(timestamp)) > MOST_SKEW_SECONDS:
            return False
        signed = hmac.new(self._secret, b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
        return hmac.compare_digest(f"v0={signed.hexdigest()}", signature)


async def _read(request: Request) -> bytes:
    """At most `MOST_BYTES`, counted while they come: a length that is announced may be a lie."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > MOST_BYTES:
        raise _TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "size")
    body = bytearray()
    try:
        async with asyncio.timeout(READING_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise _TurnedAway(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "size")
    except (TimeoutError, ClientDisconnect) as error:
        raise _TurnedAway(HTTPStatus.REQUEST_TIMEOUT, "incomplete") from error
    return bytes(body)


def _parsed(body: bytes, request: Request) -> AsyncBoltRequest:
    """Signed, and still no JSON object, or nested without end, or no UTF-8: nothing to work, nothing to send again."""
    try:
        parsed = AsyncBoltRequest(body=body.decode(), headers=dict(request.headers))
    except (ValueError, RecursionError, AttributeError, TypeError, LookupError) as error:
        raise _TurnedAway(HTTPStatus.BAD_REQUEST, "body") from error
    if not isinstance(parsed.body, dict) or not parsed.body:
        raise _TurnedAway(HTTPStatus.BAD_REQUEST, "body")
    return parsed
