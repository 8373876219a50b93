"""Slack's way in: over HTTP, or over Socket Mode where there is an app token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import FastAPI
from slack_bolt.async_app import AsyncApp

from bot.channels.slack.bolt import build_bolt
from bot.channels.slack.channel import Slack
from bot.channels.slack.checkup import Checkup
from bot.channels.slack.http import SlackWebhook
from bot.channels.slack.placing import Placing
from bot.channels.slack.reception import AgentsSide, Reception
from bot.channels.slack.sockets import Patience, SocketKeeper
from bot.intake import Intake
from bot.parts import Part
from bot.settings import SettingsError
from handlers.desk import Desk

EVENTS_PATH = "/slack/events"


class SlackGate:
    """With an app token events come to the worker over a socket, and nothing listens over HTTP; else with a signing
    secret to the web process. Raises `SettingsError` without both: unsigned requests are nobody's."""

    def __init__(
        self,
        channel: Slack,
        intake: Intake,
        desk: Callable[[], Desk],
        *,
        signing_secret: str | None,
        app_token: str | None,
        agents_side: AgentsSide | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        patience: Patience | None = None,
    ) -> None:
        if not app_token and not signing_secret:
            raise SettingsError("SLACK_SIGNING_SECRET (for events over HTTP) or SLACK_APP_TOKEN (for Socket Mode)")
        self._client = channel.client
        self._signing_secret = signing_secret or ""
        self._app_token = app_token
        self._patience = patience
        placing = Placing(channel.client, channel.people)
        self._reception = Reception(intake, placing, channel.client.standing, desk, agents_side, clock)

    def add_routes(self, web: FastAPI) -> None:
        if self._app_token:
            return
        webhook = SlackWebhook(self._bolt(), self._signing_secret)
        web.add_api_route(EVENTS_PATH, webhook.take, methods=["POST"], include_in_schema=False, response_model=None)

    def web_parts(self) -> tuple[Part, ...]:
        return () if self._app_token else (self._checkup(),)

    def worker_parts(self) -> tuple[Part, ...]:
        if not self._app_token:
            return ()
        keeper = SocketKeeper(self._bolt, self._client, self._app_token, self._patience)
        return self._checkup(), Part("slack-socket", keeper.run, keeper.stop)

    def _bolt(self) -> AsyncApp:
        return build_bolt(self._client, self._reception, None if self._app_token else self._signing_secret)

    def _checkup(self) -> Part:
        checkup = Checkup(self._client, self._reception.is_called)
        return Part("slack-checkup", checkup.run, checkup.stop)
