"""A messenger's way in: routes of the web process, or connections that the worker keeps."""

from __future__ import annotations

from typing import Protocol

from fastapi import FastAPI

from bot.parts import Part


class Gate(Protocol):
    """What comes through is translated into `IncomingMessage`s and accepted before it is acknowledged."""

    def add_routes(self, web: FastAPI) -> None:
        """Adds the webhook's route, where events come over HTTP."""
        ...

    def web_parts(self) -> tuple[Part, ...]:
        """What the web process runs for it."""
        ...

    def worker_parts(self) -> tuple[Part, ...]:
        """What the worker process runs for it."""
        ...
