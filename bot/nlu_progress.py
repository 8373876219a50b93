"""How the long steps of the language part (install, train, start) tell what they are doing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import structlog

from handlers.errors import SupportError


class NLUSetupError(SupportError):
    """The language part cannot be installed, trained or started; the text says in plain words what to do."""


class Stage(Enum):
    """The steps, in their order."""

    INSTALL = "install"
    TRAIN = "train"
    START = "start"
    READY = "ready"


@dataclass(frozen=True)
class ProgressEvent:
    """`message` is plain English for people. `seconds` is how long the stage has run; `done` marks its end."""

    stage: Stage
    message: str
    seconds: float = 0.0
    done: bool = False


class Progress(Protocol):
    """Told of each event, from the event loop; must not block."""

    def __call__(self, event: ProgressEvent) -> None: ...


def log_progress(event: ProgressEvent) -> None:
    """Stages' beginnings and ends to the log; not each line in between."""
    if event.done or event.seconds == 0:
        structlog.get_logger().info(
            "nlu.progress", stage=event.stage.value, message=event.message, seconds=round(event.seconds, 1)
        )
