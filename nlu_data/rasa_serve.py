"""Serves a Rasa model on one address: `python rasa_serve.py HOST PORT MODEL`; started by the bot in Rasa's environment.

Does what `rasa run --enable-api -i HOST -p PORT -m MODEL --auth-token …` does. The token comes in the environment
(SUPPORTBOT_NLU_TOKEN), because arguments can be read by every user of the machine with `ps`.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from parent import die_with_parent
from quiet import ignore_deprecations

# Before numpy and TensorFlow are loaded.
os.environ.update(RASA_TELEMETRY_ENABLED="false", SQLALCHEMY_SILENCE_UBER_WARNING="1", LOG_LEVEL="WARNING")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(threads, "1")  # one short message at a time: threads would only wait for each other

WARM_UP = "gdzie jest moja paczka"


def _as_they_are(_handler: object, messages: list[Any], domain: object = None) -> list[Any]:  # noqa: ARG001 - Rasa's
    return messages


async def _loaded(load: Callable[..., Awaitable[Any]], wanted: dict[str, Any]) -> Any:
    """Has read a text already: the first one takes longer than others."""
    agent = await load(**wanted)
    await agent.parse_message(WARM_UP)
    return agent


def _load_beside_the_traffic() -> None:
    """`PUT /model` loads in a thread, and the old model reads until the new one is ready. Rasa itself loads in its
    event loop and answers nobody for seconds.

    Of the garbage collector: a full collection stops all threads for a third of a second. What is there once the
    server has started stays as long as it runs, so it is looked at no more; a model leaves no cycles behind.
    """
    import rasa.core.run
    import rasa.server

    load, load_on_start = rasa.server._load_agent, rasa.core.run.load_agent_on_start

    async def load_in_thread(**wanted: Any) -> Any:
        gc.disable()
        try:
            return await asyncio.to_thread(asyncio.run, _loaded(load, wanted))
        finally:
            gc.enable()

    async def start(*wanted: Any) -> None:
        await load_on_start(*wanted)
        gc.freeze()

    rasa.server._load_agent, rasa.core.run.load_agent_on_start = load_in_thread, start


def main(host: str, port: str, model: str) -> None:
    """Returns when the server was told to stop."""
    die_with_parent()
    token = os.environ.pop("SUPPORTBOT_NLU_TOKEN")
    ignore_deprecations()
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints
    from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
    from rasa.utils.log_utils import configure_structlog

    # Without this Rasa's structured log prints each text it parses.
    configure_structlog(logging.WARNING)
    # Rasa would read "/intent{…}" as a command that forces the intent; here it is a customer's text like any other.
    RegexMessageHandler.process = _as_they_are
    _load_beside_the_traffic()
    serve_application(
        model_path=model,
        credentials=str(Path(__file__).with_name("credentials.yml")),
        interface=host,
        port=int(port),
        auth_token=token,
        enable_api=True,
        endpoints=AvailableEndpoints(),
    )


if __name__ == "__main__":
    main(*sys.argv[1:4])
