"""A process beside the language server that reads many texts at once with any model: no customer waits for it."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.nlu_environment import NLUEnvironment
from bot.nlu_model import absolute
from bot.nlu_progress import NLUSetupError
from bot.rasa import read_answer
from bot.rasa_text import prepare
from handlers.nlu import ParsedMessage

ANSWERED = "answered"  # rasa_ask.py says so
_LAST_LINES = 15


class NLUAsker:
    """One question at a time; Rasa is loaded once for all of them, while the first one is still being made up."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process = process
        self._folder = folder

    async def ask(self, model: Path, texts: Sequence[str]) -> list[ParsedMessage]:
        """What the server would answer with that model; alike texts are read once. Raises NLUSetupError."""
        prepared = {text: prepare(text) for text in dict.fromkeys(texts)}
        asked = [text for text, one in prepared.items() if one.text]
        questions, answers = self._folder / "questions.json", self._folder / "answers.json"
        questions.write_text(json.dumps([prepared[text].text for text in asked]), encoding="utf-8")
        await self._have_answered(absolute(model, questions, answers))
        read = json.loads(answers.read_text(encoding="utf-8"))
        if len(read) != len(asked):
            raise NLUSetupError(f"{model.name} left texts unanswered")
        found = {text: read_answer(data, text, prepared[text]) for text, data in zip(asked, read, strict=True)}
        return [found.get(text) or ParsedMessage(text=text) for text in texts]

    async def _have_answered(self, files: Sequence[str]) -> None:
        to, back = self._process.stdin, self._process.stdout
        if to is None or back is None:
            raise NLUSetupError("the asking process has no pipes")
        last: deque[str] = deque(maxlen=_LAST_LINES)
        with suppress(ConnectionError):  # it has ended: its last words tell why
            to.write(json.dumps(files).encode() + b"\n")
            await to.drain()
        while line := (await back.readline()).decode(errors="replace"):
            if line.strip() == ANSWERED:
                return
            last.append(line.rstrip())
        raise NLUSetupError("Asking a model failed:\n" + "\n".join(last))


@asynccontextmanager
async def asker(environment: NLUEnvironment, niceness: int = 0) -> AsyncIterator[NLUAsker]:
    """Ends with the context, and with this process. `niceness`: how far it steps back for others of the machine."""
    process = await asyncio.create_subprocess_exec(
        *(str(environment.python), "rasa_ask.py"),
        cwd=environment.project,
        env=environment.variables() | {"SUPPORTBOT_PARENT_PID": str(os.getpid())},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        if niceness and sys.platform != "win32":
            with suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, process.pid, niceness)
        with tempfile.TemporaryDirectory() as folder:
            yield NLUAsker(process, Path(folder))
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
