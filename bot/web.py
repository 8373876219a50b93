"""The web process: health, metrics and the channels' webhooks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from bot.app import App
from bot.desk.places import standing
from bot.job_log import troubles
from bot.metrics import render
from handlers.jobs import JOBS
from storage import channel_state, job_runs
from storage.channel_state import ChannelState
from storage.migrate import is_migrated

SILENT_AFTER = timedelta(minutes=2)


def create_web(app: App, held: Collection[str] = ()) -> FastAPI:
    """`held`: the channels whose connections this very process keeps; it is ready once each has been tried."""
    web = FastAPI(title="supportbot", docs_url=None, redoc_url=None, openapi_url=None)
    since = app.clock()

    @web.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @web.get("/health/ready")
    async def ready(response: Response) -> dict[str, Any]:
        state = await _state(app, since, held)
        response.status_code = 200 if state.problem is None else 503
        return state.told

    @web.get("/metrics")
    async def metrics() -> Response:
        async with app.database.reading() as session:
            return Response(await render(session, app.clock(), app.gates), media_type=CONTENT_TYPE_LATEST)

    for gate in app.gates.values():
        gate.add_routes(web)
    return web


@dataclass(frozen=True)
class State:
    """`problem`: why the bot cannot take messages right now. A channel or a job in trouble does not make the process
    unready, so that the others work on and no message is refused: it is degraded, which monitoring is to look for."""

    problem: str | None = None
    channels: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, str] = field(default_factory=dict)

    @property
    def told(self) -> dict[str, Any]:
        degraded = f"degraded: jobs ({', '.join(self.jobs)})" if self.jobs else "ok"
        told: dict[str, Any] = {"status": self.problem or degraded}
        told |= {"channels": self.channels} if self.channels else {}
        return told | ({"jobs": self.jobs} if self.jobs else {})


async def _state(app: App, since: datetime, held: Collection[str]) -> State:
    try:
        if not await is_migrated(app.database.engine):
            return State("the database is not migrated")
        async with app.database.reading() as session:
            known = await channel_state.states(session)
            desk = await standing(session, app.desk())
            jobs = troubles(await job_runs.all_of_them(session), JOBS, datetime.now(UTC))
    except (SQLAlchemyError, OSError):
        return State("the database cannot be reached")
    channels = {name: _stands(known.get(name), app.clock()) for name in app.gates}
    channels |= {"desk": desk} if desk is not None else {}
    untried = [name for name in held if name not in known or known[name].seen_at < since]
    return State(f"connecting: {', '.join(untried)}" if untried else None, channels, jobs)


def _stands(state: ChannelState | None, now: datetime) -> str:
    if state is None:
        return "not connected yet"
    if now - state.seen_at > SILENT_AFTER:
        return f"no sign of life since {state.seen_at:%Y-%m-%d %H:%M} UTC"
    return state.problem or "ok"
