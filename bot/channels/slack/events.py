"""Events → what customers said and did. Knows Slack's JSON and nothing of its SDK.

https://docs.slack.dev/reference/events/message
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.channels.slack import text
from bot.channels.slack.attached import attached
from bot.channels.slack.emoji import glyph
from bot.channels.slack.facts import Body, Us, at, identifier, is_dm, part, team_of, timestamp, words
from handlers.messages import IncomingMessage, Kind, Setting

SAID = frozenset({"", "file_share", "thread_broadcast", "me_message"})  # subtypes that carry a customer's text
SLACKBOT = "USLACKBOT"

Heard = IncomingMessage | None


def read_event(body: Body, us: Us) -> Heard:
    """What an `event_callback` tells of a customer; None: nothing. Raises `Unreadable`.

    Left open, for the gate to fill in: the thread of a reaction in a channel, and the team of somebody in a shared
    channel where the event does not tell it (`sender_id` then begins with a colon).
    """
    event = part(body, "event")
    read = _READERS.get(words(event, "type"))
    return read(event, body, us.knowing(body)) if read else None


def _message(event: Body, body: Body, us: Us) -> Heard:
    channel = identifier(event, "channel")
    match words(event, "subtype"):
        case "message_changed":
            return _changed(event, body, us, channel)
        case "message_deleted":
            return _deleted(event, part(event, "previous_message"), body, us, channel)
        case subtype if subtype in SAID and not _is_automatic(event, body, us) and not _is_about_another(event):
            return _said(event, body, us, channel)
    return None


def _is_about_another(event: Body) -> bool:
    """`message_replied`, which comes without its subtype: the parent of a thread, in a hidden message of no author.

    https://docs.slack.dev/reference/events/message/message_replied
    """
    return event.get("hidden") is True or isinstance(event.get("message"), dict)


def _said(event: Body, body: Body, us: Us, channel: str) -> Heard:
    """A post that names us comes twice, as `message` and as `app_mention`, with the same `ts`."""
    ts = timestamp(event, "ts")
    is_named = words(event, "type") == "app_mention" or text.mentions(words(event, "text"), us.users)
    where = _where(event, channel, ts, event.get("channel_type"), is_named=is_named)
    if where is None:
        return None
    return IncomingMessage(
        channel="slack",
        sender_id=f"{team_of(event, body)}:{identifier(event, 'user')}",
        external_id=f"{channel}:{ts}",
        text=text.text_of(dict(event), us.users),
        sent_at=at(ts),
        about=ts,
        attachments=attached(event),
        **where,
    )


def _changed(event: Body, body: Body, us: Us, channel: str) -> Heard:
    """An edit by its author, or a tombstone; a preview added to a link is neither."""
    now = part(event, "message")
    before = event.get("previous_message")
    before = before if isinstance(before, dict) else {}
    if words(now, "subtype") == "tombstone":
        return _deleted({**event, "deleted_ts": now.get("ts")}, before, body, us, channel)
    edited = now.get("edited")
    if words(now, "subtype") not in SAID or _is_automatic(now, body, us) or not isinstance(edited, dict):
        return None
    if before and words(before, "text") == words(now, "text"):
        return None
    ts = timestamp(now, "ts")
    is_named = text.mentions(words(now, "text"), us.users) or text.mentions(words(before, "text"), us.users)
    where = _where(now, channel, ts, event.get("channel_type"), is_named=is_named)
    if where is None:
        return None
    when = timestamp(edited, "ts")
    return IncomingMessage(
        channel="slack",
        sender_id=f"{team_of(now, body)}:{identifier(now, 'user')}",
        external_id=f"{channel}:{ts}:edited:{when}",
        text=text.text_of(now, us.users),
        sent_at=at(when),
        kind=Kind.EDITED,
        about=ts,
        attachments=attached(now),
        **where,
    )


def _deleted(event: Body, before: Body, body: Body, us: Us, channel: str) -> Heard:
    """Whose it was stands only in what it was. It may arrive before the message itself."""
    if _is_automatic(before, body, us) or words(before, "subtype") not in SAID:
        return None
    ts = timestamp(event, "deleted_ts")
    is_named = text.mentions(words(before, "text"), us.users)
    where = _where(before, channel, ts, event.get("channel_type"), is_named=is_named)
    if where is None:
        return None
    return IncomingMessage(
        channel="slack",
        sender_id=f"{team_of(before, body)}:{identifier(before, 'user')}",
        external_id=f"{channel}:{ts}:deleted",
        text="",
        sent_at=at(words(event, "event_ts") or words(event, "ts") or ts),
        kind=Kind.DELETED,
        about=ts,
        **where,
    )


def _reaction(event: Body, body: Body, us: Us) -> Heard:
    item = part(event, "item")
    if words(item, "type") != "message":
        return None
    channel, ts, user = identifier(item, "channel"), timestamp(item, "ts"), identifier(event, "user")
    is_ours = not us.users or words(event, "item_user") in us.users
    if not is_ours or user in us.users:
        return None
    added = words(event, "type") == "reaction_added"
    when = timestamp(event, "event_ts")
    return IncomingMessage(
        channel="slack",
        chat_id=channel,
        sender_id=f"{team_of(event, body)}:{user}",
        external_id=f"{channel}:{ts}:{words(event, 'type')}:{user}:{words(event, 'reaction')[:80]}:{when}",
        text=glyph(words(event, "reaction")) if added else "",
        sent_at=at(when),
        kind=Kind.REACTED,
        setting=Setting.PRIVATE if is_dm(channel, None) else Setting.THREAD,
        about=ts,
    )


def _home_opened(event: Body, body: Body, _: Us) -> Heard:
    if words(event, "tab") != "home":
        return None
    user, when = identifier(event, "user"), timestamp(event, "event_ts")
    return IncomingMessage(
        channel="slack",
        chat_id=identifier(event, "channel") if event.get("channel") else "",
        sender_id=f"{team_of(event, body)}:{user}",
        external_id=f"home:{user}:{when}",
        text="",
        sent_at=at(when),
        kind=Kind.OPENED_HOME,
    )


def _id_changed(event: Body, body: Body, _: Us) -> Heard:
    """A private channel that is shared from now on, or no longer, goes by another id."""
    old, new = identifier(event, "old_channel_id"), identifier(event, "new_channel_id")
    return IncomingMessage(
        channel="slack",
        chat_id=old,
        sender_id="",
        external_id=f"{old}:moved:{new}",
        text="",
        sent_at=at(words(event, "event_ts") or str(body.get("event_time") or 0)),
        kind=Kind.MOVED,
        setting=Setting.THREAD,
        about=new,
    )


_READERS: dict[str, Callable[[Body, Body, Us], Heard]] = {
    "message": _message,
    "app_mention": _message,
    "reaction_added": _reaction,
    "reaction_removed": _reaction,
    "app_home_opened": _home_opened,
    "channel_id_changed": _id_changed,
}
REMOVED = frozenset({"app_uninstalled", "tokens_revoked"})
CLOSED = frozenset({"channel_archive", "group_archive", "channel_left", "group_left"})
EVENTS = frozenset(_READERS) | REMOVED | CLOSED


def removal(body: Body) -> str | None:
    """The name of the event that says that our token is no longer good."""
    event = body.get("event")
    name = words(event, "type") if isinstance(event, dict) else ""
    if name == "tokens_revoked" and isinstance(event, dict):
        tokens = event.get("tokens")
        is_bots = isinstance(tokens, dict) and bool(tokens.get("bot"))
        return "token_revoked" if is_bots else None
    return name if name in REMOVED else None


def _is_automatic(message: Body, body: Body, us: Us) -> bool:
    """Our own posts come back to us; those of other bots are left alone, or two bots talk for ever."""
    is_ours = bool(message.get("app_id")) and message.get("app_id") == body.get("api_app_id")
    is_bots = bool(message.get("bot_id")) or words(message, "subtype") == "bot_message"
    return is_ours or is_bots or words(message, "user") in us.users | {SLACKBOT}


def _where(message: Body, channel: str, ts: str, kind: object, *, is_named: bool) -> dict[str, Any] | None:
    """The chat: a direct conversation, or a thread in a channel. None: talk among others.

    A reply has a `thread_ts` other than its own `ts`; a parent with replies has its own.
    """
    thread = timestamp(message, "thread_ts") if message.get("thread_ts") else ts
    if is_dm(channel, kind):
        return {"chat_id": channel, "thread": thread if thread != ts else None, "setting": Setting.PRIVATE}
    if thread == ts and not is_named:
        return None
    return {"chat_id": f"{channel}:{thread}", "thread": thread, "setting": Setting.THREAD, "addressed": is_named}
