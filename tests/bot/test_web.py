from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.app import build
from bot.channels.health import Health
from bot.parts import Part
from bot.settings import load_settings
from bot.web import create_web
from storage.database import Database
from storage.job_runs import JobRun
from tests.bot_under_test import MONDAY_NOON
from tests.fakes import FakeNLU

NLU_DATA = Path(__file__).parents[2] / "nlu_data"


class QuietGate:
    """A channel whose connection somebody else keeps."""

    def add_routes(self, web: FastAPI) -> None: ...

    def web_parts(self) -> tuple[Part, ...]:
        return ()

    def worker_parts(self) -> tuple[Part, ...]:
        return ()


@asynccontextmanager
async def web_on(database_url: str, *channels: str, held: tuple[str, ...] = ()) -> AsyncIterator[httpx.AsyncClient]:
    settings = load_settings(database_url=database_url, orders_file=None, orders_url=None)
    async with build(settings, nlu=FakeNLU(), clock=lambda: MONDAY_NOON) as built:
        app = replace(built, gates=dict.fromkeys(channels, QuietGate()))
        transport = httpx.ASGITransport(create_web(app, held))
        async with httpx.AsyncClient(transport=transport, base_url="http://web") as client:
            yield client


def url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


async def test_a_migrated_database_is_ready(database: Database) -> None:
    async with web_on(url_of(database)) as web:
        answer = await web.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_an_empty_database_is_not_ready_but_the_process_lives(tmp_path: Path) -> None:
    async with web_on(f"sqlite:///{tmp_path / 'empty.db'}") as web:
        ready, live = await web.get("/health/ready"), await web.get("/health/live")
    assert (ready.status_code, ready.json()) == (503, {"status": "the database is not migrated"})
    assert (live.status_code, live.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/at/all/bot.db", "postgresql://bot:hunter2@127.0.0.1:9/bot"], ids=["sqlite", "postgres"]
)
async def test_a_database_that_is_gone_is_told_without_its_address(url: str) -> None:
    async with web_on(url) as web:
        ready, live = await web.get("/health/ready"), await web.get("/health/live")
    assert (ready.status_code, ready.json()) == (503, {"status": "the database cannot be reached"})
    assert live.status_code == 200


async def test_a_server_without_our_database_is_told(postgres_url: str) -> None:
    async with web_on(postgres_url.replace("/postgres?", "/dropped?")) as web:
        answer = await web.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "the database cannot be reached"})


async def test_metrics_are_in_the_text_exposition_format(database: Database) -> None:
    async with web_on(url_of(database)) as web:
        answer = await web.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "\nsupportbot_tickets_open 0.0\n" in answer.text


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json"])
async def test_the_api_is_not_described_to_strangers(tmp_path: Path, path: str) -> None:
    async with web_on(f"sqlite:///{tmp_path / 'empty.db'}") as web:
        assert (await web.get(path)).status_code == 404


# Channels


async def stands(database: Database, channel: str, problem: str | None, at: datetime = MONDAY_NOON) -> None:
    health = Health(database, channel, lambda: at)
    await (health.unwell(problem) if problem else health.well())


async def test_a_process_is_ready_once_each_connection_it_keeps_has_been_tried(database: Database) -> None:
    async with web_on(url_of(database), "slack", "telegram", held=("telegram",)) as web:
        answer = await web.get("/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (503, "connecting: telegram")
        await stands(database, "telegram", None)
        answer = await web.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "channels": {"slack": "not connected yet", "telegram": "ok"}}


async def test_one_channels_trouble_is_told_and_does_not_stop_the_other(database: Database) -> None:
    await stands(database, "telegram", "TELEGRAM_BOT_TOKEN is refused")
    await stands(database, "slack", None)
    async with web_on(url_of(database), "slack", "telegram", held=("slack", "telegram")) as web:
        answer = await web.get("/health/ready")
        metrics = (await web.get("/metrics")).text
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["channels"] == {"slack": "ok", "telegram": "TELEGRAM_BOT_TOKEN is refused"}
    assert 'supportbot_channel_up{channel="slack"} 1.0' in metrics
    assert 'supportbot_channel_up{channel="telegram"} 0.0' in metrics


async def test_a_connection_nobody_has_seen_for_long_is_told(database: Database) -> None:
    await stands(database, "slack", None, MONDAY_NOON - timedelta(minutes=5))
    async with web_on(url_of(database), "slack") as web:
        answer = await web.get("/health/ready")
    assert answer.json()["channels"] == {"slack": "no sign of life since 2026-11-23 10:55 UTC"}


async def test_a_token_in_a_problem_is_not_shown(database: Database) -> None:
    await stands(
        database, "telegram", "401 for https://api.telegram.org/bot7000000001:AAF-secret-secret-secret-secret00"
    )
    async with web_on(url_of(database), "telegram") as web:
        shown = (await web.get("/health/ready")).text
    assert "secret" not in shown


# Jobs


async def test_a_job_that_keeps_failing_is_told_and_messages_are_taken_all_the_same(database: Database) -> None:
    now = datetime.now(UTC)
    failing = JobRun(name="follow_up", started_at=now, finished_at=now, error="ValueError")
    failing.failing_since = now - timedelta(minutes=6)
    async with database.transaction() as session:
        session.add_all([failing, JobRun(name="watch_sla", started_at=now, finished_at=now)])
    async with web_on(url_of(database)) as web:
        answer = await web.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "degraded: jobs (follow_up)",
        "jobs": {"follow_up": f"fails since {failing.failing_since:%Y-%m-%d %H:%M} UTC (ValueError)"},
    }
