"""What Slack sends from the desk's channels → `DeskEvent`. Knows Slack's JSON and nothing of its SDK.

https://docs.slack.dev/reference/interaction-payloads
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Set
from datetime import UTC, datetime
from typing import Any

from bot.channels.slack import text
from bot.channels.slack.attached import attached
from bot.channels.slack.events import CLOSED
from bot.channels.slack.facts import Body, Unreadable, Us, at, identifier, part, parts, team_of, timestamp, words
from bot.desk.events import DeskEvent, DeskKind

SAID = frozenset({"", "file_share", "thread_broadcast", "me_message"})
PREFIX = "desk-"
MORE = "more"  # a menu of actions: its options name them
SEPARATOR = "|"  # parts the number of the ticket from the argument in the value of a button
NUMBER_DIGITS = 9
_NAME = re.compile(r"[a-z_]{1,40}")


def read_event(body: Body, us: Us, channels: Set[str]) -> DeskEvent | None:
    """What an `event_callback` in one of the desk's `channels` tells; None: nothing. Raises `Unreadable`."""
    event = part(body, "event")
    us = us.knowing(body)
    match words(event, "type"):
        case "message" if words(event, "channel") in channels:
            return _message(event, body, us)
        case "reaction_added" | "reaction_removed":
            item = part(event, "item")
            if words(item, "type") == "message" and words(item, "channel") in channels:
                return _reaction(event, item, body, us)
    return None


def _message(event: Body, body: Body, us: Us) -> DeskEvent | None:
    match words(event, "subtype"):
        case "message_changed":
            return _changed(event, body, us)
        case "message_deleted":
            before = event.get("previous_message")
            return _deleted(event, before if isinstance(before, dict) else {}, body, us)
        case subtype if subtype in SAID and not isinstance(event.get("message"), dict):
            return _said(event, body, us)
    return None


def _said(event: Body, body: Body, us: Us) -> DeskEvent | None:
    """Only what is written in a thread is about a ticket; bots' posts, ours too, are nobody's words."""
    thread = words(event, "thread_ts")
    if not thread or thread == words(event, "ts") or _is_bots(event, us):
        return None
    channel, ts = identifier(event, "channel"), timestamp(event, "ts")
    return DeskEvent(
        DeskKind.SAID,
        f"{channel}:{ts}",
        team_of(event, body),
        identifier(event, "user"),
        at(ts),
        channel,
        timestamp(event, "thread_ts"),
        ts,
        text.text_of(dict(event), us.users),
        files=attached(event),
    )


def _changed(event: Body, body: Body, us: Us) -> DeskEvent | None:
    """An edit by its author; a deleted parent that has replies comes as a change into a tombstone."""
    now = part(event, "message")
    before = event.get("previous_message")
    before = before if isinstance(before, dict) else {}
    if words(now, "subtype") == "tombstone":
        return _deleted({**event, "deleted_ts": now.get("ts")}, before or now, body, us)
    edited = now.get("edited")
    if _is_bots(now, us) or not isinstance(edited, dict) or words(before, "text") == words(now, "text"):
        return None
    if not words(now, "thread_ts"):
        return None
    channel, ts, when = identifier(event, "channel"), timestamp(now, "ts"), timestamp(edited, "ts")
    return DeskEvent(
        DeskKind.EDITED,
        f"{channel}:{ts}:edited:{when}",
        team_of(now, body),
        identifier(now, "user"),
        at(when),
        channel,
        timestamp(now, "thread_ts"),
        ts,
        text.text_of(now, us.users),
    )


def _deleted(event: Body, before: Body, body: Body, us: Us) -> DeskEvent | None:
    """Of ours only a deleted card matters: its thread is gone with it. Who deleted it is not told."""
    channel, ts = identifier(event, "channel"), timestamp(event, "deleted_ts")
    when = at(words(event, "event_ts") or words(event, "ts") or ts)
    thread = _ts(before, "thread_ts") or ts
    if thread == ts:
        return DeskEvent(DeskKind.LOST, f"{channel}:{ts}:lost", "", "", when, channel, ts, ts)
    if _is_bots(before, us):
        return None
    user = identifier(before, "user")
    return DeskEvent(
        DeskKind.DELETED, f"{channel}:{ts}:deleted", team_of(before, body), user, when, channel, thread, ts
    )


