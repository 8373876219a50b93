"""Groups and supergroups, and the bot's place in them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.sandbox.telegram.chats import Chat, Kind, Standing, User
from bot.sandbox.telegram.json_types import Json
from bot.sandbox.telegram.messages import Message
from bot.sandbox.telegram.world import SUPERGROUP, World

ADMINISTRATOR_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories",
)  # fmt: skip
RESTRICTED_RIGHTS = (
    "can_send_messages", "can_send_audios", "can_send_documents", "can_send_photos", "can_send_videos",
    "can_send_video_notes", "can_send_voice_notes", "can_send_polls", "can_send_other_messages",
    "can_add_web_page_previews", "can_change_info", "can_invite_users", "can_pin_messages", "can_manage_topics",
    "can_edit_tag", "can_react_to_messages",
)  # fmt: skip


@dataclass
class Group:
    """A group with its owner. The bot hears everything in it, as if its privacy mode were off."""

    world: World
    chat: Chat
    owner: User

    @property
    def id(self) -> int:
        return self.chat.id

    @property
    def bot_hears(self) -> bool:
        return self.chat.standing not in {Standing.LEFT, Standing.KICKED} and not self.chat.is_deleted

    def kicks_bot(self) -> None:
        change_standing(self.world, self.chat, self.owner, Standing.KICKED)

    def removes_bot(self) -> None:
        change_standing(self.world, self.chat, self.owner, Standing.LEFT)

    def restricts_bot(self) -> None:
        change_standing(self.world, self.chat, self.owner, Standing.RESTRICTED)

    def takes_bot_back(self) -> None:
        change_standing(self.world, self.chat, self.owner, Standing.MEMBER)

    def promotes_bot(self) -> None:
        change_standing(self.world, self.chat, self.owner, Standing.ADMINISTRATOR)

    def vanishes(self) -> None:
        self.chat.is_deleted = True

    def upgrades(self) -> Group:
        """Becomes a supergroup with another id; both chats get a service message that tells the other's id."""
        chat = Chat(-SUPERGROUP - self.world.number(), Kind.SUPERGROUP, self.chat.title, standing=self.chat.standing)
        self.world.chats[chat.id] = chat
        self._says({"migrate_to_chat_id": chat.id})
        self.chat.upgraded_to = chat.id
        new = Group(self.world, chat, self.owner)
        new._says({"migrate_from_chat_id": self.chat.id})
        return new

    def _says(self, content: Json) -> None:
        number, now = self.world.next_message_id(self.chat), self.world.clock()
        self.world.tell_message(self.world.post(Message(number, self.chat, self.owner, now, content)))


def change_standing(world: World, chat: Chat, by: User, standing: Standing) -> None:
    """Changes the bot's place in a chat, and tells it with `my_chat_member`."""
    before, chat.standing = chat.standing, standing
    body: Json = {
        "chat": chat.json(),
        "from": by.json(),
        "date": int(world.clock().timestamp()),
        "old_chat_member": _member(world.bot, before),
        "new_chat_member": _member(world.bot, standing),
    }
    world.updates.add("my_chat_member", body, ("membership", chat.id))


def _member(user: User, standing: Standing) -> Json:
    told: Json = {"user": user.json(), "status": standing.value}
    if standing is Standing.KICKED:
        return told | {"until_date": 0}
    if standing is Standing.ADMINISTRATOR:
        return told | dict.fromkeys(ADMINISTRATOR_RIGHTS, True)
    if standing is Standing.RESTRICTED:
        return told | dict.fromkeys(RESTRICTED_RIGHTS, False) | {"is_member": True, "until_date": 0}
    return told
