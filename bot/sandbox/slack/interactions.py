"""Buttons, modals, shortcuts and slash commands: the payload that goes out, and what the app's answer does.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

from copy import deepcopy

from bot.sandbox.slack import posting
from bot.sandbox.slack.channels import Channel
from bot.sandbox.slack.chat_methods import stored_text
from bot.sandbox.slack.deliveries import Deliveries
from bot.sandbox.slack.fields import WITHOUT_STATE, CannotDo, Typed, elements, filled, find_element, missing, state_of
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.outcome import Outcome
from bot.sandbox.slack.people import User
from bot.sandbox.slack.refusal import Refused
from bot.sandbox.slack.view_faults import check_view
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Workspace

MOST_OPTIONS = 100


class Interactions:
    """Each answers with what the app said within 3 s; there is no second attempt."""

    def __init__(self, space: Workspace, deliveries: Deliveries) -> None:
        self._space, self._deliveries = space, deliveries

    async def press(
        self, user: User, on: Message | View, action_id: str, given: object = None, block_id: str = ""
    ) -> Outcome:
        """`block_actions`; `given` is the option chosen, or the value of the button among several alike."""
        block, element = find_element(_owner(on), action_id, given if isinstance(given, str) else None, block_id)
        action = self._action(block, element, given)
        if element["type"] not in WITHOUT_STATE:
            _typed(on, user).setdefault(block["block_id"], {})[action_id] = filled(element, given)
        payload = self._payload("block_actions", user) | self._where(on, user)
        payload["actions"] = [action]
        return await self._deliveries.ask("interactive", payload)

    def fill(self, user: User, on: Message | View, action_id: str, given: object, block_id: str = "") -> None:
        """Types or chooses in a field that the app is told of only when all is sent."""
        block, element = find_element(_owner(on), action_id, None, block_id)
        _typed(on, user).setdefault(block["block_id"], {})[action_id] = filled(element, given)

    async def suggest(
        self, user: User, on: Message | View, action_id: str, typed: str, block_id: str = ""
    ) -> list[Json]:
        """`block_suggestion`: what the app offers for the letters typed so far; groups come one after the other.

        https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
        """
        block, _ = find_element(_owner(on), action_id, None, block_id)
        payload = self._payload("block_suggestion", user) | self._where(on, user)
        for name in ("trigger_id", "response_url", "state", "hash"):
            payload.pop(name, None)
        payload |= {"action_id": action_id, "block_id": block["block_id"], "value": typed}
        outcome = await self._deliveries.ask("interactive", payload)
        told = outcome.answer if outcome.is_taken and isinstance(outcome.answer, dict) else {}
        groups = [group.get("options") or [] for group in told.get("option_groups") or []]
        offered = [*(told.get("options") or []), *(option for group in groups for option in group)]
        return offered[:MOST_OPTIONS]

    async def submit(self, user: User, view: View, typed: dict[str, object]) -> Outcome:
        """`view_submission`, and what `response_action` makes of the modals. Raises CannotDo for an empty required
        field."""
        values = state_of(view.given, view.typed)
        for block, element in elements(view.given):
            if element["action_id"] in typed:
                values[block["block_id"]][element["action_id"]] = filled(element, typed[element["action_id"]])
        if empty := missing(view.given, values):
            raise CannotDo(f"{', '.join(empty)} has to be filled in")
        view.typed, view.errors = values, {}
        payload = self._payload("view_submission", user) | {"view": view.wire(), "response_urls": []}
        outcome = await self._deliveries.ask("interactive", payload)
        if not outcome.is_taken:
            return outcome
        try:
            self._apply(user, view, outcome.answer if isinstance(outcome.answer, dict) else {})
        except Refused as refused:
            return Outcome(refused.error, outcome.status, outcome.answer)
        return outcome

    async def close(self, user: User, *, whole_stack: bool = False) -> Outcome | None:
        """`view_closed` only where the view asked for it with `notify_on_close`."""
        stack = self._space.views.stack(user.id)
        if not stack:
            raise CannotDo("no modal is open")
        view = stack[-1]
        del stack[0 if whole_stack else -1 :]
        if not view.given.get("notify_on_close"):
            return None
        payload = self._payload("view_closed", user) | {"view": view.wire(), "is_cleared": whole_stack}
        return await self._deliveries.ask("interactive", payload)

    async def message_shortcut(self, user: User, message: Message, callback_id: str) -> Outcome:
        """`message_action`; people of other workspaces do not have it."""
        self._refuse_external(user)
        channel = self._space.channels[message.channel]
        payload = self._payload("message_action", user) | {"callback_id": callback_id, "message_ts": message.ts}
        payload |= {"channel": self._channel(channel), "message": message.wire()}
        payload["action_ts"] = self._space.ids.ts("actions")
        payload["response_url"] = self._response_url("app", channel, user, message.ts)
        return await self._deliveries.ask("interactive", payload)

    async def global_shortcut(self, user: User, callback_id: str) -> Outcome:
        payload = self._payload("shortcut", user) | {"callback_id": callback_id}
        payload["action_ts"] = self._space.ids.ts("actions")
        return await self._deliveries.ask("interactive", payload)

    async def command(self, user: User, channel: Channel, command: str, text: str) -> Outcome:
        """A slash command; a text in its answer is shown to the user alone, or `in_channel`."""
        self._refuse_external(user)
        app = self._space.app
        payload: Json = {
            "token": app.verification_token,
            "team_id": app.team_id,
            "team_domain": app.team_domain,
            "channel_id": channel.id,
            "channel_name": channel.name or "directmessage",
            "user_id": user.id,
            "user_name": user.handle,
            "command": command,
            "text": text,
            "api_app_id": app.app_id,
            "is_enterprise_install": "false",
            "response_url": self._response_url("commands", channel, user, None),
            "trigger_id": self._space.triggers.make(user.id),
        }
        outcome = await self._deliveries.ask("slash_commands", payload)
        answer = {"text": outcome.answer} if isinstance(outcome.answer, str) else outcome.answer or {}
        if outcome.is_taken and (answer.get("text") or answer.get("blocks")):
            self._show(user, channel, answer)
        return outcome

    def _payload(self, kind: str, user: User) -> Json:
        app = self._space.app
        who = {"id": user.id, "username": user.handle, "name": user.handle, "team_id": user.team_id}
        return {
            "type": kind,
            "user": who,
            "api_app_id": app.app_id,
            "token": app.verification_token,
            "team": {"id": app.team_id, "domain": app.team_domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": self._space.triggers.make(user.id),
        }

    def _where(self, on: Message | View, user: User) -> Json:
        if isinstance(on, View):
            return {"container": {"type": "view", "view_id": on.id}, "view": on.wire(), "hash": on.hash}
        channel = self._space.channels[on.channel]
        is_ephemeral = on.only_for is not None
        container = {"type": "message", "message_ts": on.ts, "channel_id": channel.id, "is_ephemeral": is_ephemeral}
        if on.thread_ts:
            container["thread_ts"] = on.thread_ts
        told: Json = {"container": container, "channel": self._channel(channel)}
        told["state"] = {"values": state_of(on.body, on.typed.get(user.id, {}))}
        told["response_url"] = self._response_url("actions", channel, user, on.ts)
        return told if is_ephemeral else told | {"message": on.wire()}

    def _action(self, block: Json, element: Json, given: object) -> Json:
        named = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
        named["action_ts"] = self._space.ids.ts("actions")
        if element["type"] == "button":
            return (
                named
                | {"text": deepcopy(element["text"])}
                | {name: element[name] for name in ("value", "style", "url") if name in element}
            )
        return named | filled(element, given)

    def _channel(self, channel: Channel) -> Json:
        names = {"im": "directmessage", "group": "privategroup"}
        return {"id": channel.id, "name": names.get(str(channel.kind), channel.name)}

    def _response_url(self, kind: str, channel: Channel, user: User, message_ts: str | None) -> str:
        path = self._space.response_urls.make(kind, self._space.app.team_id, channel.id, user.id, message_ts)
        return f"{self._space.url}{path}"

    def _refuse_external(self, user: User) -> None:
        if user.team_id != self._space.app.team_id:
            raise CannotDo("people of other workspaces see neither our commands nor our message shortcuts")

    def _show(self, user: User, channel: Channel, answer: Json) -> None:
        app = self._space.app
        body: Json = {"user": app.bot_user, "bot_id": app.bot_id, "app_id": app.app_id}
        body["text"] = stored_text(str(answer.get("text") or ""))
        if answer.get("blocks"):
            body["blocks"] = answer["blocks"]
        if answer.get("response_type") == "in_channel":
            posting.post(self._space, channel, body)
        else:
            posting.show_only_to(self._space, channel, user.id, body)

    def _apply(self, user: User, view: View, answer: Json) -> None:
        """An empty answer closes the view. Raises Refused for a view Slack would not take."""
        action, stack = answer.get("response_action"), self._space.views.stack(user.id)
        if action == "errors":
            view.errors = dict(answer.get("errors") or {})
        elif action == "clear":
            stack.clear()
        elif action in {"update", "push"}:
            given = answer.get("view") or {}
            check_view(given, kind="modal")
            if action == "update":
                self._space.views.update(view, given)
            else:
                self._space.views.push(user.id, given)
        elif view in stack:
            stack.remove(view)


def _owner(on: Message | View) -> Json:
    return on.given if isinstance(on, View) else on.body


def _typed(on: Message | View, user: User) -> Typed:
    """Each person has their own choices in a message; a view is one person's anyway."""
    return on.typed if isinstance(on, View) else on.typed.setdefault(user.id, {})
