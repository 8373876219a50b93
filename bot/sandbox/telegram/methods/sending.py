"""Messages that need no file: https://core.telegram.org/bots/api#sendmessage"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.sandbox.telegram.arguments import Arguments
from bot.sandbox.telegram.chats import Chat
from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.keyboards import read_markup
from bot.sandbox.telegram.messages import Message, text_content
from bot.sandbox.telegram.methods.call import Call, Method
from bot.sandbox.telegram.methods.texts import read_text
from bot.sandbox.telegram.refusal import bad_request

GENERAL_TOPIC = 1
TYPING = timedelta(seconds=5)
ACTIONS = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
        "choose_sticker", "find_location", "record_video_note", "upload_video_note", "record_audio", "upload_audio",
    }
)  # fmt: skip


def post(call: Call, *contents: Json, album: str | None = None) -> list[Message]:
    """Stores the bot's messages, or raises what the bot is told. The typing indicator goes with the first."""
    given, world = call.arguments, call.world
    markup = read_markup(given)
    chat = world.chat(given.text("chat_id"))
    chat.check_can_write()
    thread = _thread(call, chat)
    reply_to = _reply_to(call, chat)
    call.pace.check(chat, len(contents))
    chat.typing_until = None
    return [
        world.post(
            Message(
                world.next_message_id(chat),
                chat,
                world.bot,
                world.clock(),
                content,
                markup,
                reply_to=reply_to,
                thread_id=thread,
                album=album,
                is_protected=given.truth("protect_content"),
            )
        )
        for content in contents
    ]


def _thread(call: Call, chat: Chat) -> int | None:
    """The General topic is number 1, and must not be named."""
    number = call.arguments.integer("message_thread_id")
    if not number:
        return None
    if number == GENERAL_TOPIC or (number not in chat.topics and call.world.message(chat, number) is None):
        raise bad_request("message thread not found")
    return number


def _reply_to(call: Call, chat: Chat) -> Message | None:
    wanted: Any = call.arguments.loaded("reply_parameters", "reply parameters")
    if not isinstance(wanted, dict):
        wanted = {"message_id": call.arguments.integer("reply_to_message_id")}
    number = Arguments({"message_id": str(wanted.get("message_id"))}).integer("message_id")
    if not number:
        return None
    found = call.world.message(chat, number)
    may_miss = wanted.get("allow_sending_without_reply") or call.arguments.truth("allow_sending_without_reply")
    if found is None and not may_miss:
        raise bad_request("message to be replied not found")
    return found


async def send_message(call: Call) -> Json:
    content = text_content(read_text(call.arguments))
    preview = call.arguments.loaded("link_preview_options", "link preview options")
    if isinstance(preview, dict):
        content["link_preview_options"] = preview
    return post(call, content)[0].json()


async def send_location(call: Call) -> Json:
    return post(call, {"location": _place(call)})[0].json()


async def send_venue(call: Call) -> Json:
    given = call.arguments
    venue = {"location": _place(call), "title": given.text("title"), "address": given.text("address")}
    return post(call, {"venue": venue, "location": venue["location"]})[0].json()


async def send_contact(call: Call) -> Json:
    contact = {name: call.arguments.text(name) for name in ("phone_number", "first_name", "last_name", "vcard")}
    for name in ("phone_number", "first_name"):
        if not contact[name]:
            raise bad_request(f'parameter "{name}" is required')
    return post(call, {"contact": {name: value for name, value in contact.items() if value}})[0].json()


def _place(call: Call) -> Json:
    try:
        return {name: float(call.arguments.text(name)) for name in ("latitude", "longitude")}
    except ValueError as error:
        raise bad_request("latitude and longitude must be specified") from error


async def send_chat_action(call: Call) -> bool:
    """Shows the bot at work for 5 s or until its next message."""
    chat = call.world.chat(call.arguments.text("chat_id"))
    if call.arguments.text("action").lower() not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.check_can_write()
    chat.typing_until = call.world.clock() + TYPING
    return True


METHODS: dict[str, Method] = {
    "sendmessage": send_message,
    "sendlocation": send_location,
    "sendvenue": send_venue,
    "sendcontact": send_contact,
    "sendchataction": send_chat_action,
}
