"""What happens in the workspace, as event envelopes, for the app that subscribed to it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from bot.sandbox.slack.apps import App
from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.identifiers import Identifiers
from bot.sandbox.slack.json_types import Clock, Json

SUBSCRIPTIONS = {
    Kind.CHANNEL: "message.channels",
    Kind.PRIVATE: "message.groups",
    Kind.DM: "message.im",
    Kind.GROUP_DM: "message.mpim",
}


class Feed:
    """`deliver` takes each envelope; it is called at once and must not wait."""

    def __init__(self, app: App, ids: Identifiers, clock: Clock) -> None:
        self._app, self._ids, self._clock = app, ids, clock
        self.deliver: Callable[[Json], None] = lambda _: None

    def message(self, event: Json, channel: Channel) -> None:
        """Of a conversation the bot is in; an app outside hears nothing of it."""
        if self._app.bot_user in channel.members and SUBSCRIPTIONS[channel.kind] in self._app.events:
            self._send({**event, "channel": channel.id, "channel_type": str(channel.kind)}, channel)

    def tell(self, event: Json, channel: Channel | None = None) -> None:
        """Any other event; where it belongs to a conversation, the bot has to be in that."""
        is_heard = channel is None or self._app.bot_user in channel.members
        if is_heard and event["type"] in self._app.events:
            self._send(event, channel)

    def _send(self, event: Json, channel: Channel | None) -> None:
        now = self._clock()
        event = {**event, "event_ts": event.get("event_ts") or f"{now.timestamp():.6f}"}
        self.deliver(
            {
                "token": self._app.verification_token,
                "team_id": self._app.team_id,
                "context_team_id": self._app.team_id,
                "context_enterprise_id": None,
                "api_app_id": self._app.app_id,
                "event": deepcopy(event),
                "type": "event_callback",
                "event_id": self._ids.new("Ev"),
                "event_time": int(now.timestamp()),
                "authorizations": [
                    {
                        "enterprise_id": None,
                        "team_id": self._app.team_id,
                        "user_id": self._app.bot_user,
                        "is_bot": True,
                        "is_enterprise_install": False,
                    }
                ],
                "is_ext_shared_channel": channel is not None and channel.is_ext_shared,
                "event_context": self._ids.new("4-"),
            }
        )
