"""Updates in the shape the Bot API sends them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.channels.telegram.events import Me

Json = dict[str, Any]

ME = Me(7000000001, "dom_i_lampa_bot")
NOW = datetime(2026, 11, 23, 11, 0, 5, tzinfo=UTC)
AT = 1_795_431_600  # 2026-11-23 11:00:00 UTC
ANNA: Json = {
    "id": 5_123_456_789, "is_bot": False, "first_name": "Anna", "last_name": "Nowak", "username": "anna_n",
    "language_code": "pl",
}  # fmt: skip
BOT: Json = {"id": ME.id, "is_bot": True, "first_name": "Dom i Lampa", "username": ME.username}
PRIVATE: Json = {"id": ANNA["id"], "first_name": "Anna", "last_name": "Nowak", "username": "anna_n", "type": "private"}
GROUP: Json = {"id": -1_001_234_567_890, "title": "Osiedle", "type": "supergroup"}


def message(chat: Json = PRIVATE, **content: Any) -> Json:
    told = {"message_id": 41, "from": ANNA, "chat": chat, "date": AT} | content
    return {name: value for name, value in told.items() if value is not None}


def update(kind: str, body: Json, update_id: int = 800_000_001) -> Json:
    return {"update_id": update_id, kind: body}


def said(chat: Json = PRIVATE, **content: Any) -> Json:
    return update("message", message(chat, **content))


def edited(chat: Json = PRIVATE, **content: Any) -> Json:
    return update("edited_message", message(chat, **{"edit_date": AT + 3, **content}))


def pressed(data: str | None = "do:help", **changes: Any) -> Json:
    keyboard = [[{"text": "Tak", "callback_data": "yes"}], [{"text": "Pomoc", "callback_data": "do:help"}]]
    under = message(message_id=40, text="W czym pomóc?", reply_markup={"inline_keyboard": keyboard}) | {"from": BOT}
    query = {"id": "2200476583914522", "from": ANNA, "message": under, "chat_instance": "-77", "data": data} | changes
    return update("callback_query", {name: value for name, value in query.items() if value is not None})


def reacted(before: list[str], after: list[str], chat: Json = PRIVATE, **changes: Any) -> Json:
    told = {
        "chat": chat,
        "message_id": 40,
        "user": ANNA,
        "date": AT,
        "old_reaction": [{"type": "emoji", "emoji": emoji} for emoji in before],
        "new_reaction": [{"type": "emoji", "emoji": emoji} for emoji in after],
    } | changes
    return update("message_reaction", {name: value for name, value in told.items() if value is not None})


def member(status: str, chat: Json = PRIVATE) -> Json:
    user = {"user": BOT, "status": status}
    return update(
        "my_chat_member",
        {"chat": chat, "from": ANNA, "date": AT, "old_chat_member": {"user": BOT, "status": "member"}}
        | {"new_chat_member": user},
    )
