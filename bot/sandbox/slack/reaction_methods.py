"""`reactions.*` and the status line of assistant threads."""

from __future__ import annotations

from bot.sandbox.slack import posting
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.refusal import Refused
from bot.sandbox.slack.workspace import Workspace


def add(space: Workspace, given: Arguments) -> Json:
    message, name = _asked(space, given)
    if space.app.bot_user in message.reactions.get(name, []):
        raise Refused("already_reacted")
    posting.react(space, message, space.app.bot_user, name, added=True)
    return {}


def remove(space: Workspace, given: Arguments) -> Json:
    message, name = _asked(space, given)
    if space.app.bot_user not in message.reactions.get(name, []):
        raise Refused("no_reaction")
    posting.react(space, message, space.app.bot_user, name, added=False)
    return {}


def get(space: Workspace, given: Arguments) -> Json:
    channel = space.channel(given.needed("channel", "channel_not_found"))
    message = space.message(channel.id, given.needed("timestamp", "message_not_found"))
    return {"type": "message", "channel": channel.id, "message": message.wire()}


def assistant_status(space: Workspace, given: Arguments) -> Json:
    """`assistant.threads.*`: taken note of in the journal."""
    channel = space.channel(given.needed("channel_id", "channel_not_found"))
    space.message(channel.id, given.needed("thread_ts", "invalid_thread_ts"))
    return {}


def _asked(space: Workspace, given: Arguments) -> tuple[Message, str]:
    name = given.needed("name", "invalid_name")
    channel = space.channel(given.needed("channel", "channel_not_found"))
    if space.app.bot_user not in channel.members:
        raise Refused("not_in_channel")
    if channel.is_archived:
        raise Refused("is_archived")
    return space.message(channel.id, given.needed("timestamp", "bad_timestamp")), name.strip(":")
