"""The bot's webhook: where updates are posted to, and how often when it does not take them.

https://core.telegram.org/bots/api#setwebhook
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.refusal import bad_request

PORTS = frozenset({443, 80, 88, 8443})


@dataclass(frozen=True)
class Webhook:
    url: str
    secret: str = ""
    max_connections: int = 40
    ip_address: str = ""
    has_certificate: bool = False


@dataclass
class Trouble:
    """The last failed delivery, as `getWebhookInfo` tells it, and since when the bot answers 410."""

    at: datetime | None = None
    words: str = ""
    gone_since: datetime | None = None
    told: list[str] = field(default_factory=list)

    def note(self, at: datetime, words: str) -> None:
        self.at, self.words = at, words
        self.told.append(words)


def read_webhook(arguments: Arguments) -> Webhook:
    """Raises what the real server says of a URL or secret that it does not take.

    Plain http and any port are taken on this machine's own addresses, which the real server would not reach at all.
    """
    url = arguments.text("url")
    if "://" not in url:
        url = f"https://{url}"
    parts = urlsplit(url)
    if not is_own_machine(parts.hostname or ""):
        if parts.scheme != "https":
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if _port(url) not in PORTS:
            raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    secret = arguments.text("secret_token")
    if len(secret) > 256:
        raise bad_request("secret token is too long")
    if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
        raise bad_request("secret token contains unallowed characters")
    connections = arguments.integer("max_connections", 40, 1, 100)
    return Webhook(url, secret, connections, arguments.text("ip_address"), "certificate" in arguments)


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port or 443
    except ValueError as error:
        raise bad_request("bad webhook: Wrong port number specified in the URL") from error


def is_own_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def info(webhook: Webhook | None, trouble: Trouble, pending: int, allowed: frozenset[str] | None) -> Json:
    """As `getWebhookInfo` answers."""
    told: Json = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": bool(webhook and webhook.has_certificate),
        "pending_update_count": pending,
    }
    if webhook is not None:
        told["max_connections"] = webhook.max_connections
        told["ip_address"] = webhook.ip_address or "127.0.0.1"
    if webhook is not None and trouble.at is not None:
        told |= {"last_error_date": int(trouble.at.timestamp()), "last_error_message": trouble.words}
    return told | ({"allowed_updates": sorted(allowed)} if allowed is not None else {})
