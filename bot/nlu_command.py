"""Runs one command of the language part to its end, reporting its lines as progress."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from bot.nlu_progress import NLUSetupError, Progress, ProgressEvent, Stage

_TICK_SECONDS = 1.0
_LAST_LINES = 15


async def run_command(
    stage: Stage,
    message: str,
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    progress: Progress,
    niceness: int = 0,
) -> None:
    """Raises NLUSetupError with the command's last lines when it fails. Ends the command when cancelled. `niceness`:
    how far it steps back for others of the machine, 0…19."""
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    if niceness and sys.platform != "win32":
        with suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, process.pid, niceness)
    progress(ProgressEvent(stage, message))
    last: deque[str] = deque(maxlen=_LAST_LINES)

    def tell(text: str) -> None:
        progress(ProgressEvent(stage, text, time.monotonic() - started))

    try:
        await _follow(process, last, tell, message)
        code = await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if code != 0:
        raise NLUSetupError(f"{message} failed (exit code {code}):\n" + "\n".join(last))
    progress(ProgressEvent(stage, message, time.monotonic() - started, done=True))


async def _follow(
    process: asyncio.subprocess.Process, last: deque[str], tell: Callable[[str], None], message: str
) -> None:
    """Report each line, and between lines that it is still going on."""
    output = process.stdout
    if output is None:
        return
    pending: asyncio.Task[bytes] | None = None
    while True:
        pending = pending or asyncio.create_task(output.readline())
        done, _ = await asyncio.wait({pending}, timeout=_TICK_SECONDS)
        if not done:
            tell(last[-1] if last else message)
            continue
        line = pending.result().decode(errors="replace").strip()
        if not line and output.at_eof():
            return
        pending = None
        if line:
            last.append(line)
            tell(line)
