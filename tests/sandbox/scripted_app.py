"""An app that answers interactions as it is told: in place of the bot, behind the stand-in's own deliveries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.slack.outcome import Outcome, Parcel
from bot.sandbox.world import DemoWorld
from tests.sandbox.page_scene import slack_bot

Json = dict[str, Any]
Does = Callable[[Json], Awaitable[object]]


@dataclass
class ScriptedApp:
    """`does` is called with the payload, by `action_id`, `callback_id` or, for options, `options`; what it answers
    goes back as the acknowledgement."""

    client: AsyncWebClient
    name: str = "socket"
    got: list[Json] = field(default_factory=list)
    does: dict[str, Does] = field(default_factory=dict)

    async def send(self, parcel: Parcel) -> Outcome:
        if parcel.kind != "interactive":
            return Outcome()
        payload = parcel.payload
        self.got.append(payload)
        does = self.does.get(_name(payload))
        answer = await does(payload) if does else None
        return Outcome(answer=answer if isinstance(answer, dict) else None)

    def opens(self, view: Json) -> Does:
        async def opens(payload: Json) -> None:
            await self.client.views_open(trigger_id=payload["trigger_id"], view=view)

        return opens

    async def posts(self, channel: str, **what: Any) -> str:
        return str((await self.client.chat_postMessage(channel=channel, **what))["ts"])


def scripted(world: DemoWorld) -> ScriptedApp:
    app = ScriptedApp(slack_bot(world))
    world.slack.deliveries.transport = app
    return app


def answers(what: Json) -> Does:
    async def answer(_: Json) -> Json:
        return what

    return answer


def _name(payload: Json) -> str:
    match payload["type"]:
        case "block_actions":
            return str(payload["actions"][0]["action_id"])
        case "block_suggestion":
            return "options"
        case "message_action":
            return str(payload["callback_id"])
        case _:
            return str(payload["view"]["callback_id"])