def _reaction(event: Body, item: Body, body: Body, us: Us) -> DeskEvent | None:
    """It names the message it stands under and not that message's thread."""
    user = identifier(event, "user")
    if user in us.users:
        return None
    channel, ts, when = identifier(item, "channel"), timestamp(item, "ts"), timestamp(event, "event_ts")
    kind = DeskKind.REACTED if words(event, "type") == "reaction_added" else DeskKind.UNREACTED
    name = words(event, "reaction").partition("::")[0][:80]
    return DeskEvent(
        kind, f"{channel}:{ts}:{kind}:{user}:{name}:{when}", team_of(event, body), user, at(when), channel, ts, ts,
        argument=name,
    )  # fmt: skip


def _is_bots(message: Body, us: Us) -> bool:
    return (
        bool(message.get("bot_id")) or words(message, "subtype") == "bot_message" or words(message, "user") in us.users
    )


def read_presses(body: Body) -> list[DeskEvent]:
    """Presses of the desk's own buttons and menus, in a thread, on the Home tab or in a form. Raises `Unreadable`."""
    return list(_presses(body))


def _presses(body: Body) -> Iterator[DeskEvent]:
    person = part(body, "user")
    user = identifier(person, "id")
    container = body.get("container")
    container = container if isinstance(container, dict) else {}
    message = body.get("message")
    message = message if isinstance(message, dict) else {}
    ts = _ts(container, "message_ts")
    thread = _ts(container, "thread_ts") or _ts(message, "thread_ts")
    if not thread and not container.get("is_ephemeral"):
        thread = ts
    for action in parts(body, "actions"):
        if not words(action, "action_id").startswith(PREFIX):
            continue
        name, when = _name(words(action, "action_id")), timestamp(action, "action_ts")
        ticket, argument = _value(chosen(action))
        if name == MORE:
            name, argument = _name(argument), ""
        yield DeskEvent(
            DeskKind.PRESSED,
            f"press:{when}:{user}:{name}:{argument[:60]}",
            team_of(person, body),
            user,
            at(when),
            identifier(container, "channel_id") if ts else "",
            thread,
            ts,
            action=name,
            argument=argument,
            ticket=ticket,
        )


def _ts(owner: Body, name: str) -> str:
    """Empty where there is none."""
    return timestamp(owner, name) if owner.get(name) else ""


def _name(action_id: str) -> str:
    """`desk-take_over-2` → `take_over`: ids are unique within a message."""
    name = action_id.removeprefix(PREFIX).partition("-")[0]
    if not _NAME.fullmatch(name):
        raise Unreadable("no action of ours")
    return name


def _value(value: str) -> tuple[int | None, str]:
    number, _, argument = value.partition(SEPARATOR)
    is_number = number.isascii() and number.isdecimal() and len(number) <= NUMBER_DIGITS
    return (int(number) if is_number else None), argument


def chosen(element: Body) -> str:
    """What an element of a message or form was set to; several choices are joined by commas."""
    for name in ("value", "selected_date", "selected_time", "selected_user", "selected_conversation"):
        if isinstance(element.get(name), str):
            return str(element[name])
    if isinstance(element.get("selected_date_time"), int):
        return str(element["selected_date_time"])
    option = element.get("selected_option")
    if isinstance(option, dict):
        return words(option, "value")
    several = element.get("selected_options")
    if isinstance(several, list):
        return ",".join(words(one, "value") for one in several if isinstance(one, dict))
    users = element.get("selected_users")
    return ",".join(map(str, users)) if isinstance(users, list) else ""


