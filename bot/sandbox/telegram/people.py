"""A customer with a Telegram app: what they do, and what they see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.sandbox.telegram.attachments import attached
from bot.sandbox.telegram.chats import Chat, Standing, User
from bot.sandbox.telegram.entities import FormattedText, with_found
from bot.sandbox.telegram.groups import Group, change_standing
from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.messages import Message, Seen, caption_content, text_content
from bot.sandbox.telegram.world import Press, World

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"


@dataclass
class Person:
    """`chat` is the private chat with the bot; the bot may write there once the person has."""

    world: World
    user: User
    chat: Chat
    presses_made: list[Press] = field(default_factory=list)

    @property
    def id(self) -> int:
        return self.user.id

    @property
    def notices(self) -> list[str]:
        """What answers to button presses have shown, in the order of the presses."""
        return [press.notice for press in self.presses_made if press.notice]

    def sees(self, group: Group | None = None) -> list[Seen]:
        """The chat from its beginning, removed messages marked."""
        return self.world.seen(group.chat if group else self.chat)

    def sees_typing(self) -> bool:
        until = self.chat.typing_until
        return until is not None and self.world.clock() < until

    def types(
        self, text: str, group: Group | None = None, *, reply_to: int | None = None, topic: int | None = None
    ) -> Message:
        """Writes a message. `/start` and the like become commands as in the app."""
        return self.sends(text_content(with_found(FormattedText(text))), group, reply_to=reply_to, topic=topic)

    def opens(self, payload: str) -> Message:
        """Follows `https://t.me/<bot>?start=<payload>`."""
        return self.types(f"/start {payload}")

    def sends(
        self,
        content: Json,
        group: Group | None = None,
        *,
        reply_to: int | None = None,
        topic: int | None = None,
        album: str | None = None,
    ) -> Message:
        """Sends any content in the API's shape. Raises ValueError where the app would not let them."""
        chat = group.chat if group else self.chat
        if self.user.is_deactivated or (chat is self.chat and chat.standing is Standing.KICKED):
            raise ValueError(f"{self.user.first_name} cannot write in chat {chat.id}")
        chat.was_started = True
        answered = self.world.message(chat, reply_to) if reply_to else None
        number, now = self.world.next_message_id(chat), self.world.clock()
        message = Message(number, chat, self.user, now, content, reply_to=answered, thread_id=topic, album=album)
        self.world.post(message)
        if group is None or group.bot_hears:
            self.user.was_met = True
            self.world.tell_message(message)
        return message

    def sends_file(
        self,
        kind: str,
        name: str = "file",
        content: bytes = JPEG,
        *,
        caption: str = "",
        mime: str = "",
        size: int | None = None,
        group: Group | None = None,
    ) -> Message:
        """`kind`: photo, document, voice, video, video_note, audio, animation or sticker. `size` may be a claim."""
        stored = self.world.files.store(kind, name, content, mime, size)
        told = caption_content(with_found(FormattedText(caption)))
        return self.sends(attached(self.world.files, stored, kind) | told, group)

    def sends_album(self, captions: Sequence[str], kind: str = "photo", group: Group | None = None) -> list[Message]:
        """One message and one update per picture, all with the same `media_group_id` and no mark of the end."""
        album = str(self.world.number())
        posted = []
        for number, caption in enumerate(captions):
            stored = self.world.files.store(kind, f"{kind}_{number}.jpg", JPEG)
            content = attached(self.world.files, stored, kind) | caption_content(FormattedText(caption))
            posted.append(self.sends(content, group, album=album))
        return posted

    def shares_contact(self, phone: str, first_name: str, user_id: int | None = None) -> Message:
        """Their own number, or somebody else's."""
        whose = {} if user_id is None else {"user_id": user_id}
        return self.sends({"contact": {"phone_number": phone, "first_name": first_name} | whose})

    def shares_location(self, latitude: float, longitude: float) -> Message:
        return self.sends({"location": {"latitude": latitude, "longitude": longitude}})

    def edits(self, message: Message, text: str) -> None:
        """Changes their message. With the same text the bot is still told: edits can come with no visible change."""
        message.earlier.append(message.text)
        found = with_found(FormattedText(text))
        changed = text_content(found) if "text" in message.content else caption_content(found)
        parts = {"text", "entities", "caption", "caption_entities"}
        kept = {name: value for name, value in message.content.items() if name not in parts}
        message.content, message.edited_at = kept | changed, self.world.clock()
        self.world.tell_message(message)

    def removes(self, message: Message) -> None:
        """Deletes a message for both sides. Bots are never told."""
        message.is_removed = True

    def presses(self, label: str, message_id: int | None = None, group: Group | None = None) -> Press:
        """Presses the button whose label begins so, under that message or the last one that has it.

        A removed message can still be pressed by number: a press that was on its way. Raises LookupError.
        """
        chat = group.chat if group else self.chat
        for message in reversed(self.world.messages(chat)):
            if message.id == message_id or (message_id is None and not message.is_removed):
                for button in (button for row in message.inline_keyboard for button in row):
                    if str(button["text"]).startswith(label) and "callback_data" in button:
                        return self.presses_data(message, str(button["callback_data"]))
        raise LookupError(f"no button {label!r} in chat {chat.id}")

    def presses_data(self, message: Message, data: str) -> Press:
        """Sends any data as if a button had it: apps can be forged."""
        press = self.world.tell_press(self.user, message, data)
        self.presses_made.append(press)
        return press

    def reacts(self, message_id: int, *emojis: str) -> None:
        """Sets their reactions; none takes them back."""
        message = self.world.message(self.chat, message_id)
        if message is None:
            raise LookupError(f"no message {message_id}")
        before, message.reactions[self.id] = message.reactions.get(self.id, []), list(emojis)
        body: Json = {
            "chat": self.chat.json(),
            "message_id": message_id,
            "user": self.user.json(),
            "date": int(self.world.clock().timestamp()),
            "old_reaction": [{"type": "emoji", "emoji": emoji} for emoji in before],
            "new_reaction": [{"type": "emoji", "emoji": emoji} for emoji in emojis],
        }
        self.world.updates.add("message_reaction", body, ("reactions", self.chat.id))

    def blocks(self) -> None:
        change_standing(self.world, self.chat, self.user, Standing.KICKED)

    def unblocks(self) -> None:
        change_standing(self.world, self.chat, self.user, Standing.MEMBER)

    def deactivates(self) -> None:
        """Deletes their account. Bots learn it when they write."""
        self.user.is_deactivated = True
