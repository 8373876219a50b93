"""What a bot can ask about chats: https://core.telegram.org/bots/api#getchat"""

from __future__ import annotations

from bot.sandbox.telegram.chats import Kind, Standing
from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.methods.call import Call, Method
from bot.sandbox.telegram.refusal import bad_request


async def get_me(call: Call) -> Json:
    return call.world.bot.json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


async def get_chat(call: Call) -> Json:
    chat = call.world.chat(call.arguments.text("chat_id"))
    if chat.kind is not Kind.PRIVATE:
        chat.check_can_write()
    gifts = dict.fromkeys(("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"), False)
    told: Json = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    return chat.json() | told


async def get_chat_member(call: Call) -> Json:
    chat = call.world.chat(call.arguments.text("chat_id"))
    user_id = call.arguments.integer("user_id")
    if user_id == call.world.bot.id:
        return {"user": call.world.bot.json(), "status": chat.standing.value}
    user = call.world.users.get(user_id)
    if user is None:
        raise bad_request("user not found")
    return {"user": user.json(), "status": "member"}


async def leave_chat(call: Call) -> bool:
    chat = call.world.chat(call.arguments.text("chat_id"))
    if chat.kind is Kind.PRIVATE:
        raise bad_request("chat is not a group or supergroup chat")
    chat.standing = Standing.LEFT
    return True


METHODS: dict[str, Method] = {
    "getme": get_me,
    "getchat": get_chat,
    "getchatmember": get_chat_member,
    "leavechat": leave_chat,
}
