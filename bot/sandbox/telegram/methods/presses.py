"""Button presses and reactions: https://core.telegram.org/bots/api#answercallbackquery"""

from __future__ import annotations

from typing import Any

from bot.sandbox.telegram.methods.call import Call, Method
from bot.sandbox.telegram.refusal import bad_request

MOST_NOTICE = 200


async def answer_callback_query(call: Call) -> bool:
    """Ends the spinner on the button; `text` is shown as a notice."""
    text = call.arguments.text("text")
    press = call.world.press(call.arguments.text("callback_query_id"))
    if len(text) > MOST_NOTICE:
        raise bad_request("MESSAGE_TOO_LONG")
    press.was_answered, press.notice, press.is_alert = True, text, call.arguments.truth("show_alert")
    return True


async def set_message_reaction(call: Call) -> bool:
    chat = call.world.chat(call.arguments.text("chat_id"))
    message = call.world.message(chat, call.arguments.integer("message_id"))
    if message is None:
        raise bad_request("message to react not found")
    wanted: Any = call.arguments.loaded("reaction", "reaction types") or []
    if len(wanted) > 1:
        raise bad_request("REACTIONS_TOO_MANY")
    message.reactions[call.world.bot.id] = [str(one.get("emoji")) for one in wanted]
    return True


METHODS: dict[str, Method] = {
    "answercallbackquery": answer_callback_query,
    "setmessagereaction": set_message_reaction,
}
