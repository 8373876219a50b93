"""The web process: health and metrics; channels' webhooks and the console are mounted here as they come."""

from __future__ import annotations

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from bot.app import App
from bot.metrics import render
from storage.migrate import is_migrated


def create_web(app: App) -> FastAPI:
    web = FastAPI(title="supportbot", docs_url=None, redoc_url=None, openapi_url=None)

    @web.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @web.get("/health/ready")
    async def ready(response: Response) -> dict[str, str]:
        problem = await _problem(app)
        response.status_code = 200 if problem is None else 503
        return {"status": "ok" if problem is None else problem}

    @web.get("/metrics")
    async def metrics() -> Response:
        async with app.database.reading() as session:
            return Response(await render(session, app.clock()), media_type=CONTENT_TYPE_LATEST)

    return web


async def _problem(app: App) -> str | None:
    """Why the bot cannot take messages right now, None when it can."""
    try:
        if not await is_migrated(app.database.engine):
            return "the database is not migrated"
    except (SQLAlchemyError, OSError):
        return "the database cannot be reached"
    return None
