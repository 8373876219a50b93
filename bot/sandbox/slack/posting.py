"""Saying, changing, removing, reacting: each changes the state and tells the app, for people and for the bot alike."""

from __future__ import annotations

from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.workspace import Workspace


def post(
    space: Workspace,
    channel: Channel,
    body: Json,
    *,
    thread_ts: str | None = None,
    subtype: str | None = None,
    metadata: Json | None = None,
) -> Message:
    """Stores a message and sends its `message` event, and `app_mention` beside it where the bot is named."""
    ts = space.ids.ts(channel.id)
    message = space.talk.add(Message(channel.id, ts, body, thread_ts, subtype, metadata))
    event = message.wire() | {"event_ts": ts}
    if message.is_reply:
        parent = space.talk.find(channel.id, thread_ts or "")
        if parent is not None:
            event["parent_user_id"] = parent.author
    space.feed.message(event, channel)
    if _mentions_bot(space, message, channel):
        space.feed.tell(_mention(event, channel), channel)
    return message


def _mentions_bot(space: Workspace, message: Message, channel: Channel) -> bool:
    """There is no `app_mention` in direct messages, nor for what the app itself says."""
    is_own = message.body.get("app_id") == space.app.app_id
    is_said = message.subtype in {None, "thread_broadcast", "file_share", "me_message", "bot_message"}
    return channel.kind is not Kind.DM and not is_own and is_said and f"<@{space.app.bot_user}" in message.text


def _mention(event: Json, channel: Channel) -> Json:
    kept = ("user", "text", "ts", "team", "blocks", "thread_ts", "client_msg_id", "files", "event_ts", "user_team")
    return {"type": "app_mention", "channel": channel.id} | {name: event[name] for name in kept if name in event}


def show_only_to(space: Workspace, channel: Channel, user: str, body: Json, thread_ts: str | None = None) -> Message:
    """An ephemeral message: no event, no way to change it."""
    ts = space.ids.ts(channel.id)
    return space.talk.add(Message(channel.id, ts, body, thread_ts, only_for=user))


def change(space: Workspace, message: Message, body: Json, *, editor: str | None) -> None:
    """Sends `message_changed`; without an `editor` it is no edit (an unfurl, an update that carries blocks)."""
    before = message.wire()
    message.body = message.body | body
    if editor is not None:
        message.edited = {"user": editor, "ts": space.ids.ts(message.channel)}
    changed = {"subtype": "message_changed", "message": message.wire(), "previous_message": before}
    _tell_hidden(space, message.channel, changed)


def remove(space: Workspace, message: Message) -> None:
    """`message_deleted`; a parent with replies becomes a tombstone instead, told of as `message_changed`."""
    before = message.wire()
    if space.talk.replies(message.channel, message.ts):
        message.body = {"user": "USLACKBOT", "text": "This message was deleted.", "hidden": True}
        message.subtype = "tombstone"
        changed = {"subtype": "message_changed", "message": message.wire(), "previous_message": before}
        _tell_hidden(space, message.channel, changed)
        return
    message.is_removed = True
    deleted = {"subtype": "message_deleted", "deleted_ts": message.ts, "previous_message": before}
    _tell_hidden(space, message.channel, deleted)


def _tell_hidden(space: Workspace, channel: str, what: Json) -> None:
    """The outer `ts` is that of the change."""
    ts = space.ids.ts(channel)
    space.feed.message({"type": "message", "hidden": True, "ts": ts, "event_ts": ts, **what}, space.channels[channel])


def react(space: Workspace, message: Message, user: str, name: str, *, added: bool) -> None:
    users = message.reactions.setdefault(name, [])
    if added:
        users.append(user)
    else:
        users.remove(user)
    if not users:
        del message.reactions[name]
    event: Json = {
        "type": "reaction_added" if added else "reaction_removed",
        "user": user,
        "reaction": name,
        "item": {"type": "message", "channel": message.channel, "ts": message.ts},
        "item_user": message.author,
    }
    space.feed.tell(event, space.channels[message.channel])
