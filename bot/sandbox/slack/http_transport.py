"""Delivery over HTTP, signed as Slack signs it.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from io import BytesIO
from urllib.parse import urlencode, urljoin

import aiohttp

from bot.sandbox.slack.apps import App
from bot.sandbox.slack.json_types import Clock, Json
from bot.sandbox.slack.outcome import Outcome, Parcel

MOST_REDIRECTS = 2
USER_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


def signature(secret: str, timestamp: str, body: bytes) -> str:
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpTransport:
    """Posts to the app's request URLs. `skew_seconds` is added to the time of signing; `spoil` changes the headers
    after signing (a wrong signature, a missing timestamp)."""

    name = "http"

    def __init__(self, app: App, clock: Clock, events_url: str, interactivity_url: str, commands_url: str) -> None:
        self._app, self._clock = app, clock
        self._urls = {"events_api": events_url, "interactive": interactivity_url, "slash_commands": commands_url}
        connector, no_timeout = aiohttp.TCPConnector(limit=0), aiohttp.ClientTimeout(total=None)
        self._client = aiohttp.ClientSession(connector=connector, timeout=no_timeout)  # the caller ends it after 3 s
        self.skew_seconds = 0.0
        self.spoil: Callable[[dict[str, str]], dict[str, str]] = dict

    async def send(self, parcel: Parcel) -> Outcome:
        body, content_type = encode(parcel)
        headers = self._signed(body, content_type)
        if parcel.attempt:
            headers |= {"X-Slack-Retry-Num": str(parcel.attempt), "X-Slack-Retry-Reason": parcel.reason}
        return await self._post(self._urls[parcel.kind], body, self.spoil(headers))

    async def verify(self) -> str:
        """The `url_verification` handshake; answers the challenge the app gave back, empty when it did not."""
        challenge = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"
        payload: Json = {"token": self._app.verification_token, "challenge": challenge, "type": "url_verification"}
        outcome = await self.send(Parcel("events_api", payload, ""))
        given = outcome.answer.get("challenge", "") if isinstance(outcome.answer, dict) else outcome.answer or ""
        given = str(given).removeprefix("challenge=")
        return given if outcome.is_taken and given == challenge else ""

    async def close(self) -> None:
        await self._client.close()

    def _signed(self, body: bytes, content_type: str) -> dict[str, str]:
        timestamp = str(int(self._clock().timestamp() + self.skew_seconds))
        return {
            "Content-Type": content_type,
            "User-Agent": USER_AGENT,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._app.signing_secret, timestamp, body),
        }

    async def _post(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        status = 0
        try:
            for _ in range(MOST_REDIRECTS + 1):
                async with self._client.post(
                    url, data=BytesIO(body), headers=headers, allow_redirects=False
                ) as response:
                    status = response.status
                    if status not in {301, 302}:
                        return await _outcome(response, headers)
                    url = urljoin(url, response.headers.get("Location", ""))
        except aiohttp.InvalidURL:
            return Outcome("unknown_error", headers=headers)
        except aiohttp.ClientSSLError:
            return Outcome("ssl_error", headers=headers)
        except aiohttp.ClientError:
            return Outcome("connection_failed", headers=headers)
        return Outcome("too_many_redirects", status, headers=headers)


def encode(parcel: Parcel) -> tuple[bytes, str]:
    """Events are JSON, interactions one form field of JSON, commands plain form fields."""
    if parcel.kind == "events_api":
        return json.dumps(parcel.payload, separators=(",", ":")).encode(), "application/json"
    if parcel.kind == "interactive":
        fields = {"payload": json.dumps(parcel.payload, separators=(",", ":"))}
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"
    return urlencode(parcel.payload).encode(), "application/x-www-form-urlencoded"


async def _outcome(response: aiohttp.ClientResponse, headers: dict[str, str]) -> Outcome:
    text = await response.text(errors="replace")
    answer: Json | str = text
    if response.content_type == "application/json" and text:
        try:
            answer = json.loads(text)
        except ValueError:
            answer = text
    is_last = response.headers.get("X-Slack-No-Retry") == "1"
    reason = "" if 200 <= response.status < 300 else "http_error"
    return Outcome(reason, response.status, answer, is_last, headers)
