"""Entering and leaving conversations, archiving them, and the new id a shared channel gets."""

from __future__ import annotations

from bot.sandbox.slack import posting
from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.workspace import Workspace


def enter(space: Workspace, channel: Channel, user: str, inviter: str = "") -> None:
    """Sends `member_joined_channel` and the `channel_join` message."""
    channel.members.append(user)
    event: Json = {"type": "member_joined_channel", "user": user, "channel": channel.id}
    event |= {"channel_type": _letter(channel), "team": space.app.team_id} | ({"inviter": inviter} if inviter else {})
    space.feed.tell(event, channel)
    body = {"user": user, "text": f"<@{user}> has joined the channel"}
    posting.post(space, channel, body, subtype="channel_join")


def leave(space: Workspace, channel: Channel, user: str) -> None:
    event: Json = {"type": "member_left_channel", "user": user, "channel": channel.id}
    space.feed.tell(event | {"channel_type": _letter(channel), "team": space.app.team_id}, channel)
    channel.members.remove(user)


def put_out_bot(space: Workspace, channel: Channel, user: str) -> None:
    """Somebody removes the bot: the last it hears of the place is `channel_left`."""
    told = {"type": f"{_family(channel)}_left", "channel": channel.id, "actor_id": user}
    space.feed.tell(told, channel)
    channel.members.remove(space.app.bot_user)


def archive(space: Workspace, channel: Channel, user: str) -> None:
    space.feed.tell({"type": f"{_family(channel)}_archive", "channel": channel.id, "user": user}, channel)
    channel.is_archived = True


def unarchive(space: Workspace, channel: Channel, user: str) -> None:
    channel.is_archived = False
    space.feed.tell({"type": f"{_family(channel)}_unarchive", "channel": channel.id, "user": user}, channel)


def rename(space: Workspace, channel: Channel, user: str, name: str) -> None:
    """The id stays."""
    before, channel.name = channel.name, name
    told = {"id": channel.id, "name": name, "created": channel.created}
    space.feed.tell({"type": f"{_family(channel)}_rename", "channel": told}, channel)
    body = {"user": user, "text": f'has renamed the channel from "{before}" to "{name}"'}
    posting.post(space, channel, body | {"old_name": before, "name": name}, subtype=f"{_family(channel)}_name")


def change_id(space: Workspace, channel: Channel) -> str:
    """What happens when a private channel becomes shared: the old id is `channel_not_found` from now on."""
    old, new = channel.id, space.ids.new("C")
    channel.id, channel.is_ext_shared = new, True
    space.channels[new] = space.channels.pop(old)
    space.talk.move(old, new)
    space.ids.renamed(old, new)
    space.feed.tell({"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": new}, channel)
    return old


def _family(channel: Channel) -> str:
    """Of private channels Slack tells by events of their own: `group_archive` and so on."""
    return "channel" if channel.kind is Kind.CHANNEL else "group"


def _letter(channel: Channel) -> str:
    return "C" if channel.kind is Kind.CHANNEL else "G"
