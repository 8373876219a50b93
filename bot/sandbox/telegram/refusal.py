"""What the Bot API answers when it does not do what was asked, in its own words.

The words are those of the official server (tdlib/telegram-bot-api); bots compare them, so they must be exact.
"""

from __future__ import annotations

from bot.sandbox.telegram.json_types import Json


class Refused(Exception):
    """An answer with `ok: false`. The HTTP status is `code`."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Json:
        told: Json = {"ok": False, "error_code": self.code, "description": self.description}
        return told | {"parameters": self.parameters} if self.parameters else told

    def headers(self) -> dict[str, str]:
        """A 429 tells the seconds to wait in the header, too."""
        seconds = (self.parameters or {}).get("retry_after")
        return {} if seconds is None else {"Retry-After": str(seconds)}


def bad_request(words: str) -> Refused:
    return Refused(400, f"Bad Request: {words}")


def forbidden(words: str) -> Refused:
    return Refused(403, f"Forbidden: {words}")


def conflict(words: str) -> Refused:
    return Refused(409, f"Conflict: {words}")


def too_many(seconds: int) -> Refused:
    return Refused(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def unauthorized() -> Refused:
    return Refused(401, "Unauthorized")


def restarting() -> Refused:
    return Refused(500, "Internal Server Error: restart")


def upgraded(new_chat_id: int) -> Refused:
    return Refused(
        400,
        "Bad Request: group chat was upgraded to a supergroup chat",
        {"migrate_to_chat_id": new_chat_id},
    )