def read_shortcut(body: Body) -> DeskEvent:
    """A message shortcut, in any channel: whether there is a ticket is seen when it is worked. Raises `Unreadable`."""
    person, message, channel = part(body, "user"), part(body, "message"), part(body, "channel")
    user, ts = identifier(person, "id"), timestamp(message, "ts")
    when = _ts(body, "action_ts") or ts
    name = _name(words(body, "callback_id"))
    return DeskEvent(
        DeskKind.PRESSED,
        f"shortcut:{words(body, 'trigger_id')[:60] or when}:{user}:{name}:{ts}",
        team_of(person, body),
        user,
        at(when),
        identifier(channel, "id"),
        _ts(message, "thread_ts") or ts,
        ts,
        action=name,
    )


def read_global_shortcut(body: Body) -> DeskEvent:
    """One from Slack's menu, about nothing that stands anywhere. Raises `Unreadable`."""
    person = part(body, "user")
    user, when = identifier(person, "id"), timestamp(body, "action_ts")
    name = _name(words(body, "callback_id"))
    external_id = f"shortcut:{words(body, 'trigger_id')[:60] or when}:{user}:{name}"
    return DeskEvent(DeskKind.PRESSED, external_id, team_of(person, body), user, at(when), action=name)


def read_question(body: Body, now: datetime) -> DeskEvent:
    """Letters typed into a field of a form that offers choices: nothing is done by it. Raises `Unreadable`."""
    person, about = part(body, "user"), opened_for(part(body, "view"))
    user, when = identifier(person, "id"), now.astimezone(UTC)
    return DeskEvent(DeskKind.PRESSED, "", team_of(person, body), user, when, ticket=ticket_of(about))


def read_submission(body: Body, now: datetime) -> DeskEvent:
    """A form that was sent. Its `private_metadata` is what we put there when it was opened. Raises `Unreadable`."""
    person, view = part(body, "user"), part(body, "view")
    user = identifier(person, "id")
    about = opened_for(view)
    return DeskEvent(
        DeskKind.SUBMITTED,
        f"form:{identifier(view, 'id')}:{user}",
        team_of(person, body),
        user,
        now.astimezone(UTC),
        identifier(about, "channel") if about.get("channel") else "",
        _ts(about, "thread"),
        action=_name(words(view, "callback_id")),
        ticket=ticket_of(about),
        argument=words(about, "argument"),
        values=fields(view),
    )


def place_of(body: Body) -> str:
    """The channel that an event happened in; empty where it tells none."""
    event = part(body, "event")
    item = event.get("item")
    return words(event, "channel") or (words(item, "channel") if isinstance(item, dict) else "")


def renamed(body: Body) -> tuple[str, str] | None:
    """The old and the new id of a channel; None where it tells of something else. Raises `Unreadable`."""
    event = part(body, "event")
    if words(event, "type") != "channel_id_changed":
        return None
    return identifier(event, "old_channel_id"), identifier(event, "new_channel_id")


def is_closed(body: Body) -> bool:
    """Whether the bot cannot write in the channel any more."""
    return words(part(body, "event"), "type") in CLOSED


def opened_for(view: Body) -> dict[str, Any]:
    """Empty where it is none of ours."""
    try:
        about = json.loads(words(view, "private_metadata") or "{}")
    except (ValueError, RecursionError):
        return {}
    return about if isinstance(about, dict) else {}


def ticket_of(about: Body) -> int | None:
    number = about.get("ticket")
    return number if type(number) is int and 0 < number < 10**NUMBER_DIGITS else None


def fields(view: Body) -> dict[str, str]:
    """Each input by the name in its `block_id` (`name` or `name-<drawing>`); one left empty is empty."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, dict) else None
    read: dict[str, str] = {}
    for block_id, elements in (values if isinstance(values, dict) else {}).items():
        for element in (elements if isinstance(elements, dict) else {}).values():
            if isinstance(element, dict):
                read[str(block_id).partition("-")[0]] = chosen(element)
    return read


def block_ids(view: Body) -> dict[str, str]:
    """Each input's `block_id` by its name: errors are shown by the former."""
    blocks = parts(view, "blocks")
    return {words(block, "block_id").partition("-")[0]: words(block, "block_id") for block in blocks}
