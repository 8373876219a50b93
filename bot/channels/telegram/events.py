"""A Telegram update → `IncomingMessage`s. Pure: what is known of the bot and the time are arguments.

https://core.telegram.org/bots/api#update
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.channels.telegram.content import attachments_of, text_of
from bot.channels.telegram.fields import Json, UnreadableUpdate, maybe_part, moment, number, part, parts, words
from handlers.commands import action_of
from handlers.messages import IncomingMessage, Kind, Setting

NAME = "telegram"
GENERAL_TOPIC = 1  # must not be named when sending
MOST_ARGUMENT = 64
_COMMAND = re.compile(r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>\w+))?(?:\s+(?P<argument>.*))?", re.DOTALL)
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")  # https://core.telegram.org/bots/features#deep-linking
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


@dataclass(frozen=True)
class Me:
    """The bot itself. `username` is empty until Telegram has been asked."""

    id: int
    username: str = ""


def translate(update: Json, me: Me, now: datetime) -> tuple[IncomingMessage, ...]:
    """What happened, in our words: nothing where it is not ours to hear. Raises `UnreadableUpdate`.

    Identity is the content's, so that the same thing under another update id counts once.
    """
    for name, read in _KINDS.items():
        body = maybe_part(update, name)
        if body is not None:
            return tuple(message for message in (read(body, me, now),) if message is not None)
    return ()


def is_from_group(update: Json) -> bool:
    """Whether who is addressed depends on the bot's name. Raises `UnreadableUpdate`."""
    message = maybe_part(update, "message") or maybe_part(update, "edited_message") or {}
    chat = maybe_part(message, "chat")
    return chat is not None and chat.get("type") in {"group", "supergroup"}


def _said(message: Json, me: Me, _now: datetime) -> IncomingMessage | None:
    chat = part(message, "chat")
    moved_to = message.get("migrate_to_chat_id")
    if moved_to is not None:
        return _moved(message, str(number(message, "migrate_to_chat_id")))
    sender = _person(message)
    said, attachments = text_of(message), attachments_of(message)
    setting = _setting(chat)
    if sender is None or setting is None or not (said or attachments):
        return None
    command = _command(said, me)
    if setting is Setting.GROUP:
        if not (command or _is_mentioned(said, me) or _is_reply_to(message, me)):
            return None
        said = _without_mention(said, me)
    own_id = number(message, "message_id")
    return IncomingMessage(
        channel=NAME,
        chat_id=str(number(chat, "id")),
        sender_id=str(number(sender, "id")),
        external_id=f"{number(chat, 'id')}:{own_id}",
        text=said,
        sent_at=moment(message, "date"),
        sender_name=words(sender, "first_name") or None,
        action=command,
        language_hint=_language(sender),
        setting=setting,
        about=str(own_id),
        thread=_topic(message),
        album=words(message, "media_group_id") or None,
        attachments=attachments,
    )


def _edited(message: Json, me: Me, now: datetime) -> IncomingMessage | None:
    """Two edits within one second differ by what they say. A place shared live is edited every few seconds: where
    somebody walks is not ours to follow."""
    if "location" in message:
        return None
    read = _said(message, me, now)
    if read is None:
        return None
    when = "edit_date" if "edit_date" in message else "date"
    content = _short(read.text, *(attachment.reference for attachment in read.attachments))
    return replace(
        read,
        kind=Kind.EDITED,
        external_id=f"{read.external_id}:edit:{number(message, when)}:{content}",
        sent_at=moment(message, when),
        action=None,  # a command that is edited is not given again
    )


def _moved(message: Json, new_chat_id: str) -> IncomingMessage:
    """A group has become a supergroup, which has another id."""
    chat_id = str(number(part(message, "chat"), "id"))
    return IncomingMessage(
        channel=NAME,
        chat_id=chat_id,
        sender_id=chat_id,
        external_id=f"{chat_id}:moved:{new_chat_id}",
        text="",
        sent_at=moment(message, "date"),
        kind=Kind.MOVED,
        setting=Setting.GROUP,
        about=new_chat_id,
    )


def _pressed(query: Json, _me: Me, now: datetime) -> IncomingMessage | None:
    """A press tells no time. Its message may be too old to be shown: then the button's label is not known."""
    message, action = maybe_part(query, "message"), words(query, "data")
    sender = _one_person(part(query, "from"))
    if message is None or sender is None or not action:
        return None
    setting = _setting(part(message, "chat"))
    if setting is None:
        return None
    return IncomingMessage(
        channel=NAME,
        chat_id=str(number(part(message, "chat"), "id")),
        sender_id=str(number(sender, "id")),
        external_id=f"press:{words(query, 'id')[:64]}",
        text=_label(message, action),
        sent_at=now,
        sender_name=words(sender, "first_name") or None,
        action=action,
        language_hint=_language(sender),
        setting=setting,
        about=str(number(message, "message_id")),
        thread=_topic(message),
    )


