"""Pressed buttons and `/support` → what customers asked for by them.

https://docs.slack.dev/reference/interaction-payloads/block_actions-payload
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bot.channels.slack import text
from bot.channels.slack.blocks import ACTION
from bot.channels.slack.facts import Body, Us, at, identifier, is_dm, part, parts, team_of, timestamp, words
from handlers.commands import COMMANDS, action_of
from handlers.messages import IncomingMessage, Kind, Setting

BLOCK_ACTIONS = "block_actions"
WITH_CODE = frozenset({"link", "start"})  # other words after a command make it a sentence


def read_press(body: Body) -> list[IncomingMessage]:
    """Presses of our own buttons. One on the Home tab is followed by drawing that anew. Raises `Unreadable`.

    An empty `chat_id` is the direct conversation with the sender, to be filled in by the gate.
    """
    return [heard for action in parts(body, "actions") for heard in _read_action(action, body)]


def _read_action(action: Body, body: Body) -> Iterator[IncomingMessage]:
    if words(action, "type") != "button" or not words(action, "action_id").startswith(f"{ACTION}-"):
        return
    person = part(body, "user")
    user, when = identifier(person, "id"), timestamp(action, "action_ts")
    label = action.get("text")
    pressed = IncomingMessage(
        channel="slack",
        chat_id="",
        sender_id=f"{team_of(person, body)}:{user}",
        external_id=f"press:{when}:{user}",
        text=words(label, "text") if isinstance(label, dict) else "",
        sent_at=at(when),
        action=words(action, "value"),
    )
    view = body.get("view")
    if isinstance(view, dict):
        pressed = replace(pressed, chat_id=identifier(view, "private_metadata") if view.get("private_metadata") else "")
        yield pressed
        redraw = f"{pressed.external_id}:home"
        yield replace(pressed, external_id=redraw, kind=Kind.OPENED_HOME, text="", action=None)
        return
    placed = _under_a_message(pressed, body)
    if placed is not None:
        yield placed


def _under_a_message(pressed: IncomingMessage, body: Body) -> IncomingMessage | None:
    container = part(body, "container")
    message = body.get("message")
    message = message if isinstance(message, dict) else {}
    channel = identifier(container, "channel_id")
    ts = timestamp(container, "message_ts")
    told = words(container, "thread_ts") or words(message, "thread_ts")
    thread = timestamp({"thread_ts": told}, "thread_ts") if told else ts
    if is_dm(channel, None):
        return replace(pressed, chat_id=channel, about=ts, thread=thread if thread != ts else None)
    return replace(pressed, chat_id=f"{channel}:{thread}", about=ts, thread=thread, setting=Setting.THREAD)


def read_command(body: Body, us: Us, now: datetime) -> IncomingMessage:
    """`/support`, `/support status`, `/support where is my parcel`. Raises `Unreadable`.

    It is typed in any channel, tells no thread, and is nobody else's business: it goes to the direct conversation.
    """
    user = identifier(body, "user_id")
    typed = text.decode(words(body, "text"), us.users)
    name, _, rest = typed.partition(" ")
    is_command = name.lower() in COMMANDS and (not rest or (name.lower() in WITH_CODE and " " not in rest))
    action = action_of(name, rest.strip()) if is_command else None if typed else action_of("help")
    return IncomingMessage(
        channel="slack",
        chat_id="",
        sender_id=f"{team_of({}, body)}:{user}",
        external_id=f"command:{words(body, 'trigger_id') or f'{user}:{now.timestamp():.6f}'}"[:200],
        text=f"{words(body, 'command')} {typed}".strip() if action else typed,
        sent_at=now.astimezone(UTC),
        action=action,
    )
