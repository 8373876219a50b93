"""Structured logs: an event name and ids, a correlation id, and never a secret or a customer's words."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

SECRETS = re.compile(
    r"xox[abeprs]-[\w-]+|xapp-[\w-]+|(?<!\d)\d{6,}:[\w-]{30,}|(?i:bearer )\S+|(?i:(?:token|ticket)=)[^\s&\"']+"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
)
_LOCAL = r"[\w.!#$%&'*+/=?^`{|}~-]"
PERSONAL = re.compile(
    rf"(?<!{_LOCAL}){_LOCAL}+@[\w-]+(?:\.[\w-]+)+"
    # Nine digits and more, however grouped: phones, PESEL, cards, bank accounts. Dates are left.
    r"|(?<!\d)(?!\d{4}-\d\d-\d\d(?!\d))\+?\d(?:[ \u00a0\u202f.()/–-]{0,3}\d){8,}"
)
HIDDEN = "[hidden]"
QUIET = (
    "httpx",
    "httpcore",
    "aiosqlite",
    "sqlalchemy.engine",
    "telegram",
    "uvicorn.access",
    "uvicorn.error",
    "alembic",
    "websockets",
    "aiohttp",
    "slack_bolt",
    "slack_sdk",
    "slack_quiet",
    "telegram",
)
MUTE = ("telegram.request.BaseRequest",)  # writes out answers it cannot read, with what a customer was told in them
# Says each time that a run is left out because the one before goes on: with us that is the run's duration.
ERRORS_ONLY = ("apscheduler",)
_KEPT = {"timestamp", "level", "event", "logger", "correlation_id"}


def redact(text: str) -> str:
    """`text` with secrets, and what looks like a person's data, taken out."""
    return PERSONAL.sub(HIDDEN, SECRETS.sub(HIDDEN, text))


def _redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if key not in _KEPT and not key.startswith("_"):
            event[key] = _redacted(value)
    return event


def _redacted(value: Any) -> Any:
    """Numbers as they are; whatever else a renderer would write out, redacted."""
    match value:
        case None | bool() | int() | float():
            return value
        case dict():
            return {key: _redacted(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_redacted(item) for item in value]
        case _:
            return redact(str(value))


def set_up(level: str = "INFO", form: str = "text", file: Path | None = None) -> None:
    """Routes our events and the libraries' logs through one redacting chain to standard error, or to `file`."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: Any = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty()
    )  # fmt: skip
    handler = logging.StreamHandler() if file is None else logging.FileHandler(file, encoding="utf-8")
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _redact_foreign],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in MUTE:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in ERRORS_ONLY:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def _redact_foreign(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's message is its `event`: redacted too, where ours is a name."""
    event["event"] = redact(str(event["event"]))
    return event