def _reacted(reaction: Json, _me: Me, _now: datetime) -> IncomingMessage | None:
    """Who reacts as a channel or an anonymous admin has no `user`."""
    user = maybe_part(reaction, "user")
    sender = _one_person(user) if user else None
    chat = part(reaction, "chat")
    setting = _setting(chat)
    if sender is None or setting is None:
        return None
    before, after = (_emojis(reaction, name) for name in ("old_reaction", "new_reaction"))
    news = [emoji for emoji in after if emoji not in before] or after
    chat_id, message_id = number(chat, "id"), number(reaction, "message_id")
    when = f"{number(sender, 'id')}:{number(reaction, 'date')}:{_short(*before, '>', *after)}"
    return IncomingMessage(
        channel=NAME,
        chat_id=str(chat_id),
        sender_id=str(number(sender, "id")),
        external_id=f"{chat_id}:{message_id}:reaction:{when}",
        text=news[0] if news else "",
        sent_at=moment(reaction, "date"),
        sender_name=words(sender, "first_name") or None,
        language_hint=_language(sender),
        kind=Kind.REACTED,
        setting=setting,
        addressed=setting is Setting.PRIVATE,
        about=str(message_id),
    )


def _membership(change: Json, _me: Me, _now: datetime) -> IncomingMessage | None:
    """In a private chat the bot is "kicked" by being blocked. Groups tell it when we write, with a 403."""
    chat, sender = part(change, "chat"), _one_person(part(change, "from"))
    status = words(part(change, "new_chat_member"), "status")
    kind = {"kicked": Kind.BLOCKED, "member": Kind.UNBLOCKED}.get(status)
    if sender is None or kind is None or _setting(chat) is not Setting.PRIVATE:
        return None
    return IncomingMessage(
        channel=NAME,
        chat_id=str(number(chat, "id")),
        sender_id=str(number(sender, "id")),
        external_id=f"{number(chat, 'id')}:{kind}:{number(change, 'date')}",
        text="",
        sent_at=moment(change, "date"),
        sender_name=words(sender, "first_name") or None,
        language_hint=_language(sender),
        kind=kind,
    )


_KINDS: dict[str, Callable[[Json, Me, datetime], IncomingMessage | None]] = {
    "message": _said,
    "edited_message": _edited,
    "callback_query": _pressed,
    "message_reaction": _reacted,
    "my_chat_member": _membership,
}
ALLOWED_UPDATES = list(_KINDS)
"""What we subscribe to. Reactions are left out by Telegram unless they are asked for."""


def _person(message: Json) -> Json | None:
    """Who said it; None for a channel or an anonymous admin, who speak as a chat, and for bots."""
    sender = maybe_part(message, "from")
    return None if sender is None or message.get("sender_chat") is not None else _one_person(sender)


def _one_person(user: Json) -> Json | None:
    return None if user.get("is_bot") is True else user


def _setting(chat: Json) -> Setting | None:
    """None for a channel."""
    known = {"private": Setting.PRIVATE, "group": Setting.GROUP, "supergroup": Setting.GROUP}
    return known.get(words(chat, "type"))


def _topic(message: Json) -> str | None:
    """A forum's topic. Replies in ordinary supergroups carry a thread id too, which is none of ours."""
    if message.get("is_topic_message") is not True or "message_thread_id" not in message:
        return None
    topic = number(message, "message_thread_id")
    return None if topic == GENERAL_TOPIC else str(topic)


def _language(sender: Json) -> str | None:
    told = words(sender, "language_code")
    return told if _LANGUAGE.fullmatch(told) else None


def _command(text: str, me: Me) -> str | None:
    """The action of a command of ours; None for another bot's, and for what only looks like one."""
    found = _COMMAND.fullmatch(text.strip())
    if found is None or (found["bot"] and found["bot"].lower() != me.username.lower()):
        return None
    return action_of(found["name"], _argument(found["name"].lower(), (found["argument"] or "").strip()))


def _argument(name: str, typed: str) -> str:
    """What a command makes use of. A payload of `/start` was typed by anyone: only what a link of ours could hold."""
    match name:
        case "start":
            return typed if _PAYLOAD.fullmatch(typed) else ""
        case "link":
            return typed[:MOST_ARGUMENT].replace(":", " ")
    return ""


def _mention(me: Me) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@])@{re.escape(me.username)}(?!\w)", re.IGNORECASE)


def _is_mentioned(text: str, me: Me) -> bool:
    """Also as `/command@name`."""
    return bool(me.username) and (
        _mention(me).search(text) is not None
        or re.match(rf"/\w+@{re.escape(me.username)}(?!\w)", text, re.IGNORECASE) is not None
    )


def _without_mention(text: str, me: Me) -> str:
    """What is said to us, without our name, which nobody has to understand."""
    bare = _mention(me).sub("", text) if me.username else text
    return re.sub(r"[ \t]{2,}", " ", bare).strip()


def _is_reply_to(message: Json, me: Me) -> bool:
    answered = maybe_part(message, "reply_to_message") or {}
    author = maybe_part(answered, "from") or {}
    return author.get("id") == me.id


def _label(message: Json, action: str) -> str:
    keyboard = maybe_part(message, "reply_markup") or {}
    rows = keyboard.get("inline_keyboard")
    buttons = [button for row in rows if isinstance(row, list) for button in row] if isinstance(rows, list) else []
    for button in buttons:
        if isinstance(button, dict) and button.get("callback_data") == action:
            return words(button, "text")
    return ""


def _emojis(reaction: Json, name: str) -> list[str]:
    """A custom or paid reaction says nothing in characters."""
    return [emoji for emoji in (words(one, "emoji") for one in parts(reaction, name)) if emoji]


def _short(*content: str) -> str:
    return hashlib.sha256("\0".join(content).encode()).hexdigest()[:12]


__all__ = ["ALLOWED_UPDATES", "GENERAL_TOPIC", "NAME", "Me", "UnreadableUpdate", "is_from_group", "translate"]
