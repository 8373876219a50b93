"""The `supportbot` command as an operator has it: real processes, real signals."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update

from handlers.content import Content
from storage.database import Database
from storage.inbound import InboundEvent
from storage.outbox import OutboxMessage
from tests.bot_under_test import BotUnderTest
from tests.fakes import FakeNLU

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "PYENV_ROOT"}}
    return {
        **kept,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'commands.db'}",
        "NLU_URL": "http://127.0.0.1:9",
        "NLU_TOKEN": "secret-nlu-token",
        "PORT": str(free_port()),
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }


@asynccontextmanager
async def started(command: str, environment: dict[str, str], folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command, with its arguments, in a folder with no `.env`; killed at the end where it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *command.split(),
        cwd=folder, env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def finished(command: str, environment: dict[str, str], folder: Path) -> tuple[int, str]:
    async with started(command, environment, folder) as process:
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()


async def test_doctor_says_what_is_wrong_and_after_migrating_that_all_is_well(
    environment: dict[str, str], tmp_path: Path
) -> None:
    code, said = await finished("doctor", environment, tmp_path)
    assert code == 1
    assert "Run: supportbot migrate" in said
    assert (await finished("migrate", environment, tmp_path))[0] == 0
    code, said = await finished("doctor", environment, tmp_path)
    assert "✓ Database" in said
    assert "✗ Language server" in said, "nobody listens there"
    assert "secret-nlu-token" not in said


async def test_a_wrong_setting_is_named_in_plain_words(environment: dict[str, str], tmp_path: Path) -> None:
    wrong = {**environment, "DATABASE_URL": "mysql://localhost/x", "PORT": "many"}
    code, said = await finished("web", wrong, tmp_path)
    assert code == 1
    assert "DATABASE_URL: " in said
    assert "only sqlite and postgresql" in said
    assert "PORT: " in said
    assert "Traceback" not in said


async def test_web_and_worker_start_report_ready_and_stop_on_a_signal(
    environment: dict[str, str], tmp_path: Path
) -> None:
    await finished("migrate", environment, tmp_path)
    base = f"http://127.0.0.1:{environment['PORT']}"
    async with (
        started("web", environment, tmp_path) as web,
        started("worker", environment, tmp_path) as worker,
        httpx.AsyncClient() as client,
    ):
        answer = await _first_answer(client, f"{base}/health/ready")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        metrics = (await client.get(f"{base}/metrics")).text
        assert "supportbot_tickets_open 0.0" in metrics
        assert "secret-nlu-token" not in metrics
        await _line_with(worker, b"worker.started")
        for process in (web, worker):
            process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), 25) == 0


async def test_a_port_in_use_is_said_at_once(environment: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["PORT"])))
        taken.listen()
        code, said = await finished("web", environment, tmp_path)
    assert code == 1
    assert "choose another port" in said.replace("\n", " ")


async def test_what_failed_is_listed_and_goes_in_line_again_from_the_command_line(
    environment: dict[str, str], tmp_path: Path, content: Content
) -> None:
    await finished("migrate", environment, tmp_path)
    database = Database(environment["DATABASE_URL"])
    bot = BotUnderTest(database, content, FakeNLU())
    await bot.meet()
    await bot.intake.quarantine("local", "odd", {"strange": True}, "no such shape")
    await bot.work()
    async with database.transaction() as session:
        why = {"status": "dead", "last_error": "invalid_blocks"}
        await session.execute(update(OutboxMessage).values(why))
        await session.execute(update(InboundEvent).where(InboundEvent.lane_id == 1).values(outcome="dead"))
    code, said = await finished("outbox list", environment, tmp_path)
    assert code == 0
    assert "invalid_blocks" in said
    [failed] = [line.split()[0] for line in said.splitlines() if "invalid_blocks" in line]
    assert (await finished(f"outbox resend {failed}", environment, tmp_path)) == (0, "1 message(s) in line again.\n")
    code, said = await finished(f"outbox resend {failed}", environment, tmp_path)
    assert (code, "has not been sent again" in said) == (1, True)
    code, said = await finished("inbox list", environment, tmp_path)
    assert "no such shape" in said
    assert (await finished("inbox replay 1-1", environment, tmp_path))[0] == 0
    assert (await finished("inbox replay 1-1", environment, tmp_path))[0] == 1
    assert (await finished("inbox replay nonsense", environment, tmp_path))[0] == 1
    await bot.work()
    async with database.reading() as session:
        outcomes = (await session.scalars(select(InboundEvent.outcome).order_by(InboundEvent.received_at))).all()
        statuses = (await session.scalars(select(OutboxMessage.status).order_by(OutboxMessage.seq))).all()
    assert sorted(outcomes) == ["answered", "dead", "dead"]
    assert list(statuses) == ["dead", "waiting", "waiting"]
    await database.dispose()


async def _line_with(process: asyncio.subprocess.Process, text: bytes) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if text in line:
            return
    raise AssertionError(f"the process ended without {text!r}")


async def _first_answer(client: httpx.AsyncClient, url: str) -> httpx.Response:
    for _ in range(300):
        try:
            return await client.get(url)
        except httpx.ConnectError:
            await asyncio.sleep(0.1)
    raise AssertionError(f"nothing listens on {url}")
