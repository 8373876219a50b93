"""Runs the parts of a process side by side, and stops them in order when a signal comes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Generator

import structlog
import uvicorn
from fastapi import FastAPI

from bot.parts import Part
from bot.scheduler import Scheduler
from bot.settings import SettingsError
from bot.worker import Worker

log = structlog.get_logger(__name__)

GRACE_SECONDS = 20
SIGNALS = (signal.SIGINT, signal.SIGTERM)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: one place in the process decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def listen(host: str, port: int) -> socket.socket:
    """Takes the port, 0 for any free one, before anything slow begins. Raises `SettingsError` when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}; choose another port") from error
    return taken


def web_part(web: FastAPI, port: socket.socket) -> Part:
    """The web server on a port that `listen` took."""
    server = _Server(uvicorn.Config(web, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_SECONDS))

    def stop() -> None:
        server.should_exit = True

    async def serve() -> None:
        host, number = port.getsockname()[:2]
        log.info("web.listening", host=host, port=number)
        await server.serve(sockets=[port])

    return Part("web", serve, stop)


def worker_part(worker: Worker) -> Part:
    return Part("worker", worker.run, worker.stop)


def scheduler_part(scheduler: Scheduler) -> Part:
    return Part("scheduler", scheduler.run, scheduler.stop)


async def run_parts(*parts: Part) -> None:
    """Runs the parts until a signal comes or one of them ends; a second signal ends the process at once.

    Raises the error of a part that failed.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        if stopping.is_set():
            raise SystemExit(1)
        log.info("process.stopping")
        stopping.set()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        await _run_until(stopping, parts)
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def _run_until(stopping: asyncio.Event, parts: tuple[Part, ...]) -> None:
    tasks = [asyncio.create_task(part.run(), name=part.name) for part in parts]
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    for part in parts:
        part.stop()
    _, late = await asyncio.wait(tasks, timeout=GRACE_SECONDS + 2)
    for task in late:
        log.error("process.part_late", part=task.get_name())
        task.cancel()
    for end in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(end, Exception):
            raise end
