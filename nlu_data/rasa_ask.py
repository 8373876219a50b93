"""Asks Rasa models many texts at once; started by the bot in Rasa's environment, to compare two models without a second
server and without a customer's server being asked.

Each line of its input is a JSON list of three files: a model, questions (a JSON list of texts), and where to write the
answers: a JSON list of what the server's `/model/parse` would have answered. "answered" is said for each.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

from parent import die_with_parent
from quiet import ignore_deprecations

# Before numpy and TensorFlow are loaded.
os.environ.update(RASA_TELEMETRY_ENABLED="false", SQLALCHEMY_SILENCE_UBER_WARNING="1", LOG_LEVEL="WARNING")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(threads, "1")

ignore_deprecations()

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.log_utils import configure_structlog


def _as_they_are(_handler: object, messages: list[Any], domain: object = None) -> list[Any]:  # noqa: ARG001 - Rasa's
    return messages


def answers(processor: MessageProcessor, texts: list[str]) -> list[dict[str, Any]]:
    """In one run of the model's graph for all."""
    target = processor.model_metadata.nlu_target
    asked = {
        PLACEHOLDER_MESSAGE: [UserMessage(text) for text in texts],
        PLACEHOLDER_TRACKER: DialogueStateTracker.from_events("compare", []),
    }
    read = processor.graph_runner.run(inputs=asked, targets=[target])[target]
    return [{"entities": [], **message.as_dict(only_output_properties=True)} for message in read]


def main() -> None:
    """Until there is no more input."""
    die_with_parent()
    configure_structlog(logging.WARNING)
    RegexMessageHandler.process = _as_they_are  # as the server does: a customer's "/…" is a text like any other
    for line in sys.stdin:
        model, questions, written = json.loads(line)
        texts = json.loads(Path(questions).read_text(encoding="utf-8"))
        read = answers(Agent.load(model).processor, texts)
        Path(written).write_text(json.dumps(read), encoding="utf-8")
        print("answered", flush=True)


if __name__ == "__main__":
    main()
