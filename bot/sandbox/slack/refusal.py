"""How the Web API says no: HTTP 200 with `ok: false`."""

from __future__ import annotations

from bot.sandbox.slack.json_types import Json


class Refused(Exception):
    """`error` is Slack's own code; `more` goes beside it into the answer (`needed`, `response_metadata`, …)."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more = more

    def answer(self) -> Json:
        return {"ok": False, "error": self.error, **self.more}


def refused_for(error: str, faults: list[str]) -> Refused:
    """A refusal that points at what is wrong, as `chat.postMessage` and `views.open` do."""
    return Refused(error, errors=faults, response_metadata={"messages": [f"[ERROR] {fault}" for fault in faults]})
