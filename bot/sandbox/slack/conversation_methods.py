"""`conversations.*`: what the bot may read of where people talk."""

from __future__ import annotations

from collections.abc import Sequence

from bot.sandbox.slack import membership
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.channels import Channel, Kind
from bot.sandbox.slack.json_types import Json
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.refusal import Refused
from bot.sandbox.slack.workspace import Workspace

DEFAULT_OBJECTS = 100


def info(space: Workspace, given: Arguments) -> Json:
    channel = _asked(space, given)
    space.need_channel_scope(channel, "read")
    told = channel.info(space.app.bot_user)
    if given.flag("include_num_members"):
        told["num_members"] = len(channel.members)
    return {"channel": told}


def list_all(space: Workspace, given: Arguments) -> Json:
    wanted = set((given.text("types") or "public_channel").replace(" ", "").split(","))
    names = {
        Kind.CHANNEL: "public_channel",
        Kind.PRIVATE: "private_channel",
        Kind.DM: "im",
        Kind.GROUP_DM: "mpim",
    }
    seen = [
        one.info(space.app.bot_user)
        for one in space.channels.values()
        if names[one.kind] in wanted
        and (one.kind is Kind.CHANNEL or space.app.bot_user in one.members)
        and not (one.is_archived and given.flag("exclude_archived"))
    ]
    return _page(space, seen, "channels", given, DEFAULT_OBJECTS)


def members(space: Workspace, given: Arguments) -> Json:
    channel = _asked(space, given)
    space.need_channel_scope(channel, "read")
    return _page(space, list(channel.members), "members", given, DEFAULT_OBJECTS)


def open_dm(space: Workspace, given: Arguments) -> Json:
    """With one user: the same `D…` each time."""
    if "channel" in given:
        return {"channel": {"id": _asked(space, given).id}}
    users = given.needed("users", "users_list_not_supplied").split(",")
    for user in users:
        space.user(user)
    known = any(one.partner == users[0] for one in space.channels.values())
    if len(users) == 1:
        channel = space.dm_with(users[0])
    else:
        name = "mpdm-" + "--".join(space.users[user].handle for user in users)
        channel = space.add_channel(name, Kind.GROUP_DM, [space.app.bot_user, *users])
    told = {"no_op": known, "already_open": known}
    return told | {"channel": channel.info(space.app.bot_user) if given.flag("return_im") else {"id": channel.id}}


def join(space: Workspace, given: Arguments) -> Json:
    channel = _asked(space, given)
    if channel.kind is not Kind.CHANNEL:
        raise Refused("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise Refused("is_archived")
    if space.app.bot_user not in channel.members:
        membership.enter(space, channel, space.app.bot_user)
    return {"channel": channel.info(space.app.bot_user)}


def history(space: Workspace, given: Arguments) -> Json:
    """Newest first, without replies (broadcast ones are there)."""
    channel = _readable(space, given)
    said = [
        one
        for one in reversed(space.talk.standing(channel.id))
        if (not one.is_reply or one.subtype == "thread_broadcast") and _is_between(one, given)
    ]
    return _page_of_messages(space, said, given, DEFAULT_OBJECTS) | {"pin_count": 0}


def replies(space: Workspace, given: Arguments) -> Json:
    """The parent and its replies, oldest first; asked with a reply's `ts`, that reply alone."""
    channel = _readable(space, given)
    ts = given.needed("ts", "thread_not_found")
    parent = space.talk.find(channel.id, ts)
    if parent is None:
        raise Refused("thread_not_found")
    said = [one for one in space.talk.replies(channel.id, ts) if _is_between(one, given)]
    return _page_of_messages(space, [parent, *said], given, 1000)


def _asked(space: Workspace, given: Arguments) -> Channel:
    return space.channel(given.needed("channel", "channel_not_found"))


def _readable(space: Workspace, given: Arguments) -> Channel:
    channel = _asked(space, given)
    space.need_channel_scope(channel, "history")
    if space.app.bot_user not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _is_between(message: Message, given: Arguments) -> bool:
    oldest, latest = given.text("oldest") or "0", given.text("latest") or "9999999999.999999"
    if given.flag("inclusive"):
        return float(oldest) <= float(message.ts) <= float(latest)
    return float(oldest) < float(message.ts) < float(latest)


def _wire(space: Workspace, message: Message, given: Arguments) -> Json:
    answers = space.talk.replies(message.channel, message.ts)
    thread: Json = {}
    if answers:
        writers = list(dict.fromkeys(one.author for one in answers))
        thread = {"thread_ts": message.ts, "reply_count": len(answers), "reply_users": writers}
        thread |= {"latest_reply": answers[-1].ts, "reply_users_count": len(writers)}
    return message.wire(with_metadata=given.flag("include_all_metadata"), with_thread=thread)


def _page_of_messages(space: Workspace, said: list[Message], given: Arguments, default: int) -> Json:
    told = _page(space, said, "messages", given, default)
    told["has_more"] = bool(told["response_metadata"]["next_cursor"])
    return told | {"messages": [_wire(space, one, given) for one in told["messages"]]}


def _page(space: Workspace, items: Sequence[object], name: str, given: Arguments, default: int) -> Json:
    """One page; `next_cursor` is empty on the last."""
    cursor = given.text("cursor") or "at:0"
    if not cursor.startswith("at:") or not cursor[3:].isdigit():
        raise Refused("invalid_cursor")
    start = int(cursor[3:])
    size = min(max(1, given.number("limit", default)), space.most_objects)
    end = start + size
    next_cursor = f"at:{end}" if end < len(items) else ""
    return {name: list(items[start:end]), "response_metadata": {"next_cursor": next_cursor}}
