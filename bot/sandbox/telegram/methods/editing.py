"""Changing the bot's own messages: https://core.telegram.org/bots/api#updating-messages"""

from __future__ import annotations

from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.keyboards import read_markup
from bot.sandbox.telegram.messages import Message, caption_content, text_content
from bot.sandbox.telegram.methods.call import Call, Method
from bot.sandbox.telegram.methods.texts import read_caption, read_text
from bot.sandbox.telegram.refusal import bad_request

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
TEXT_PARTS = frozenset({"text", "entities", "link_preview_options"})
CAPTION_PARTS = frozenset({"caption", "caption_entities"})


async def edit_message_text(call: Call) -> Json:
    """Without `reply_markup` the buttons go."""
    content = text_content(read_text(call.arguments))
    preview = call.arguments.loaded("link_preview_options", "link preview options")
    content |= {"link_preview_options": preview} if isinstance(preview, dict) else {}
    message = _editable(call)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    kept = {name: value for name, value in message.content.items() if name not in TEXT_PARTS}
    return _change(call, message, kept | content)


async def edit_message_caption(call: Call) -> Json:
    content = caption_content(read_caption(call.arguments))
    message = _editable(call)
    if "text" in message.content:
        raise bad_request("there is no caption in the message to edit")
    kept = {name: value for name, value in message.content.items() if name not in CAPTION_PARTS}
    return _change(call, message, kept | content)


async def edit_message_reply_markup(call: Call) -> Json:
    message = _editable(call)
    return _change(call, message, message.content)


def _editable(call: Call) -> Message:
    chat = call.world.chat(call.arguments.text("chat_id"))
    chat.check_can_write()
    if "message_id" not in call.arguments:
        raise bad_request("message identifier is not specified")
    message = call.world.message(chat, call.arguments.integer("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    if message.sender is not call.world.bot:
        raise bad_request("message can't be edited")
    return message


def _change(call: Call, message: Message, content: Json) -> Json:
    markup = read_markup(call.arguments)
    if content == message.content and markup == message.markup:
        raise bad_request(NOT_MODIFIED)
    if content != message.content:
        message.earlier.append(message.text)
    message.content, message.markup, message.edited_at = content, markup, call.world.clock()
    return message.json()


METHODS: dict[str, Method] = {
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_reply_markup,
}
