"""Removing messages, for two days: https://core.telegram.org/bots/api#deletemessage"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.sandbox.telegram.chats import Chat, Kind, Standing
from bot.sandbox.telegram.methods.call import Call, Method
from bot.sandbox.telegram.refusal import bad_request

REMOVABLE = timedelta(hours=48)


async def delete_message(call: Call) -> bool:
    """The bot's own, in private chats the customer's too, elsewhere others' only as administrator."""
    chat = call.world.chat(call.arguments.text("chat_id"))
    chat.check_can_write()
    _remove(call, chat, call.arguments.integer("message_id"))
    return True


async def delete_messages(call: Call) -> bool:
    """Up to a hundred; those that are not there are skipped."""
    numbers: Any = call.arguments.loaded("message_ids", "message identifiers")
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= 100:
        raise bad_request("message identifiers must be 1 to 100")
    chat = call.world.chat(call.arguments.text("chat_id"))
    chat.check_can_write()
    for number in numbers:
        if call.world.message(chat, int(number)) is not None:
            _remove(call, chat, int(number))
    return True


def _remove(call: Call, chat: Chat, number: int) -> None:
    message = call.world.message(chat, number)
    if message is None:
        raise bad_request("message to delete not found")
    is_own = message.sender is call.world.bot
    if not is_own and chat.kind is not Kind.PRIVATE and chat.standing is not Standing.ADMINISTRATOR:
        raise bad_request("message can't be deleted")
    if call.world.clock() - message.at > REMOVABLE and chat.standing is not Standing.ADMINISTRATOR:
        raise bad_request("message can't be deleted for everyone")
    message.is_removed = True


METHODS: dict[str, Method] = {"deletemessage": delete_message, "deletemessages": delete_messages}
